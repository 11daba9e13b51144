"""What two people do not want of each other, by itself and in their conversation."""

from __future__ import annotations

import pytest
from tests.support.chat import chatting
from tests.support.clock import ManualClock
from tests.support.two import act, fails, line, pair, pass_time, read_to, states

from hubbub.actors.answers import (
    Acked,
    Described,
    Done,
    Receipts,
    Typing,
)
from hubbub.actors.bodies import Block, LetIn, React, System
from hubbub.actors.direct import Direct
from hubbub.actors.requests import (
    AskContact,
    BlockPerson,
    DescribeRequest,
    SendRequest,
    TypingNotice,
    WatchRequest,
)
from hubbub.config.errors import (
    BlockedError,
    ForbiddenError,
    NotFoundError,
    UnavailableError,
)
from hubbub.config.ids import UserId, direct_id
from hubbub.storage.records import Write

ANA, BO = UserId("u_ana"), UserId("u_bo")


def test_nobody_is_blocked_at_first_and_everything_is_shown() -> None:
    direct = Direct()
    direct.check(ANA)
    assert direct.shows(ANA, BO)
    assert direct.asked is None


def test_the_blocked_one_is_refused_and_the_blocker_is_not() -> None:
    direct = Direct()
    direct.apply(Block(True, 3), ANA)
    direct.check(ANA)
    with pytest.raises(BlockedError):
        direct.check(BO)
    direct.apply(Block(False, 5), ANA)
    direct.check(BO)


def test_a_block_hides_both_from_each_other_but_nobody_from_oneself() -> None:
    direct = Direct()
    direct.apply(Block(True, 3), ANA)
    assert not direct.shows(ANA, BO)
    assert not direct.shows(BO, ANA)
    assert direct.shows(BO, BO)


def test_an_unblock_of_one_leaves_the_block_of_the_other() -> None:
    direct = Direct()
    direct.apply(Block(True, 3), ANA)
    direct.apply(Block(True, 9), BO)
    direct.apply(Block(False, 4), ANA)
    with pytest.raises(BlockedError):
        direct.check(ANA)
    direct.check(BO)


def test_only_what_the_private_log_said_later_is_news() -> None:
    direct = Direct()
    assert direct.news(ANA, 1)
    direct.apply(Block(True, 3), ANA)
    assert [direct.news(ANA, at) for at in (2, 3, 4)] == [False, False, True]
    assert direct.news(BO, 1)


def test_who_is_asked_is_hidden_from_who_asks_until_letting_in() -> None:
    direct = Direct()
    direct.apply(System("created", (ANA, BO), asked=BO), UserId(""))
    assert not direct.shows(BO, ANA)
    assert direct.shows(ANA, BO)
    direct.apply(LetIn(), BO)
    assert direct.shows(BO, ANA)


# --- requests -----------------------------------------------------------------------------------


async def test_a_strangers_first_message_is_a_request_until_it_is_accepted() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, conv = await pair(chat, known=False)
        assert other.texts() == ["text 1"]
        shown = await line(other, conv)
        assert shown.membership.request
        assert not (await line(one, conv)).membership.request
        await one.ask(WatchRequest(chat.next_id(), (other.user,), (conv,)))
        await read_to(chat, other, conv, 2)
        await pass_time(chat, clock, 2)
        assert one.heard(Receipts) == []
        lv = shown.membership.lv
        assert await act(other, AskContact(one.user, "accept"), 1) == Done()
        accepted = await line(other, conv, lv)
        assert not accepted.membership.request
        assert await states(chat, one.user, other.user) == (None, None)
        await pass_time(chat, clock, 2)
        assert [r.read for r in one.heard(Receipts)] == [{other.user: 2}], "what was kept back"
        await read_to(chat, other, conv, 3)
        await pass_time(chat, clock, 2)
        assert [r.read for r in one.heard(Receipts)] == [{other.user: 2}, {other.user: 3}]
        sheet = await one.ask(DescribeRequest(chat.next_id(), conv))
        assert isinstance(sheet, Described)
        assert {m.user: m.read for m in sheet.members}[other.user] == 3


async def test_who_writes_back_lets_the_other_one_in() -> None:
    async with chatting() as chat:
        one, other, conv = await pair(chat, known=False)
        assert isinstance(await one.post(conv, 2, "Are you there?"), Acked)
        assert (await line(other, conv)).membership.request
        assert isinstance(await other.post(conv, 1, "Yes"), Acked)
        assert not (await line(other, conv)).membership.request
        ref = chat.system.lookup(f"conv:{conv}")
        assert ref is not None
        chat.system.kill(ref)
        assert isinstance(await other.post(conv, 2, "Still"), Acked)
        assert not (await line(other, conv)).membership.request


