"""Devices that talk: Session, User and Conversation over a memory store."""

from __future__ import annotations

from tests.support.chat import Chat, Device, chatting
from tests.support.clock import ManualClock

from hubbub.actors.answers import (
    Acked,
    Behind,
    Delivery,
    Described,
    HeadsAnswer,
    ListMoved,
    PageAnswer,
    Typing,
)
from hubbub.actors.requests import (
    ChangeRequest,
    CreateRequest,
    DescribeRequest,
    HistoryRequest,
    Kick,
    SyncRequest,
    TypingNotice,
    WatchRequest,
)
from hubbub.config.errors import NotFoundError
from hubbub.config.ids import ConvId, UserId
from hubbub.storage.records import Head


async def a_group(chat: Chat, owner: Device, *members: UserId) -> ConvId:
    made = await owner.ask(CreateRequest(chat.next_id(), 1, 0, "Team", members))
    assert isinstance(made, Described)
    return made.conv


async def test_a_text_to_a_person_arrives_at_every_device_but_the_sending_one() -> None:
    async with chatting() as chat:
        ana, bo = await chat.person("ana"), await chat.person("bo")
        phone, laptop = await chat.device(ana), await chat.device(ana, "laptop")
        other = await chat.device(bo)
        ack = await phone.post(bo, 1, "Hello")
        assert isinstance(ack, Acked)
        assert (ack.seq, ack.dup) == (2, False)
        assert phone.texts() == []
        assert laptop.texts() == ["Hello"]
        assert other.texts() == ["Hello"]


async def test_a_group_is_made_and_described_and_talks() -> None:
    async with chatting() as chat:
        ana, bo, cy = [await chat.person(n) for n in ("ana", "bo", "cy")]
        devices = [await chat.device(u) for u in (ana, bo, cy)]
        conv = await a_group(chat, devices[0], bo, cy)
        described = await devices[1].ask(DescribeRequest(chat.next_id(), conv))
        assert isinstance(described, Described)
        assert [(m.name, m.role) for m in described.members] == [
            ("ana", "owner"),
            ("bo", "member"),
            ("cy", "member"),
        ]
        for cid in range(1, 4):
            await devices[0].post(conv, cid, f"text {cid}")
        assert devices[1].texts() == devices[2].texts() == ["text 1", "text 2", "text 3"]


async def test_who_was_away_finds_everything_by_sync_and_history() -> None:
    async with chatting() as chat:
        ana, bo = await chat.person("ana"), await chat.person("bo")
        phone = await chat.device(ana)
        for cid in range(1, 4):
            await phone.post(bo, cid, f"text {cid}")
        late = await chat.device(bo)
        heads = await late.ask(SyncRequest(chat.next_id(), 0))
        assert isinstance(heads, HeadsAnswer)
        (head,) = heads.heads
        assert isinstance(head, Head)
        assert (head.head, head.count, head.count_at_read, head.peer_name) == (4, 3, 0, "ana")
        assert heads.lv == 1
        page = await late.ask(
            HistoryRequest(chat.next_id(), head.membership.conv, 0, None, None, 50)
        )
        assert isinstance(page, PageAnswer)
        assert [m.entry.seq for m in page.messages] == [1, 2, 3, 4]


async def test_a_stranger_finds_nothing_by_any_request() -> None:
    async with chatting() as chat:
        ana, bo, cy = [await chat.person(n) for n in ("ana", "bo", "cy")]
        phone, stranger = await chat.device(ana), await chat.device(cy)
        ack = await phone.post(bo, 1, "Hello")
        assert isinstance(ack, Acked)
        for request in (
            HistoryRequest(chat.next_id(), ack.conv, 0, None, None, 50),
            DescribeRequest(chat.next_id(), ack.conv),
        ):
            assert isinstance(await stranger.ask(request), NotFoundError)
        assert isinstance(await stranger.post(ack.conv, 1, "Hi"), NotFoundError)
        assert stranger.outbox.events == []


