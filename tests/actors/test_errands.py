"""Contacts, blocks and mutes: done once, told until done, taken up after a crash."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from tests.support.chat import chatting
from tests.support.clock import ManualClock
from tests.support.log_faults import refuse_once
from tests.support.two import act, fails, line, pair, pass_time, read_to, states

from hubbub.actors.answers import (
    Acked,
    Behind,
    Delivery,
    Described,
    Done,
    HeadsAnswer,
    PageAnswer,
    Receipts,
)
from hubbub.actors.commands import ListChange
from hubbub.actors.requests import (
    Act,
    ActRequest,
    AskContact,
    BlockPerson,
    CreateRequest,
    DescribeRequest,
    HistoryRequest,
    MuteConv,
    SyncRequest,
    WatchRequest,
)
from hubbub.config.errors import (
    BadRequestError,
    BlockedError,
    CidUsedError,
    InternalError,
    NotFoundError,
    Refusal,
    ResendError,
    StoreRefusedError,
    UnavailableError,
)
from hubbub.config.ids import ConvId, UserId, direct_id, group_id, self_log
from hubbub.storage.memory_faults import FailNext, UnknownNext

GHOST = UserId("u_" + "z" * 20)


# --- groups -------------------------------------------------------------------------------------


async def test_a_group_that_is_refused_for_good_is_owed_to_nobody() -> None:
    async with chatting() as chat:
        one, other, _ = await pair(chat)
        group = group_id(one.device, 1)
        refuse_once(chat, group, StoreRefusedError("a row that cannot be stored"))
        made = await one.ask(CreateRequest(chat.next_id(), 1, 0, "Team", (other.user,)))
        assert isinstance(made, InternalError)
        await chat.settle()
        assert await chat.store.unfinished() == []


async def test_a_group_whose_actor_crashed_with_the_wish_in_hand_is_founded_all_the_same() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, _ = await pair(chat)
        group = group_id(one.device, 1)
        chat.system.tell(
            one.session, CreateRequest(chat.next_id(), 1, 0, "Team", (other.user,)), in_place=True
        )
        while (ref := chat.system.lookup(f"conv:{group}")) is None:  # noqa: ASYNC110 - in its steps
            await asyncio.sleep(0)
        chat.system.kill(ref)
        await chat.hang_up(one)
        assert await chat.store.head(group) == (0, 0)
        await pass_time(chat, clock, 5)
        assert (await chat.store.head(group))[0] == 1
        await pass_time(chat, clock, 5)
        assert await chat.store.unfinished() == []


async def test_who_hears_of_a_conversation_late_is_told_how_far_it_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What told the User of it was lost, and with it, perhaps, everything that was pushed.
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, _ = await pair(chat)
        group, cluster = group_id(one.device, 1), chat.cluster
        tell = cluster.tell

        def lossy(name: str, message: object) -> bool:
            return isinstance(message, ListChange) or tell(name, message)

        def lose(users: Sequence[str], message: object) -> None:
            pass

        with monkeypatch.context() as lost:
            lost.setattr(cluster, "fan_out", lose)
            lost.setattr(cluster, "tell", lossy)
            await one.ask(CreateRequest(chat.next_id(), 1, 0, "Team", (other.user,)))
        assert other.heard(Behind) == []
        await pass_time(chat, clock, 5)
        assert other.heard(Behind) == [Behind({group: 1})]


# --- blocks -------------------------------------------------------------------------------------


async def test_a_blocked_one_is_refused_and_the_blocker_hears_nothing() -> None:
    async with chatting() as chat:
        one, other, conv = await pair(chat)
        assert await act(other, BlockPerson(one.user, True), 1) == Done()
        assert isinstance(await one.post(conv, 2, "text 2"), BlockedError)
        assert isinstance(await one.post(other.user, 2, "text 2"), BlockedError)
        assert other.texts() == ["text 1"]
        assert (await line(other, conv)).count == 1
        assert await act(other, BlockPerson(one.user, False), 2) == Done()
        assert isinstance(await one.post(conv, 2, "text 2"), Acked)
        assert other.texts() == ["text 1", "text 2"]


async def test_a_send_that_was_taken_before_the_block_keeps_its_ack() -> None:
    async with chatting() as chat:
        one, other, conv = await pair(chat)
        await act(other, BlockPerson(one.user, True), 1)
        again = await one.post(conv, 1, "text 1")
        assert isinstance(again, Acked)
        assert again.dup


async def test_a_block_is_no_message_to_anybody() -> None:
    async with chatting() as chat:
        one, other, conv = await pair(chat)
        before = len(one.heard(Delivery)), len(other.heard(Delivery))
        await act(other, BlockPerson(one.user, True), 1)
        assert (len(one.heard(Delivery)), len(other.heard(Delivery))) == before
        seen = (await line(one, conv)).last
        assert seen is not None
        assert (seen.entry.kind, seen.entry.seq) == ("text", 2)
        hidden = await one.ask(HistoryRequest(chat.next_id(), conv, None, None, 3, 1))
        assert isinstance(hidden, NotFoundError)
        page = await one.ask(HistoryRequest(chat.next_id(), conv, 0, None, None, 50))
        assert isinstance(page, PageAnswer)
        assert page.last == 3


async def test_somebody_is_blocked_before_a_word_was_said() -> None:
    async with chatting() as chat:
        ana, bo = await chat.person("ana"), await chat.person("bo")
        one, other = await chat.device(ana), await chat.device(bo)
        assert await act(other, BlockPerson(ana, True), 1) == Done()
        assert isinstance(await one.post(bo, 1, "Hello"), BlockedError)
        assert await chat.store.membership(bo, direct_id(ana, bo)) is None
        # The blocker may begin; what the other one answers stays out.
        began = await other.post(ana, 1, "I changed my mind")
        assert isinstance(began, Acked)
        assert isinstance(await one.post(began.conv, 1, "Did you?"), BlockedError)
        await act(other, BlockPerson(ana, False), 2)
        assert isinstance(await one.post(began.conv, 1, "Did you?"), Acked)
        assert other.texts() == ["Did you?"]


async def test_a_block_stands_after_the_conversation_was_killed_and_from_its_snapshot() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, conv = await pair(chat)
        await act(other, BlockPerson(one.user, True), 1)
        ref = chat.system.lookup(f"conv:{conv}")
        assert ref is not None
        chat.system.kill(ref)
        assert isinstance(await one.post(conv, 2, "text 2"), BlockedError)
        for _ in range(3):
            await pass_time(chat, clock, 200)
        assert chat.system.lookup(f"conv:{conv}") is None
        assert isinstance(await one.post(conv, 2, "text 2"), BlockedError)


async def test_in_a_group_a_block_changes_nothing() -> None:
    async with chatting() as chat:
        one, other, _ = await pair(chat)
        made = await one.ask(CreateRequest(chat.next_id(), 1, 0, "Team", (other.user,)))
        assert isinstance(made, Described)
        await act(other, BlockPerson(one.user, True), 1)
        assert isinstance(await one.post(made.conv, 1, "to all"), Acked)
        assert "to all" in other.texts()


async def test_a_block_hides_receipts_and_cursors_both_ways() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, conv = await pair(chat)
        for device in (one, other):
            await device.ask(WatchRequest(chat.next_id(), (), (conv,)))
        await act(other, BlockPerson(one.user, True), 1)
        for device in (one, other):
            await read_to(chat, device, conv, 2)
        await pass_time(chat, clock, 2)
        for device in (one, other):
            # Each hears of the own cursor alone.
            assert all(list(r.read) == [device.user] for r in device.heard(Receipts))
            sheet = await device.ask(DescribeRequest(chat.next_id(), conv))
            assert isinstance(sheet, Described)
            assert {m.user: m.read for m in sheet.members if m.read} == {device.user: 2}


async def test_a_block_that_could_not_be_told_is_told_again() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, conv = await pair(chat)
        refuse_once(chat, conv)
        request = ActRequest(chat.next_id(), 1, 0, BlockPerson(one.user, True))
        other.unanswered.append(request)
        chat.system.tell(other.session, request, in_place=True)
        await chat.settle()
        assert request.id not in [re for re, _ in other.outbox.answers]
        assert await chat.store.unfinished() == [self_log(other.user)]
        await pass_time(chat, clock, 5)
        assert (request.id, Done()) in other.outbox.answers
        assert isinstance(await one.post(conv, 2, "text 2"), BlockedError)
        assert await chat.store.unfinished() == []


async def test_a_block_whose_user_crashed_is_taken_up_by_its_successor() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, conv = await pair(chat)
        refuse_once(chat, conv)
        chat.system.tell(
            other.session, ActRequest(chat.next_id(), 1, 0, BlockPerson(one.user, True))
        )
        await chat.settle()
        ref = chat.system.lookup(f"user:{other.user}")
        assert ref is not None
        chat.system.kill(ref)
        # Any message brings the name back; what is left of it comes from the log.
        await chat.device(other.user, "laptop")
        await pass_time(chat, clock, 1)
        assert isinstance(await one.post(conv, 2, "text 2"), BlockedError)
        row = await chat.store.contact(other.user, one.user)
        assert row is not None
        assert row.blocked
        assert await chat.store.unfinished() == []


async def test_an_act_is_done_once_whatever_is_asked_again() -> None:
    for fault in (FailNext(), UnknownNext()):
        async with chatting() as chat:
            one, other, conv = await pair(chat)
            chat.store.faults.append(fault)
            assert isinstance(await act(other, BlockPerson(one.user, True), 1), UnavailableError)
            assert await act(other, BlockPerson(one.user, True), 1) == Done()
            assert await act(other, BlockPerson(one.user, True), 1) == Done()
            used = await act(other, BlockPerson(one.user, False), 1)
            assert isinstance(used, CidUsedError)
            assert isinstance(await act(other, BlockPerson(one.user, False), 3, 2), ResendError)
            assert isinstance(await one.post(conv, 2, "text 2"), BlockedError)


@pytest.mark.parametrize("do", ["block", "request", "accept", "remove"])
async def test_oneself_and_nobody_are_refused_and_use_up_nothing(do: str) -> None:
    async with chatting() as chat:
        one, other, _ = await pair(chat)

        def about(user: UserId) -> Act:
            return BlockPerson(user, True) if do == "block" else AskContact(user, do)  # type: ignore[arg-type]  # one of them

        assert isinstance(await act(one, about(one.user), 1), BadRequestError)
        for nobody in (GHOST, UserId("nobody")):
            assert isinstance(await act(one, about(nobody), 1), NotFoundError)
        assert await act(one, BlockPerson(other.user, False), 1) == Done()


async def test_a_closed_account_can_be_let_go_of() -> None:
    async with chatting() as chat:
        one, other, _ = await pair(chat)
        await act(one, BlockPerson(other.user, True), 1)
        await chat.store.set_disabled(other.user, True)
        assert await act(one, BlockPerson(other.user, False), 2) == Done()
        assert await act(one, AskContact(other.user, "remove"), 3) == Done()
        refused = await act(one, AskContact(other.user, "request"), 4)
        assert isinstance(refused, NotFoundError)


# --- contacts -----------------------------------------------------------------------------------


async def test_a_contact_is_asked_for_accepted_and_ended() -> None:
    async with chatting() as chat:
        ana, bo = await chat.person("ana"), await chat.person("bo")
        one, other = await chat.device(ana), await chat.device(bo)
        early = await act(other, AskContact(ana, "accept"), 1)
        assert isinstance(early, NotFoundError)
        assert await act(one, AskContact(bo, "request"), 1) == Done()
        assert await states(chat, ana, bo) == ("asked", "asks")
        assert await act(other, AskContact(ana, "accept"), 1) == Done()
        assert await states(chat, ana, bo) == ("mutual", "mutual")
        assert await act(one, AskContact(bo, "remove"), 2) == Done()
        # Who was left is not told more than that it is not mutual any more.
        assert await states(chat, ana, bo) == (None, "asked")
        assert await act(other, AskContact(ana, "request"), 2) == Done()
        assert await states(chat, ana, bo) == ("asks", "asked")
        assert await chat.store.unfinished() == []


async def test_two_who_ask_each_other_are_contacts() -> None:
    async with chatting() as chat:
        ana, bo = await chat.person("ana"), await chat.person("bo")
        one, other = await chat.device(ana), await chat.device(bo)
        await act(one, AskContact(bo, "request"), 1)
        await act(other, AskContact(ana, "request"), 1)
        assert await states(chat, ana, bo) == ("mutual", "mutual")


async def test_one_who_is_blocked_asks_unseen() -> None:
    async with chatting() as chat:
        ana, bo = await chat.person("ana"), await chat.person("bo")
        one, other = await chat.device(ana), await chat.device(bo)
        await act(other, BlockPerson(ana, True), 1)
        assert await act(one, AskContact(bo, "request"), 1) == Done()
        assert await states(chat, ana, bo) == ("asked", None)
        refused = await act(other, AskContact(ana, "accept"), 2)
        assert isinstance(refused, NotFoundError)


async def test_a_dismissed_request_stays_so_after_a_crash_of_who_asked() -> None:
    async with chatting() as chat:
        ana, bo = await chat.person("ana"), await chat.person("bo")
        one, other = await chat.device(ana), await chat.device(bo)
        await act(one, AskContact(bo, "request"), 1)
        await act(other, AskContact(ana, "remove"), 1)
        ref = chat.system.lookup(f"user:{ana}")
        assert ref is not None
        chat.system.kill(ref)
        # The successor finds the request in its log, and tells of it once more.
        await chat.device(ana, "laptop")
        await chat.settle()
        assert await states(chat, ana, bo) == ("asked", None)


async def test_a_contact_whose_other_side_failed_is_told_again() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        ana, bo = await chat.person("ana"), await chat.person("bo")
        one = await chat.device(ana)
        refuse_once(chat, self_log(bo))
        request = ActRequest(chat.next_id(), 1, 0, AskContact(bo, "request"))
        chat.system.tell(one.session, request, in_place=True)
        await chat.settle()
        assert await states(chat, ana, bo) == ("asked", None)
        for _ in range(2):
            await pass_time(chat, clock, 5)
        assert await states(chat, ana, bo) == ("asked", "asks")
        assert (request.id, Done()) in one.outbox.answers
        assert await chat.store.unfinished() == []


# --- mutes --------------------------------------------------------------------------------------


async def test_a_mute_is_in_the_list_of_every_device_and_outlives_changes_of_the_line() -> None:
    async with chatting() as chat:
        one, other, conv = await pair(chat, known=False)
        tablet = await chat.device(other.user, "tablet")
        before = await tablet.ask(SyncRequest(chat.next_id(), 0))
        assert isinstance(before, HeadsAnswer)
        assert await act(other, MuteConv(conv, 99), 1) == Done()
        assert (await line(tablet, conv, before.lv)).membership.mute == 99
        assert (await line(one, conv)).membership.mute == 0
        assert isinstance(await other.post(conv, 1, "This changes the line"), Acked)
        after = (await line(tablet, conv)).membership
        assert (after.mute, after.request) == (99, False)
        assert await act(other, MuteConv(conv, 0), 2) == Done()
        assert (await line(tablet, conv)).membership.mute == 0
        assert await act(other, MuteConv(conv, 0), 2) == Done()


async def test_only_ones_own_conversations_are_muted() -> None:
    async with chatting() as chat:
        one, _, conv = await pair(chat)
        third = await chat.device(await chat.person("cy"))
        assert isinstance(await act(third, MuteConv(conv, 99), 1), NotFoundError)
        assert isinstance(await act(one, MuteConv(ConvId("g_x"), 99), 1), NotFoundError)


async def test_a_store_that_cannot_read_makes_an_act_unavailable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with chatting() as chat:
        one, other, conv = await pair(chat)
        with monkeypatch.context() as broken:
            broken.setattr(chat.store, "membership", fails)
            refused = await act(one, MuteConv(conv, 99), 1)
            assert isinstance(refused, Refusal)
            assert refused.code == "unavailable"
        assert await act(one, MuteConv(conv, 99), 1) == Done()
        assert await act(one, BlockPerson(other.user, True), 2) == Done()


async def test_a_row_that_could_not_be_written_is_written_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, conv = await pair(chat)
        request = ActRequest(chat.next_id(), 1, 0, BlockPerson(other.user, True))
        with monkeypatch.context() as broken:
            broken.setattr(chat.store, "put_contact", fails)
            chat.system.tell(one.session, request, in_place=True)
            await chat.settle()
        assert request.id not in [re for re, _ in one.outbox.answers]
        undo = ActRequest(chat.next_id(), 2, 1, BlockPerson(other.user, False))
        assert await one.ask(undo) == Done()
        await pass_time(chat, clock, 5)
        assert (request.id, Done()) in one.outbox.answers
        row = await chat.store.contact(one.user, other.user)
        assert row is not None
        assert not row.blocked
        assert isinstance(await other.post(conv, 1, "Back"), Acked)
