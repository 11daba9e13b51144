"""A user's list, page after page; and how far every conversation of it goes."""

from __future__ import annotations

import pytest
from tests.support.chat import chatting
from tests.support.two import pair

from hubbub.actors import heads
from hubbub.actors.answers import Acked, Described
from hubbub.actors.heads import all_heads, list_pages
from hubbub.actors.requests import ChangeRequest, CreateRequest, Leave
from hubbub.config.ids import UserId, self_log


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


async def test_what_was_left_of_late_is_told_up_to_where_it_is_seen() -> None:
    async with chatting() as chat:
        one, other, conv = await pair(chat)
        made = await one.ask(CreateRequest(chat.next_id(), 1, 0, "Team", (other.user,)))
        assert isinstance(made, Described)
        await other.ask(ChangeRequest(chat.next_id(), made.conv, 1, 0, Leave()))
        await one.post(made.conv, 1, "They left")
        assert await all_heads(chat.store, other.user) == {conv: 2}
        assert await all_heads(chat.store, other.user, gone_since=0) == {conv: 2, made.conv: 2}
        lv, _ = await chat.store.head(self_log(other.user))
        assert await all_heads(chat.store, other.user, gone_since=lv) == {conv: 2}


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
