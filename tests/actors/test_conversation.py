"""A conversation's actor under faults of the store, crashes and time."""

from __future__ import annotations

from typing import Any

from tests.support.chat import Chat, Device, chatting
from tests.support.clock import ManualClock
from tests.support.log_faults import refuse_once

from hubbub.actors.answers import (
    Acked,
    Behind,
    Delivery,
    Described,
    HeadsAnswer,
    PageAnswer,
    Receipts,
)
from hubbub.actors.answers import Done as Answered
from hubbub.actors.bodies import Text
from hubbub.actors.conversation import ConversationActor
from hubbub.actors.conversation_news import Committed
from hubbub.actors.requests import (
    ChangeRequest,
    CreateRequest,
    CursorNotice,
    DescribeRequest,
    HistoryRequest,
    Invite,
    Kick,
    Rename,
    SendRequest,
    SyncRequest,
    WatchRequest,
)
from hubbub.config.errors import (
    BadRequestError,
    ForbiddenError,
    NotFoundError,
    TooLargeError,
    UnavailableError,
)
from hubbub.config.ids import ConvId, UserId, group_id, self_log, shard_of
from hubbub.config.limits import Limits
from hubbub.storage.memory_faults import DiskFull, FailNext, Hold, LoseNext, UnknownNext
from hubbub.storage.records import Head


async def pair(chat: Chat) -> tuple[Device, Device, ConvId]:
    """Two people who have exchanged one text."""
    ana, bo = await chat.person("ana"), await chat.person("bo")
    await chat.acquaint(ana, bo)
    one, other = await chat.device(ana), await chat.device(bo)
    ack = await one.post(bo, 1, "text 1")
    assert isinstance(ack, Acked)
    return one, other, ack.conv


async def history(chat: Chat, device: Device, conv: ConvId) -> list[tuple[int, Any]]:
    page = await device.ask(HistoryRequest(chat.next_id(), conv, 0, None, None, 200))
    assert isinstance(page, PageAnswer)
    return [(m.entry.seq, m.entry.cid) for m in page.messages]


async def test_a_failed_commit_is_told_and_its_retry_commits_once() -> None:
    async with chatting() as chat:
        one, other, conv = await pair(chat)
        for cid, fault in enumerate((FailNext(), LoseNext()), 2):
            chat.store.faults.append(fault)
            assert isinstance(await one.post(conv, cid, f"text {cid}"), UnavailableError)
            ack = await one.post(conv, cid, f"text {cid}")
            assert isinstance(ack, Acked)
            assert not ack.dup
        assert other.texts() == ["text 1", "text 2", "text 3"]
        assert await history(chat, other, conv) == [(1, 0), (2, 1), (3, 2), (4, 3)]


async def test_a_commit_of_unknown_outcome_that_happened_is_found_by_its_retry() -> None:
    async with chatting() as chat:
        one, other, conv = await pair(chat)
        chat.store.faults.append(UnknownNext())
        assert isinstance(await one.post(conv, 2, "text 2"), UnavailableError)
        ack = await one.post(conv, 2, "text 2")
        assert isinstance(ack, Acked)
        assert ack.dup
        assert other.texts() == ["text 1"]
        (behind,) = other.heard(Behind)
        assert behind.convs == {conv: 3}


async def test_a_full_disk_refuses_and_goes_on_when_there_is_room() -> None:
    async with chatting() as chat:
        one, other, conv = await pair(chat)
        full = DiskFull()
        chat.store.faults.append(full)
        for _ in range(3):
            assert isinstance(await one.post(conv, 2, "text 2"), UnavailableError)
        assert await history(chat, other, conv) == [(1, 0), (2, 1)]
        full.make_room()
        assert isinstance(await one.post(conv, 2, "text 2"), Acked)
        assert other.texts() == ["text 1", "text 2"]


async def test_nobody_hears_of_a_text_before_its_commit() -> None:
    async with chatting() as chat:
        one, other, conv = await pair(chat)
        hold = Hold()
        chat.store.faults.append(hold)
        request = SendRequest(chat.next_id(), conv, None, 2, 1, Text("text 2"))
        chat.system.tell(one.session, request)
        await chat.settle()
        assert other.texts() == ["text 1"]
        assert len(one.outbox.answers) == 1
        hold.release()
        await chat.settle()
        assert other.texts() == ["text 1", "text 2"]
        assert len(one.outbox.answers) == 2


