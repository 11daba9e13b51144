"""How far members got, told on; through a conversation, since it is a part of one."""

from __future__ import annotations

import pytest
from tests.support.chat import chatting
from tests.support.clock import ManualClock
from tests.support.two import fails

from hubbub.actors.answers import Receipts, Typing
from hubbub.actors.requests import CursorNotice, TypingNotice, WatchRequest
from hubbub.config.errors import UnavailableError
from hubbub.config.ids import direct_id
from hubbub.storage.memory_faults import FailNext


async def test_receipts_go_to_who_watches_at_most_once_an_interval_and_to_the_store() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        ann, bob = await chat.person("ann"), await chat.person("bob")
        await chat.acquaint(ann, bob)
        one, other = await chat.device(ann), await chat.device(bob)
        for n in range(1, 4):
            await one.post(bob if n == 1 else direct_id(ann, bob), n, f"text {n}")
        conv = direct_id(ann, bob)
        await one.ask(WatchRequest(90, (), (conv,)))
        for seq in (2, 3):
            chat.system.tell(other.session, CursorNotice(conv, "recv", seq))
        await chat.settle()
        clock.advance(chat.limits.receipts_every_s)
        await chat.settle()
        chat.system.tell(other.session, CursorNotice(conv, "read", 3))
        await chat.settle()
        before = len(one.heard(Receipts))
        clock.advance(chat.limits.receipts_every_s / 2)
        await chat.settle()
        assert len(one.heard(Receipts)) == before, "the interval is not over"
        clock.advance(chat.limits.receipts_every_s)
        await chat.settle()
        last = one.heard(Receipts)[-1]
        assert (last.recv[bob], last.read[bob]) == (3, 3)
        page = await chat.store.heads(bob, other.device, since=0, after=None, limit=9)
        assert [getattr(h, "cursors").read for h in page.heads] == [3]  # noqa: B009


async def test_typing_goes_to_the_others_who_watch() -> None:
    async with chatting() as chat:
        ann, bob = await chat.person("ann"), await chat.person("bob")
        await chat.acquaint(ann, bob)
        one, other = await chat.device(ann), await chat.device(bob)
        await one.post(bob, 1, "text 1")
        conv = direct_id(ann, bob)
        for device in (one, other):
            await device.ask(WatchRequest(90, (), (conv,)))
        chat.system.tell(one.session, TypingNotice(conv))
        await chat.settle()
        assert other.heard(Typing) == [Typing(conv, ann)]
        assert one.heard(Typing) == []


async def test_cursors_are_told_on_after_a_time_in_which_nothing_could_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        ann, bob = await chat.person("ann"), await chat.person("bob")
        await chat.acquaint(ann, bob)
        one, other = await chat.device(ann), await chat.device(bob)
        await one.post(bob, 1, "text 1")
        conv = direct_id(ann, bob)
        chat.system.tell(other.session, CursorNotice(conv, "recv", 2))
        await chat.settle()
        with monkeypatch.context() as broken:
            broken.setattr(chat.store, "activate", fails)
            chat.store.faults.append(FailNext())
            assert isinstance(await one.post(conv, 2, "text 2"), UnavailableError)
            clock.advance(chat.limits.receipts_every_s)
            await chat.settle()
        chat.system.tell(other.session, CursorNotice(conv, "read", 2))
        await chat.settle()
        clock.advance(chat.limits.receipts_every_s)
        await chat.settle()
        page = await chat.store.heads(bob, other.device, since=0, after=None, limit=9)
        assert [getattr(h, "cursors").read for h in page.heads] == [2]  # noqa: B009
