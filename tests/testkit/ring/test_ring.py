"""Three copies: what a quorum promises, and what it does not."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from hubbub.config.errors import OutcomeUnknownError, StoreError, StoreRetryableError
from hubbub.storage.cassandra.bridge import Bridge
from hubbub.storage.cassandra.options import CassandraOptions
from hubbub.testkit.chance import SeededChance
from hubbub.testkit.clock import VirtualClock, VirtualLoop
from hubbub.testkit.ring.bridge import MemoryBridge
from hubbub.testkit.ring.ring import REPLICAS, Fate, MemoryRing

PUT = "INSERT INTO tips (conv, seq) VALUES (?, ?) USING TIMESTAMP ?"
GET = "SELECT seq FROM tips WHERE conv = ?"
SEAL = "INSERT INTO fences (owner, sealed) VALUES (?, true) IF NOT EXISTS"
SEALED = "SELECT sealed FROM fences WHERE owner = ?"
RAISE = "UPDATE generations SET generation = ? WHERE part = 0 IF generation = ?"
HIGHEST = "SELECT generation FROM generations WHERE part = 0"


class Lab:
    """A ring, and a way to it."""

    def __init__(self, seed: int, fate: Fate | None = None) -> None:
        self.ring = MemoryRing(VirtualClock(), SeededChance(seed))
        self.ring.faults.hint_s = 5.0
        self.bridge = MemoryBridge(self.ring)
        self.fate: Fate | None = fate
        self.bridge.fates = self._fate

    def _fate(self, _: str) -> Fate | None:
        return self.fate

    async def get(self) -> int | None:
        rows = await self.bridge.run(GET, ("c",))
        return rows[0][0] if rows else None

    async def outcome(self, cql: str, *values: Any) -> StoreError | None:
        try:
            await self.bridge.run(cql, values)
        except StoreError as error:
            return error
        return None


def many(work: Any, seeds: int = 40) -> Counter[Any]:
    """What comes of it with different chances."""
    found: Counter[Any] = Counter()
    for seed in range(seeds):
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            found[runner.run(work(seed))] += 1
    return found


def test_what_is_acknowledged_every_later_read_finds_whichever_copy_is_down() -> None:
    async def work(seed: int) -> int | None:
        lab = Lab(seed)
        lab.ring.faults.strays = lab.ring.faults.forgotten = 1.0
        lab.ring.fall(seed % REPLICAS)
        await lab.bridge.run(PUT, ("c", 1, 1))
        lab.ring.rise(seed % REPLICAS)
        lab.ring.fall((seed // REPLICAS) % REPLICAS)
        return await lab.get()

    assert set(many(work)) == {1}


def test_a_read_repairs_what_it_read_of_a_row_and_no_more() -> None:
    put = "INSERT INTO tips (conv, epoch, seq) VALUES (?, ?, ?) USING TIMESTAMP ?"

    async def work(seed: int) -> tuple[Any, ...]:
        lab = Lab(seed, "torn")
        lab.ring.faults.forgotten = 1.0
        await lab.outcome(put, "c", 1, 1, 1)
        first = await lab.bridge.run("SELECT epoch FROM tips WHERE conv = ?", ("c",))
        both = await lab.bridge.run("SELECT epoch, seq FROM tips WHERE conv = ?", ("c",))
        again = await lab.bridge.run("SELECT epoch, seq FROM tips WHERE conv = ?", ("c",))
        assert not first or both[0][0] == 1, "what was read stays"
        assert not both or both[0][1] is None or both == again, "and whole, what was read whole"
        return tuple(both)

    found = set(many(work, 200))
    assert {((1, 1),), ((1, None),)} <= found


def test_a_torn_write_is_seen_or_not_and_once_seen_it_stays() -> None:
    async def work(seed: int) -> tuple[int | None, ...]:
        lab = Lab(seed, "torn")
        lab.ring.faults.forgotten = 0.7
        assert isinstance(await lab.outcome(PUT, "c", 1, 1), OutcomeUnknownError)
        seen = [await lab.get() for _ in range(4)]
        await asyncio.sleep(10)
        seen.append(await lab.get())
        first = next((n for n, each in enumerate(seen) if each), len(seen))
        assert all(seen[first:])
        return seen[0], seen[-1]

    found = many(work)
    assert set(found) == {(None, None), (None, 1), (1, 1)}


def test_a_write_that_surfaces_late_does_not_replace_what_came_after_it() -> None:
    async def work(seed: int) -> int | None:
        lab = Lab(seed, "torn")
        await lab.outcome(PUT, "c", 1, 1)
        lab.fate = None
        await lab.bridge.run(PUT, ("c", 2, 2))
        await asyncio.sleep(10)
        return await lab.get()

    assert set(many(work)) == {2}


def test_what_is_late_is_at_one_copy_at_most_until_it_arrives() -> None:
    async def work(seed: int) -> tuple[int | None, int | None]:
        lab = Lab(seed, "late")
        assert isinstance(await lab.outcome(PUT, "c", 1, 1), OutcomeUnknownError)
        await asyncio.sleep(10)
        lab.ring.fall(0)
        seen = await lab.get()
        lab.ring.arrive()
        lab.ring.rise(0)
        lab.ring.fall(1)
        return seen, await lab.get()

    assert set(many(work)) == {(None, 1), (1, 1)}


@pytest.mark.parametrize(
    ("fate", "error", "found"),
    [
        ("refused", StoreRetryableError, {None}),
        ("lost", OutcomeUnknownError, {None}),
        ("unknown", OutcomeUnknownError, {1}),
    ],
)
def test_the_fates_of_a_write(fate: Fate, error: type[StoreError], found: set[Any]) -> None:
    async def work(seed: int) -> int | None:
        lab = Lab(seed, fate)
        assert type(await lab.outcome(PUT, "c", 1, 1)) is error
        return await lab.get()

    assert set(many(work, 10)) == found


def test_of_two_conditions_at_a_time_one_holds() -> None:
    async def work(seed: int) -> tuple[bool, ...]:
        lab = Lab(seed)
        lab.ring.faults.strays = 0.5
        both = [lab.bridge.start(RAISE, (n, None)) for n in (1, 2)]
        done = [(await each)[0][0] for each in both]
        assert sorted(done) == [False, True]
        assert await lab.bridge.run(HIGHEST) == [(1,)] if done[0] else [(2,)]
        return tuple(done)

    assert len(many(work)) == 2


def test_a_decision_in_doubt_is_taken_up_or_ended_by_the_next_one() -> None:
    async def work(seed: int) -> bool:
        lab = Lab(seed, "torn")
        assert isinstance(await lab.outcome(SEAL, "a"), OutcomeUnknownError)
        lab.fate = None
        known = bool(await lab.bridge.run(SEALED, ("a",), serial=True))
        await asyncio.sleep(20)
        # What a serial read told is so, for those who read at a quorum, too.
        for serial in (False, True):
            assert bool(await lab.bridge.run(SEALED, ("a",), serial=serial)) is known
        assert (await lab.bridge.run(SEAL, ("a",))) == [(not known,)]
        return known

    assert len(many(work)) == 2


def test_a_row_can_be_removed_on_the_condition_that_it_is_there() -> None:
    async def work(seed: int) -> None:
        lab = Lab(seed)
        free = "DELETE FROM names WHERE digest = ? IF EXISTS"
        take = "INSERT INTO names (digest, user) VALUES (?, ?) IF NOT EXISTS"
        for cql, values, done in (
            (free, (b"n",), False),
            (take, (b"n", "u"), True),
            (free, (b"n",), True),
            (take, (b"n", "v"), True),
        ):
            assert await lab.bridge.run(cql, values) == [(done,)]

    many(work, 5)


def test_with_two_copies_down_nothing_is_begun() -> None:
    async def work(seed: int) -> None:
        lab = Lab(seed)
        await lab.bridge.run(PUT, ("c", 1, 1))
        lab.ring.fall(0)
        lab.ring.fall(1)
        for cql, values, serial in (
            (PUT, ("c", 2, 2), False),
            (SEAL, ("a",), False),
            (SEALED, ("a",), True),
            (GET, ("c",), False),
            ("SELECT conv FROM unfinished", (), False),
        ):
            with pytest.raises(StoreRetryableError):
                await lab.bridge.run(cql, values, serial=serial)
        lab.ring.rise(0)
        assert await lab.get() == 1
        assert await lab.bridge.run("SELECT conv FROM tips") == [("c",)]

    many(work, 5)


def test_nothing_goes_wrong_by_itself_once_it_is_over() -> None:
    async def work(seed: int) -> None:
        lab = Lab(seed)
        lab.ring.faults.doubt = 1.0
        assert isinstance(await lab.outcome(PUT, "c", 1, 1), OutcomeUnknownError)
        lab.ring.faults.end()
        assert await lab.outcome(PUT, "c", 1, 1) is None

    many(work, 5)


async def _opened(bridge: MemoryBridge) -> Bridge:
    async with bridge.connected(CassandraOptions()) as way:
        return way


def test_on_the_way_of_one_store_alone_writes_are_refused_or_reads() -> None:
    async def work(seed: int) -> None:
        lab = Lab(seed)
        assert await _opened(lab.bridge) is lab.bridge
        lab.bridge.full = True
        assert isinstance(await lab.outcome(PUT, "c", 1, 1), StoreRetryableError)
        assert await lab.get() is None
        lab.bridge.full, lab.bridge.broken = False, True
        assert await lab.outcome(PUT, "c", 1, 1) is None
        assert isinstance(await lab.outcome(GET, "c"), StoreRetryableError)
        lab.bridge.broken = False
        gone = lab.bridge.start(GET, ("c",))
        gone.cancel()
        await asyncio.sleep(1)
        assert await lab.get() == 1

    many(work, 3)
