"""A user's list, page after page; and how far every conversation of it goes."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.chat import chatting

from hubbub.actors import heads
from hubbub.actors.answers import Acked, Delivery, Described, HeadsAnswer
from hubbub.actors.commands import ListChange
from hubbub.actors.heads import all_heads, list_pages
from hubbub.actors.requests import ChangeRequest, CreateRequest, Kick, SyncRequest
from hubbub.config.ids import UserId
from hubbub.storage.records import Gone


async def test_every_page_of_the_list_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "_PAGE", 2)
    async with chatting() as chat:
        ana = await chat.person("ana")
        phone = await chat.device(ana)
        expected: dict[str, int] = {}
        for name in ("bo", "cy", "dee", "eli", "fay"):
            ack = await phone.post(await chat.person(name), 1, "Hello")
            assert isinstance(ack, Acked)
            expected[ack.conv] = 2
        assert await all_heads(chat.store, ana) == expected


async def test_a_list_comes_in_pages_under_the_version_it_had_before_the_first() -> None:
    async with chatting() as chat:
        ana = await chat.person("ana")
        phone = await chat.device(ana)
        for name in ("bo", "cy", "dee"):
            await phone.post(await chat.person(name), 1, "Hello")
        pages = [page async for page in list_pages(chat.store, ana, phone.device, 0, 2)]
        assert [(page.lv, len(page.heads), page.more) for page in pages] == [
            (3, 2, True),
            (3, 1, False),
        ]
        (empty,) = [
            page async for page in list_pages(chat.store, UserId("u_x"), phone.device, 0, 2)
        ]
        assert (empty.lv, empty.heads, empty.more) == (0, [], False)


async def test_what_was_left_lately_is_among_the_heads_up_to_leaving() -> None:
    # Who missed the push of it still has it on the screen, and no later push will tell.
    async with chatting() as chat:
        ana, bo = await chat.person("ana"), await chat.person("bo")
        phone, other = await chat.device(ana), await chat.device(bo)
        made = await phone.ask(CreateRequest(chat.next_id(), 1, 0, "Team", (bo,)))
        assert isinstance(made, Described)
        await phone.ask(ChangeRequest(chat.next_id(), made.conv, 1, 0, Kick((bo,))))
        await phone.post(made.conv, 2, "without you")
        assert await all_heads(chat.store, bo) == {made.conv: 2}
        assert await all_heads(chat.store, ana) == {made.conv: 3}
        assert len(other.heard(Delivery)) == 2


async def test_who_was_removed_is_shown_no_more_though_the_own_line_does_not_say_so_yet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with chatting() as chat:
        ana, bo = await chat.person("ana"), await chat.person("bo")
        phone, other = await chat.device(ana), await chat.device(bo)
        made = await phone.ask(CreateRequest(chat.next_id(), 1, 0, "Team", (bo,)))
        assert isinstance(made, Described)
        tell = chat.cluster.tell

        def lose(name: str, message: Any) -> bool:
            return True if isinstance(message, ListChange) else tell(name, message)

        monkeypatch.setattr(chat.cluster, "tell", lose)
        await phone.ask(ChangeRequest(chat.next_id(), made.conv, 1, 0, Kick((bo,))))
        await phone.post(made.conv, 2, "without you")
        row = await chat.store.membership(bo, made.conv)
        assert row is not None and row.until is None, "the line says that bo is here"
        for lv in (0, 9):
            page = await other.ask(SyncRequest(chat.next_id(), lv))
            assert isinstance(page, HeadsAnswer)
            assert (page.heads, page.gone) == ([], [Gone(made.conv, 2)])
        assert await all_heads(chat.store, bo) == {made.conv: 2}
