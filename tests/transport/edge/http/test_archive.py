"""What an archive is made of, and that it is read a little at a time."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.http_archive import conv_ids, show, write
from tests.support.http_node import HttpNode, open_http_node

from hubbub.actors.bodies import System
from hubbub.actors.commands import GrantReading
from hubbub.config.errors import UnavailableError
from hubbub.config.ids import UserId
from hubbub.config.limits import Limits
from hubbub.storage.records import Account, Contact
from hubbub.transport.edge.http.archive import Chapter, Circle, Opening, Part, Passage, archive

GONE = UserId("u_" + "z" * 20)


async def account_of(node: HttpNode, user: UserId) -> Account:
    account = await node.store.account(user)
    assert account is not None
    return account


async def parts_of(node: HttpNode, user: UserId) -> list[Part]:
    return [part async for part in archive(node.services, await account_of(node, user))]


async def test_an_account_without_conversations_is_profile_and_devices(node: HttpNode) -> None:
    ada = await node.person("Ada")
    (opening,) = await parts_of(node, ada.user)
    assert isinstance(opening, Opening)
    assert (opening.account.name, opening.made_ms) == ("Ada", node.clock.now_ms())
    assert [device.id for device in opening.devices] == [ada.device]


async def test_contacts_and_blocks_come_page_by_page_with_their_names(
    node: HttpNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hubbub.transport.edge.http.archive._LINES", 2)
    ada, bob, cy, dee, eve = [await node.person(name) for name in ("Ada", "Bob", "Cy", "Dee", "E.")]
    told = [
        Contact(ada.user, bob.user, 1, mine=True, theirs=True),
        Contact(ada.user, cy.user, 2, blocked=True),
        Contact(ada.user, GONE, 3, mine=True),
    ]
    untold = [
        Contact(ada.user, dee.user, 4, theirs=True, dismissed=True),
        Contact(bob.user, eve.user, 5, mine=True),
    ]
    for row in told + untold:
        await node.store.put_contact(row)
    circles = [p for p in await parts_of(node, ada.user) if isinstance(p, Circle)]
    assert all(len(circle.people) <= 2 for circle in circles)
    rows = [row for circle in circles for row in circle.people]
    assert rows == sorted(told, key=lambda row: row.peer)
    names = {user: name for circle in circles for user, name in circle.names.items()}
    assert names == {bob.user: "Bob", cy.user: "Cy", GONE: ""}


async def test_every_conversation_comes_with_what_its_actor_grants(node: HttpNode) -> None:
    ada, bob = await node.person("Ada"), await node.person("Bob")
    (direct,), (tea, left) = conv_ids("d", "a"), conv_ids("g", "bc")
    await write(node, direct, bob.user, "hi", "there")
    await write(node, tea, GONE, System("joined", (ada.user,)), "two", "three", "four")
    await write(node, left, bob.user, "one", "two", "three")
    await show(node, ada.user, direct, (1, 2), title="", peer=bob.user)
    await show(node, ada.user, tea, (1, 1), (3, 4))
    await show(node, ada.user, left, (1, 2), title="Cake", until=2)
    opening, *parts = await parts_of(node, ada.user)
    assert isinstance(opening, Opening)
    chapters = [p for p in parts if isinstance(p, Chapter)]
    assert [(c.row.conv, c.title, c.row.until) for c in chapters] == [
        (direct, "Bob", None),
        (tea, "Tea", None),
        (left, "Cake", 2),
    ]
    said = [(m.c, m.s) for p in parts if isinstance(p, Passage) for m in p.messages]
    assert said == [(direct, 1), (direct, 2), (tea, 1), (tea, 3), (tea, 4), (left, 1), (left, 2)]
    names = [p.names for p in parts if isinstance(p, Passage)]
    assert names[1] == {GONE: "", ada.user: "Ada"}
    asked = [command for _, command in node.asker.asked]
    assert all(isinstance(each, GrantReading) and each.user == ada.user for each in asked)


async def test_a_conversation_that_does_not_answer_breaks_it_off(node: HttpNode) -> None:
    ada = await node.person("Ada")
    (tea,) = conv_ids("g", "a")
    await show(node, ada.user, tea)
    node.asker.answers[f"conv:{tea}"] = UnavailableError()
    with pytest.raises(UnavailableError):
        await parts_of(node, ada.user)


async def test_many_conversations_are_listed_to_the_last(
    node: HttpNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hubbub.transport.edge.http.archive._LINES", 2)
    ada = await node.person("Ada")
    convs = conv_ids("g", "abcde")
    for conv in convs:
        await show(node, ada.user, conv)
    parts = await parts_of(node, ada.user)
    assert [p.row.conv for p in parts if isinstance(p, Chapter)] == list(convs)


async def test_no_more_than_a_page_is_read_before_it_is_asked_for() -> None:
    node = await open_http_node(limits=Limits(page_items=3, rate_per_s=0))
    ada = await node.person("Ada")
    (tea,) = conv_ids("g", "a")
    await write(node, tea, ada.user, *(str(n) for n in range(10)))
    await show(node, ada.user, tea, (1, 10))
    read, page = 0, node.store.page

    async def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal read
        found = await page(*args, **kwargs)
        read += len(found)
        return found

    node.store.page = counted  # type: ignore[method-assign]  # counts
    shown = 0
    async for part in archive(node.services, await account_of(node, ada.user)):
        assert read <= shown + 3
        if isinstance(part, Passage):
            shown += len(part.messages)
    assert (shown, read) == (10, 10)
    await node.close()