async def test_who_has_written_back_may_accept_as_well() -> None:
    # The two are under way at once, and after a crash of the User the answer may come first.
    async with chatting() as chat:
        one, other, conv = await pair(chat, known=False)
        assert isinstance(await other.post(conv, 1, "Yes"), Acked)
        assert await act(other, AskContact(one.user, "accept"), 1) == Done()
        assert await states(chat, one.user, other.user) == (None, None)
        assert not (await line(other, conv)).membership.request


async def test_a_request_is_one_after_a_crash_too() -> None:
    async with chatting() as chat:
        one, other, conv = await pair(chat, known=False)
        ref = chat.system.lookup(f"conv:{conv}")
        assert ref is not None
        chat.system.kill(ref)
        assert isinstance(await one.post(conv, 2, "text 2"), Acked)
        assert (await line(other, conv)).membership.request
        assert await act(other, AskContact(one.user, "accept"), 1) == Done()
        assert not (await line(other, conv)).membership.request


async def test_whom_one_asked_to_be_a_contact_needs_no_request() -> None:
    async with chatting() as chat:
        ana, bo = await chat.person("ana"), await chat.person("bo")
        one, other = await chat.device(ana), await chat.device(bo)
        await act(one, AskContact(bo, "request"), 1)
        ack = await other.post(ana, 1, "Hello")
        assert isinstance(ack, Acked)
        assert not (await line(one, ack.conv)).membership.request


@pytest.mark.parametrize("write", ["contacts", "nobody"])
async def test_a_stranger_is_not_received_where_none_is_wanted(write: Write) -> None:
    async with chatting() as chat:
        ana, bo = await chat.person("ana"), await chat.person("bo")
        one, other = await chat.device(ana), await chat.device(bo)
        await chat.store.set_write(bo, write)
        assert isinstance(await one.post(bo, 1, "Hello"), ForbiddenError)
        assert other.texts() == []
        assert await chat.store.head(direct_id(ana, bo)) == (0, 0)
        # The conversation that the host begins is one like any other.
        began = await other.post(ana, 1, "Hello yourself")
        assert isinstance(began, Acked)
        assert isinstance(await one.post(began.conv, 1, "Oh"), Acked)


async def test_a_door_that_cannot_be_read_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    async with chatting() as chat:
        ana, bo = await chat.person("ana"), await chat.person("bo")
        one = await chat.device(ana)
        await act(one, BlockPerson(bo, False), 1)  # the conversation is in memory
        with monkeypatch.context() as broken:
            broken.setattr(chat.store, "contact", fails)
            assert isinstance(await one.post(bo, 1, "Hello"), UnavailableError)
        assert isinstance(await one.post(bo, 1, "Hello"), Acked)


# --- what nobody else is told -------------------------------------------------------------------


async def test_a_third_one_does_not_learn_that_somebody_is_blocked() -> None:
    async with chatting() as chat:
        one, other, conv = await pair(chat)
        third = await chat.device(await chat.person("cy"))
        before = await third.post(conv, 1, "Anybody?")
        assert await act(other, BlockPerson(one.user, True), 1) == Done()
        assert isinstance(await one.post(conv, 2, "Hello?"), BlockedError)
        after = await third.post(conv, 1, "Anybody?")
        assert isinstance(before, NotFoundError)
        assert isinstance(after, NotFoundError)
        reaction = SendRequest(chat.next_id(), conv, None, 1, 0, React(2, "👍"))
        assert isinstance(await third.ask(reaction), NotFoundError)


async def test_typing_is_hidden_from_a_stranger_and_across_a_block() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, conv = await pair(chat, known=False)

        async def both_type() -> list[int]:
            for device in (one, other):
                chat.system.tell(device.session, TypingNotice(conv))
            await pass_time(chat, clock, 4)
            return [len(device.heard(Typing)) for device in (one, other)]

        for device in (one, other):
            await device.ask(WatchRequest(chat.next_id(), (), (conv,)))
        assert await both_type() == [0, 1], "the one who asks sees nothing"
        assert await act(other, AskContact(one.user, "accept"), 1) == Done()
        assert await both_type() == [1, 2]
        assert await act(other, BlockPerson(one.user, True), 2) == Done()
        assert await both_type() == [1, 2], "neither sees the other"