async def test_a_retry_on_another_session_gets_the_first_ack() -> None:
    async with chatting() as chat:
        ana, bo = await chat.person("ana"), await chat.person("bo")
        phone, other = await chat.device(ana), await chat.device(bo)
        first = await phone.post(bo, 1, "Hello")
        await chat.hang_up(phone)
        again = await (await chat.device(ana)).post(bo, 1, "Hello")
        assert isinstance(first, Acked)
        assert isinstance(again, Acked)
        assert (again.seq, again.dup) == (first.seq, True)
        assert other.texts() == ["Hello"]


async def test_a_restarted_session_answers_what_was_not_answered_and_tells_the_heads() -> None:
    async with chatting() as chat:
        ana, bo = await chat.person("ana"), await chat.person("bo")
        phone, other = await chat.device(ana), await chat.device(bo)
        await phone.post(bo, 1, "Hello")
        ref = chat.system.lookup(other.session)
        assert ref is not None
        chat.system.kill(ref)
        other.unanswered.append(SyncRequest(999, 0))
        chat.start_session(other)
        await chat.settle()
        assert [re for re, _ in other.outbox.answers] == [999]
        (behind,) = other.heard(Behind)
        assert list(behind.convs.values()) == [2]
        await phone.post(bo, 2, "Again")
        assert other.texts() == ["Hello", "Again"]
        assert len(other.heard(Delivery)) == 3


async def test_typing_is_told_to_other_members_who_watch_and_to_nobody_else() -> None:
    async with chatting() as chat:
        ana, bo, cy, dee = [await chat.person(n) for n in ("ana", "bo", "cy", "dee")]
        one, tablet, two, three = [await chat.device(u) for u in (ana, ana, bo, cy)]
        stranger = await chat.device(dee)
        conv = await a_group(chat, one, bo, cy)
        for device in (one, tablet, two, stranger):
            await device.ask(WatchRequest(chat.next_id(), (), (conv,)))
        for device in (one, stranger):
            chat.system.tell(device.session, TypingNotice(conv))
        await chat.settle()
        assert two.heard(Typing) == [Typing(conv, ana)]
        for device in (one, tablet, three, stranger):
            assert device.heard(Typing) == []
        assert await chat.store.head(conv) == (1, 0)


async def test_typing_is_passed_on_at_most_every_three_seconds() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        ana, bo = await chat.person("ana"), await chat.person("bo")
        one, two = await chat.device(ana), await chat.device(bo)
        conv = await a_group(chat, one, bo)
        await two.ask(WatchRequest(chat.next_id(), (), (conv,)))
        for _ in range(7):
            chat.system.tell(one.session, TypingNotice(conv))
            await chat.settle()
            clock.advance(1)
        assert len(two.heard(Typing)) == 3
        chat.system.tell(one.session, TypingNotice(ConvId("no conversation")))
        await chat.settle()


async def test_one_who_was_removed_hears_and_tells_no_typing() -> None:
    async with chatting() as chat:
        ana, bo = await chat.person("ana"), await chat.person("bo")
        one, two = await chat.device(ana), await chat.device(bo)
        conv = await a_group(chat, one, bo)
        for device in (one, two):
            await device.ask(WatchRequest(chat.next_id(), (), (conv,)))
        await one.ask(ChangeRequest(chat.next_id(), conv, 1, 0, Kick((bo,))))
        for device in (one, two):
            chat.system.tell(device.session, TypingNotice(conv))
        await chat.settle()
        assert one.heard(Typing) == two.heard(Typing) == []


async def test_what_a_user_at_another_node_pushes_goes_to_the_socket() -> None:
    async with chatting() as chat:
        phone = await chat.device(await chat.person("ana"))
        chat.system.tell(phone.session, ListMoved(7))
        await chat.settle()
        assert phone.heard(ListMoved) == [ListMoved(7)]
