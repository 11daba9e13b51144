"""A user: presence with its grace, devices that are revoked, and a crash."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.chat import Chat, Device, chatting
from tests.support.clock import ManualClock
from tests.support.two import act, fails, pair

from hubbub.actors.answers import (
    Acked,
    Behind,
    Described,
    Done,
    HeadsAnswer,
    ListMoved,
    PresenceAnswer,
    PresenceState,
)
from hubbub.actors.commands import (
    Description,
    DeviceRevoked,
    ListChange,
    Reply,
)
from hubbub.actors.requests import (
    AskContact,
    BlockPerson,
    CreateRequest,
    MuteConv,
    PresenceRequest,
    SyncRequest,
    WatchRequest,
)
from hubbub.config.errors import (
    BadRequestError,
    NotFoundError,
    Refusal,
    UnavailableError,
)
from hubbub.config.ids import UserId, group_id, self_log
from hubbub.config.limits import Limits
from hubbub.storage.memory_faults import FailNext, Hold, UnknownNext


async def friends(chat: Chat) -> tuple[Device, Device]:
    ana, bo = await chat.person("ana"), await chat.person("bo")
    await chat.acquaint(ana, bo)
    one, other = await chat.device(ana), await chat.device(bo)
    assert isinstance(await one.post(bo, 1, "Hello"), Acked)
    return one, other


async def watch(chat: Chat, device: Device, *users: UserId) -> None:
    await device.ask(WatchRequest(chat.next_id(), users, ()))


def states(device: Device) -> list[bool]:
    return [state.online for state in device.heard(PresenceState)]


async def pass_time(chat: Chat, clock: ManualClock, seconds: float) -> None:
    clock.advance(seconds)
    await chat.settle()


async def test_a_watcher_gets_the_present_state_and_every_change_after_the_grace() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other = await friends(chat)
        await watch(chat, one, other.user)
        assert states(one) == [True]
        await chat.hang_up(other)
        await pass_time(chat, clock, 29)
        assert states(one) == [True]
        await pass_time(chat, clock, 2)
        assert states(one) == [True, False]
        account = await chat.store.account(other.user)
        assert account is not None
        assert account.last_active_ms == clock.now_ms() - 31_000
        await chat.device(other.user)
        assert states(one) == [True, False, True]


async def test_coming_back_within_the_grace_shows_nothing() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other = await friends(chat)
        await watch(chat, one, other.user)
        await chat.hang_up(other)
        await pass_time(chat, clock, 20)
        back = await chat.device(other.user)
        await pass_time(chat, clock, 40)
        assert states(one) == [True]
        await chat.hang_up(back)
        await pass_time(chat, clock, 20)
        assert states(one) == [True]


async def test_who_watches_no_longer_is_not_told() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other = await friends(chat)
        await watch(chat, one, other.user)
        await watch(chat, one)
        await chat.hang_up(other)
        await pass_time(chat, clock, 31)
        assert states(one) == [True]


async def test_a_stranger_and_one_whom_nobody_may_see_are_not_shown() -> None:
    async with chatting() as chat:
        one, other = await friends(chat)
        stranger = await chat.device(await chat.person("cy"))
        await watch(chat, stranger, other.user)
        assert states(stranger) == []
        asked = await stranger.ask(PresenceRequest(chat.next_id(), (other.user,)))
        assert asked == PresenceAnswer([])
        await chat.store.set_profile(
            other.user, "", "", "nobody", sought="", colour="", findable=True
        )  # fmt: skip
        await watch(chat, one, other.user)
        assert states(one) == []


async def test_who_may_not_know_any_more_is_told_no_more() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other = await friends(chat)
        await watch(chat, one, other.user)
        await chat.store.set_profile(
            other.user, "", "", "nobody", sought="", colour="", findable=True
        )  # fmt: skip
        await chat.hang_up(other)
        await pass_time(chat, clock, 31)
        assert states(one) == [True]
        await chat.store.set_profile(
            other.user, "", "", "fellows", sought="", colour="", findable=True
        )  # fmt: skip
        await chat.device(other.user)
        assert states(one) == [True], "who was told no more watches no more"
        await watch(chat, one, other.user)
        assert states(one) == [True, True]


async def test_who_watches_in_vain_sees_as_soon_as_it_is_allowed() -> None:
    async with chatting() as chat:
        ana, bo = await chat.person("ana"), await chat.person("bo")
        one, other = await chat.device(ana), await chat.device(bo)
        gone = await chat.device(ana, "tablet")
        ack = await one.post(bo, 1, "Hello")
        assert isinstance(ack, Acked)
        for device in (one, gone):
            await watch(chat, device, bo)
        await watch(chat, gone)
        assert states(one) == []
        assert isinstance(await other.post(ack.conv, 1, "Hello"), Acked)
        assert states(one) == [True]
        assert states(gone) == []


async def test_members_of_a_large_group_are_told_nothing_unasked() -> None:
    async with chatting(Limits(presence_push_limit=2)) as chat:
        ana, bo, cy = [await chat.person(name) for name in ("ana", "bo", "cy")]
        one, other = await chat.device(ana), await chat.device(bo)
        made = await one.ask(CreateRequest(chat.next_id(), 1, 0, "Team", (bo, cy)))
        assert isinstance(made, Described)
        await watch(chat, one, bo)
        assert states(one) == []
        asked = await one.ask(PresenceRequest(chat.next_id(), (bo,)))
        assert isinstance(asked, PresenceAnswer)
        assert [state.user for state in asked.states] == [bo]
        await chat.acquaint(ana, bo)
        await watch(chat, one, bo)
        assert states(one) == [True]
        await chat.hang_up(other)


async def test_presence_that_cannot_be_decided_is_not_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other = await friends(chat)
        await watch(chat, one, other.user)
        with monkeypatch.context() as broken:
            broken.setattr(chat.store, "contact", fails)
            asked = await one.ask(PresenceRequest(chat.next_id(), (other.user,)))
            assert asked == PresenceAnswer([])
            await watch(chat, one, other.user)
            await chat.hang_up(other)
            await pass_time(chat, clock, 31)
            assert states(one) == [True]
        # The watch stands: the next change is told.
        await chat.device(other.user)
        assert states(one) == [True, True]


async def test_presence_can_be_asked_for_once() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other = await friends(chat)
        away = await chat.person("cy")
        await chat.acquaint(one.user, away)
        assert isinstance(await one.post(away, 1, "Hello"), Acked)
        asked = await one.ask(PresenceRequest(chat.next_id(), (other.user, away)))
        assert asked == PresenceAnswer(
            [PresenceState(other.user, True, clock.now_ms()), PresenceState(away, False, 0)]
        )
        ghost = UserId("u_" + "z" * 20)
        missing = await one.ask(PresenceRequest(chat.next_id(), (ghost,)))
        assert isinstance(missing, NotFoundError)


async def test_a_revoked_device_is_closed_and_no_other() -> None:
    async with chatting() as chat:
        one, _ = await friends(chat)
        laptop = await chat.device(one.user, "laptop")
        chat.cluster.tell(f"user:{one.user}", DeviceRevoked(laptop.device))
        await chat.settle()
        assert (one.outbox.closed, laptop.outbox.closed) == (None, 4403)
        chat.cluster.tell(f"user:{one.user}", DeviceRevoked(None))
        await chat.settle()
        assert one.outbox.closed == 4403


async def test_a_second_start_of_a_device_closes_the_first() -> None:
    async with chatting() as chat:
        one, _ = await friends(chat)
        again = await chat.device(one.user, inst="b")
        assert one.outbox.closed == 4409
        assert again.welcomed


async def test_an_older_attempt_is_not_welcomed() -> None:
    async with chatting() as chat:
        ana = await chat.person("ana")
        newer = await chat.device(ana, inst="a", attempt=2)
        older = await chat.device(ana, inst="a", attempt=1)
        assert (older.welcomed, older.outbox.closed) == (False, 4409)
        assert newer.outbox.closed is None
        assert chat.system.lookup(older.session) is None


async def test_a_user_that_was_killed_attaches_its_sessions_again_and_tells_the_heads() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other = await friends(chat)
        await watch(chat, one, other.user)
        ref = chat.system.lookup(f"user:{other.user}")
        assert ref is not None
        chat.system.kill(ref)
        assert isinstance(await one.post(other.user, 2, "Missed"), Acked)
        assert other.texts() == ["Hello"]
        # Any message brings the name back; a supervisor would have at once.
        await chat.device(other.user, "laptop")
        (behind,) = other.heard(Behind)
        assert list(behind.convs.values()) == [3]
        assert isinstance(await one.post(other.user, 3, "Again"), Acked)
        assert other.texts() == ["Hello", "Again"]
        for device in [d for d in chat.devices.values() if d.user == other.user]:
            await chat.hang_up(device)
        await pass_time(chat, clock, 31)
        assert states(one)[-1] is False


async def test_a_group_is_asked_for_again_after_a_failed_commit_of_the_private_log() -> None:
    for fault in (FailNext(), UnknownNext()):
        async with chatting() as chat:
            one, other = await friends(chat)
            asked = CreateRequest(chat.next_id(), 1, 0, "Team", (other.user,))
            chat.store.faults.append(fault)
            assert isinstance(await one.ask(asked), UnavailableError)
            again = CreateRequest(chat.next_id(), 1, 0, "Team", (other.user,))
            made = await one.ask(again)
            assert isinstance(made, Described)
            assert len(made.members) == 2
            other_title = CreateRequest(chat.next_id(), 1, 0, "Other", (other.user,))
            refused = await one.ask(other_title)
            assert isinstance(refused, Refusal)
            assert refused.code == "cid_used"


async def test_what_a_device_last_asked_of_its_user_is_in_its_welcome() -> None:
    async with chatting() as chat:
        one, other = await friends(chat)
        assert one.mine == 0
        await one.ask(CreateRequest(chat.next_id(), 7, 0, "Team", (other.user,)))
        await chat.hang_up(one)
        assert (await chat.device(one.user)).mine == 7


async def test_a_user_whom_nobody_needs_leaves_memory() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other = await friends(chat)
        await chat.hang_up(other)
        for _ in range(6):
            await pass_time(chat, clock, 61)
        assert chat.system.lookup(f"user:{other.user}") is None
        assert chat.system.lookup(f"user:{one.user}") is not None


async def test_a_list_is_read_when_all_that_was_told_is_taken_in() -> None:
    async with chatting() as chat:
        one, other = await friends(chat)
        made = await one.ask(CreateRequest(chat.next_id(), 1, 0, "Team", (other.user,)))
        assert isinstance(made, Described)
        await chat.settle()
        hold = Hold()
        chat.store.faults.append(hold)
        line = ListChange(made.conv, 2, "group", "Team", "member", None, 1, 2)
        chat.cluster.tell(f"user:{other.user}", line)
        sync = SyncRequest(chat.next_id(), 0)
        chat.system.tell(other.session, sync)
        await chat.system.settle()
        assert sync.id not in [re for re, _ in other.outbox.answers]
        hold.release()
        await chat.settle()
        (answer,) = [a for re, a in other.outbox.answers if re == sync.id]
        assert isinstance(answer, HeadsAnswer)
        assert [gone.conv for gone in answer.gone] == [made.conv]


# --- the other devices --------------------------------------------------------------------------


async def test_every_device_hears_that_the_list_or_the_contacts_moved() -> None:
    async with chatting() as chat:
        one, other, conv = await pair(chat)
        tablet = await chat.device(one.user, "tablet")
        before = await chat.store.head(self_log(one.user))
        await act(one, MuteConv(conv, 1_900_000_000_000), 1)
        await chat.settle()
        assert tablet.heard(ListMoved) == [ListMoved(before[0] + 1)]
        assert other.heard(ListMoved) == []
        await act(other, AskContact(one.user, "remove"), 1)
        await chat.settle()
        assert [moved.lv for moved in tablet.heard(ListMoved)] == [before[0] + 1, before[0] + 2]
        assert len(other.heard(ListMoved)) == 1


async def test_what_changed_nothing_is_told_to_nobody() -> None:
    async with chatting() as chat:
        one, other, conv = await pair(chat)
        assert await act(one, MuteConv(conv, 1_900_000_000_000), 1) == Done()
        assert await act(one, MuteConv(conv, 1_900_000_000_000), 1) == Done()
        assert isinstance(await act(one, BlockPerson(one.user, True), 2), BadRequestError)
        await chat.settle()
        assert len(one.heard(ListMoved)) == 1
        assert other.heard(ListMoved) == []


async def test_a_group_whose_actor_never_heard_of_it_is_founded_later() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, _ = await pair(chat)
        group = group_id(one.device, 1)
        tell, lost = chat.cluster.tell, list[str]()

        def lose_once(name: str, message: Any) -> bool:
            if name == f"conv:{group}" and not lost:
                lost.append(name)
                return True
            return tell(name, message)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(chat.cluster, "tell", lose_once)
            one.unanswered.append(CreateRequest(chat.next_id(), 1, 0, "Team", (other.user,)))
            chat.system.tell(one.session, one.unanswered[-1], in_place=True)
            await chat.settle()
            assert await chat.store.members(group) == []
            await pass_time(chat, clock, 5)
        assert len(await chat.store.members(group)) == 2
        assert await chat.store.unfinished() == []


async def test_a_lost_word_that_a_group_stands_keeps_nobody_in_memory() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, _, _ = await pair(chat)
        tell = chat.cluster.tell

        def lose(name: str, message: Any) -> bool:
            answer = isinstance(message, Reply) and isinstance(message.result, Description)
            return True if answer and name.startswith("user:") else tell(name, message)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(chat.cluster, "tell", lose)
            chat.system.tell(one.session, CreateRequest(chat.next_id(), 1, 0, "Team", ()))
            await chat.settle()
        assert len(await chat.store.members(group_id(one.device, 1))) == 1
        await chat.hang_up(one)
        for _ in range(12):
            await pass_time(chat, clock, chat.limits.idle_s / 2)
        assert chat.system.lookup(f"user:{one.user}") is None
