"""Rows that are changed as a whole: no change is lost between two who make one, nor made twice."""

from __future__ import annotations

import asyncio

import pytest

from hubbub.config.errors import OutcomeUnknownError, StoreRetryableError
from hubbub.storage.cassandra.bridge import Bridge
from hubbub.storage.cassandra.documents import Changed, Documents
from hubbub.storage.cassandra.person import Person
from hubbub.storage.cassandra.store import CassandraStore

from .ring_of_lies import Lies

LOST = OutcomeUnknownError("lost on the way")
EVER = 1 << 30

People = Documents[Person]


def writes(cql: str) -> bool:
    return cql.startswith("UPDATE people")


@pytest.fixture
def bridge(store: CassandraStore) -> Bridge:
    return store._bridge  # pyright: ignore[reportPrivateUsage]


@pytest.fixture
def people(bridge: Bridge) -> People:
    return Documents(bridge, "people", Person)


def one_more(person: Person | None) -> Changed[Person, int]:
    codes = list(person.recovery) if person else []
    return Changed(len(codes), Person(recovery=[*codes, b"code"]))


async def count(people: People) -> int:
    found = await people.get("ann")
    return len(found.recovery) if found else 0


async def test_several_who_change_one_at_once_all_do(bridge: Bridge, people: People) -> None:
    others = Documents(bridge, "people", Person)
    for _ in range(2):
        before = await count(people)
        answers = await asyncio.gather(
            *(each.change("ann", one_more) for each in (people, others) * 2)
        )
        assert sorted(answer for answer, _ in answers) == list(range(before, before + 4))
        assert sorted(version for _, version in answers) == list(range(before + 1, before + 5))


@pytest.mark.parametrize("happens", [True, False])
async def test_a_change_that_nobody_heard_of_is_done_once(
    people: People, lies: Lies, happens: bool
) -> None:
    for times in (1, 3):
        before = await count(people)
        lies.about(writes, LOST, times, happens=happens)
        assert (await people.change("ann", one_more))[0] == before
        assert await count(people) == before + 1


async def test_a_change_that_others_overtook_unheard_is_of_unknown_outcome(
    bridge: Bridge, people: People, lies: Lies
) -> None:
    others = Documents(bridge, "people", Person)
    await people.change("ann", one_more)

    async def overtaken(_: int) -> None:
        for _ in range(2):
            await others.change("ann", one_more)
        lies.about(writes, LOST, 1, happens=True)

    def slow(person: Person | None) -> Changed[Person, int]:
        changed = one_more(person)
        return Changed(changed.answer, changed.document, overtaken)

    with pytest.raises(OutcomeUnknownError, match="by others"):
        await people.change("ann", slow)
    assert await count(people) == 3


async def test_one_who_never_hears_gives_up(people: People, lies: Lies) -> None:
    lies.about(writes, LOST, EVER, happens=False)
    with pytest.raises(OutcomeUnknownError, match="not known"):
        await people.change("ann", one_more)
    assert await count(people) == 0


async def test_one_that_others_are_always_ahead_of_gives_up(bridge: Bridge, people: People) -> None:
    others = Documents(bridge, "people", Person)

    async def overtaken(_: int) -> None:
        await others.change("ann", one_more)

    def slow(person: Person | None) -> Changed[Person, int]:
        changed = one_more(person)
        return Changed(changed.answer, changed.document, overtaken)

    with pytest.raises(StoreRetryableError, match="by several"):
        await people.change("ann", slow)


async def test_one_that_never_came_and_cannot_any_more_is_made_again(
    bridge: Bridge, people: People, lies: Lies
) -> None:
    others = Documents(bridge, "people", Person)
    attempts = 0

    async def overtaken(_: int) -> None:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            await others.change("ann", one_more)
            lies.about(writes, LOST, 1, happens=True)

    def slow(person: Person | None) -> Changed[Person, int]:
        changed = one_more(person)
        return Changed(changed.answer, changed.document, overtaken)

    assert await people.change("ann", slow) == (1, 2)
    assert await count(people) == 2