async def test_an_idle_conversation_leaves_memory_and_comes_back_from_its_snapshot() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, conv = await pair(chat)
        clock.advance(200)
        await chat.settle()
        clock.advance(200)
        await chat.settle()
        assert chat.system.lookup(f"conv:{conv}") is None
        found = await chat.store.activate(conv, await chat.cluster.epoch(shard_of(conv)))
        assert found.snapshot is not None
        assert (found.snapshot.seq, found.tail) == (2, [])
        again = await one.post(conv, 1, "text 1")
        assert isinstance(again, Acked)
        assert again.dup
        # For the retry, and not for the activation: it was closed in order.
        assert [b.convs for b in other.heard(Behind)] == [{conv: 2}]
        assert isinstance(await one.post(conv, 2, "text 2"), Acked)
        assert other.texts() == ["text 1", "text 2"]
        assert len(other.heard(Behind)) == 1


async def test_a_conversation_killed_comes_back_and_its_members_are_told_the_head() -> None:
    async with chatting() as chat:
        one, other, conv = await pair(chat)
        ref = chat.system.lookup(f"conv:{conv}")
        assert ref is not None
        chat.system.kill(ref)
        assert isinstance(await one.post(conv, 2, "text 2"), Acked)
        assert other.texts() == ["text 1", "text 2"]
        assert [b.convs for b in other.heard(Behind)] == [{conv: 2}]


async def test_who_was_put_out_as_the_actor_crashed_is_told_up_to_where_to_read() -> None:
    async with chatting() as chat:
        one, other, _ = await pair(chat)
        made = await one.ask(CreateRequest(chat.next_id(), 1, 0, "Team", (other.user,)))
        assert isinstance(made, Described)
        hold = Hold()
        chat.store.faults.append(hold)
        kick = ChangeRequest(chat.next_id(), made.conv, 1, 0, Kick((other.user,)))
        chat.system.tell(one.session, kick, in_place=True)
        await chat.system.settle()
        ref = chat.system.lookup(f"conv:{made.conv}")
        assert ref is not None
        chat.system.kill(ref)
        hold.release()
        await chat.settle()
        assert isinstance(await one.post(made.conv, 2, "They are gone", prev=1), Acked)
        told = [b.convs for b in other.heard(Behind)]
        assert told and all(convs == {made.conv: 2} for convs in told)


async def test_a_name_that_was_never_written_to_takes_no_place_in_memory() -> None:
    async with chatting() as chat:
        one, _, _ = await pair(chat)
        nowhere = ConvId("g_" + "a" * 26)
        assert isinstance(await one.post(nowhere, 1, "Hello"), NotFoundError)
        await chat.settle()
        assert chat.system.lookup(f"conv:{nowhere}") is None


async def test_receipts_go_to_those_who_watch_and_to_ones_own_devices() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, conv = await pair(chat)
        tablet = await chat.device(other.user, "tablet")
        await one.ask(WatchRequest(chat.next_id(), (), (conv,)))
        chat.system.tell(other.session, CursorNotice(conv, "read", 2))
        await chat.settle()
        clock.advance(1)
        await chat.settle()
        (seen,) = one.heard(Receipts)
        assert seen == Receipts(conv, {other.user: 2}, {other.user: 2})
        assert tablet.heard(Receipts) == [seen]
        heads = await tablet.ask(SyncRequest(chat.next_id(), 0))
        assert isinstance(heads, HeadsAnswer)
        (head,) = heads.heads
        assert isinstance(head, Head)
        assert head.cursors.read == 2


async def test_receipts_of_a_conversation_go_out_at_most_once_a_second() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, conv = await pair(chat)
        await one.ask(WatchRequest(chat.next_id(), (), (conv,)))
        for cid in range(2, 12):
            await one.post(conv, cid, f"text {cid}")
            chat.system.tell(other.session, CursorNotice(conv, "read", cid + 1))
            await chat.settle()
            clock.advance(0.1)
            await chat.settle()
        clock.advance(1)
        await chat.settle()
        assert len(one.heard(Receipts)) <= 3
        assert one.heard(Receipts)[-1].read == {other.user: 12}


async def test_who_no_longer_watches_gets_no_receipts() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, conv = await pair(chat)
        await one.ask(WatchRequest(chat.next_id(), (), (conv,)))
        assert await one.ask(WatchRequest(chat.next_id(), (), ())) == Answered()
        chat.system.tell(other.session, CursorNotice(conv, "read", 2))
        await chat.settle()
        clock.advance(2)
        await chat.settle()
        assert one.heard(Receipts) == []


async def test_a_group_changes_and_each_members_list_follows() -> None:
    async with chatting() as chat:
        ana, bo, cy = [await chat.person(n) for n in ("ana", "bo", "cy")]
        one, other, third = [await chat.device(u) for u in (ana, bo, cy)]
        made = await one.ask(CreateRequest(chat.next_id(), 1, 0, "Team", (bo,)))
        assert isinstance(made, Described)
        conv = made.conv
        invite = ChangeRequest(chat.next_id(), conv, 1, 0, Invite((cy,)))
        assert await one.ask(invite) == Answered()
        assert [d.entry.seq for d in third.heard(Delivery)] == [2]
        rename = ChangeRequest(chat.next_id(), conv, 2, 1, Rename("Crew"))
        assert await one.ask(rename) == Answered()
        heads = await third.ask(SyncRequest(chat.next_id(), 0))
        assert isinstance(heads, HeadsAnswer)
        (head,) = heads.heads
        assert isinstance(head, Head)
        row = head.membership
        assert (row.title, row.since, row.conv_seq) == ("Crew", 2, 3)
        kick = ChangeRequest(chat.next_id(), conv, 3, 2, Kick((cy,)))
        assert await one.ask(kick) == Answered()
        assert isinstance(await third.post(conv, 1, "Still here?"), ForbiddenError)
        gone = await third.ask(SyncRequest(chat.next_id(), heads.lv))
        assert isinstance(gone, HeadsAnswer)
        assert [(g.conv, g.until) for g in gone.gone] == [(conv, 4)]
        assert await history(chat, third, conv) == [(2, 1), (3, 2), (4, 3)]
        assert await chat.store.unfinished() == []
        assert isinstance(await other.ask(DescribeRequest(chat.next_id(), conv)), Described)


async def test_a_member_whose_user_did_not_answer_is_told_again() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        ana, bo, cy = [await chat.person(n) for n in ("ana", "bo", "cy")]
        one = await chat.device(ana)
        made = await one.ask(CreateRequest(chat.next_id(), 1, 0, "Team", (bo,)))
        assert isinstance(made, Described)
        await chat.settle()
        # The commit of the invitation happens, that of the newcomer's own list does not.
        refuse_once(chat, self_log(cy))
        invite = ChangeRequest(chat.next_id(), made.conv, 1, 0, Invite((cy,)))
        assert await one.ask(invite) == Answered()
        assert await chat.store.unfinished() != []
        for _ in range(3):
            clock.advance(6)
            await chat.settle()
        assert await chat.store.unfinished() == []
        row = await chat.store.membership(cy, made.conv)
        assert row is not None


async def test_a_member_is_told_again_though_something_was_under_way_when_it_was_time() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        ana, bo, cy = [await chat.person(n) for n in ("ana", "bo", "cy")]
        one = await chat.device(ana)
        made = await one.ask(CreateRequest(chat.next_id(), 1, 0, "Team", (bo,)))
        assert isinstance(made, Described)
        refuse_once(chat, self_log(cy))
        await one.ask(ChangeRequest(chat.next_id(), made.conv, 1, 0, Invite((cy,))))
        chat.store.faults.append(hold := Hold())
        text = SendRequest(chat.next_id(), made.conv, None, 2, 1, Text("under way"))
        chat.system.tell(one.session, text)
        await chat.settle()
        clock.advance(6)
        await chat.settle()
        hold.release()
        await chat.settle()
        assert await chat.store.unfinished() == [made.conv]
        clock.advance(6)
        await chat.settle()
        assert await chat.store.unfinished() == []


async def test_a_group_whose_founding_was_cut_short_is_founded_by_the_retry() -> None:
    async with chatting() as chat:
        ana, bo = await chat.person("ana"), await chat.person("bo")
        one = await chat.device(ana)
        request = CreateRequest(chat.next_id(), 1, 0, "Team", (bo,))
        refuse_once(chat, group_id(one.device, 1))
        assert isinstance(await one.ask(request), UnavailableError)
        again = CreateRequest(chat.next_id(), 1, 0, "Team", (bo,))
        made = await one.ask(again)
        assert isinstance(made, Described)
        assert len(made.members) == 2


async def test_what_is_wrong_with_a_request_is_said() -> None:
    async with chatting(Limits(watch_convs=1)) as chat:
        one, other, conv = await pair(chat)
        two = WatchRequest(chat.next_id(), (), (conv, ConvId("g_" + "a" * 26)))
        assert isinstance(await one.ask(two), TooLargeError)
        ghost = UserId("u_" + "z" * 20)
        for members in ((ghost,), (UserId("nobody"),)):
            asked = CreateRequest(chat.next_id(), 1, 0, "Team", members)
            assert isinstance(await one.ask(asked), NotFoundError)
        assert isinstance(await one.post(one.user, 1, "Me"), BadRequestError)
        assert isinstance(await one.post("conv:g_x", 1, "Hello"), NotFoundError)
        long = await one.post(other.user, 2, "x" * 100_001)
        assert isinstance(long, TooLargeError)
        assert "100,000" in long.text


async def test_a_message_that_is_no_conversations_crashes_it_alone() -> None:
    async with chatting() as chat:
        one, _, conv = await pair(chat)
        chat.system.tell(f"conv:{conv}", object())
        await chat.settle()
        assert chat.system.lookup(f"conv:{conv}") is None
        assert isinstance(await one.post(conv, 2, "text 2"), Acked)


def test_it_keeps_its_mailbox() -> None:
    assert ConversationActor.keeps_mailbox


async def test_the_device_that_changes_a_group_is_pushed_the_entry_too() -> None:
    # Its answer says "done" and no seq, so nothing else would tell it.
    async with chatting() as chat:
        ana = await chat.person("ana")
        one = await chat.device(ana)
        made = await one.ask(CreateRequest(chat.next_id(), 1, 0, "Team", ()))
        assert isinstance(made, Described)
        await one.ask(ChangeRequest(chat.next_id(), made.conv, 1, 0, Rename("Crew")))
        assert [d.entry.seq for d in one.heard(Delivery)] == [1, 2]


async def test_an_epoch_that_is_over_is_not_asked_under_for_ever() -> None:
    async with chatting() as chat:
        one, _, conv = await pair(chat)
        await chat.store.claim(shard_of(conv))
        ref = chat.system.lookup(f"conv:{conv}")
        assert ref is not None
        chat.system.kill(ref)
        assert isinstance(await one.post(conv, 2, "text 2"), Acked)


async def test_a_seq_of_unknown_outcome_names_nothing_else_though_its_writer_died() -> None:
    # Else what surfaces later in the store would stand where another text was acknowledged.
    async with chatting() as chat:
        one, _, conv = await pair(chat)
        hold = Hold()
        chat.store.faults += [hold, LoseNext()]
        one.unanswered.append(send := SendRequest(9, conv, None, 2, 1, Text("text 2")))
        chat.system.tell(one.session, send, in_place=True)
        await chat.settle()
        ref = chat.system.lookup(f"conv:{conv}")
        assert ref is not None
        chat.system.kill(ref)
        hold.release()
        await chat.settle()
        assert isinstance(await one.post(conv, 3, "text 3", 1), Acked)
        (_, _, third) = await chat.store.page(conv, 1, 9, limit=9, max_bytes=9999)
        assert (third.entry.cid, third.entry.epoch) == (3, 2)


async def test_the_word_on_a_predecessors_append_is_not_taken_for_ones_own() -> None:
    async with chatting() as chat:
        one, other, conv = await pair(chat)
        ref = chat.system.lookup(f"conv:{conv}")
        assert ref is not None
        hold = Hold()
        chat.store.faults.append(hold)
        one.unanswered.append(send := SendRequest(9, conv, None, 2, 1, Text("text 2")))
        chat.system.tell(one.session, send, in_place=True)
        ref.post(Committed(None, object()))
        await chat.settle()
        assert [d for d in other.heard(Delivery) if d.entry.cid == 2] == []
        hold.release()
        await chat.settle()
        assert len([d for d in other.heard(Delivery) if d.entry.cid == 2]) == 1
