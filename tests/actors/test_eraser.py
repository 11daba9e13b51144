"""An account that goes: out of every conversation, whatever fails on the way."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.chat import Chat, Device, chatting
from tests.support.clock import ManualClock
from tests.support.two import fails, pair, pass_time

from hubbub.actors.answers import Acked, Delivery, Described, PresenceState
from hubbub.actors.bodies import System
from hubbub.actors.commands import ContactTold, DeviceRevoked, ListChange, ReplyTo
from hubbub.actors.eraser import FIRST_WAIT_S, LONGEST_WAIT_S
from hubbub.actors.gate_commands import Erase
from hubbub.actors.requests import (
    ActRequest,
    BlockPerson,
    ChangeRequest,
    CreateRequest,
    DescribeRequest,
    Invite,
    WatchRequest,
)
from hubbub.config.errors import ForbiddenError
from hubbub.config.ids import ConvId, UserId, self_log
from hubbub.storage.memory_faults import FailNext, UnknownNext
from hubbub.storage.records import Membership


async def people(chat: Chat) -> tuple[Device, Device, Device, ConvId, ConvId]:
    """Ana owns a group with Bo and Cy, and has written to Bo."""
    one, other, third = [
        await chat.device(await chat.person(name)) for name in ("ana", "bo", "cy")
    ]  # fmt: skip
    made = await one.ask(
        CreateRequest(chat.next_id(), 1, 0, "Team", (other.user, third.user))
    )  # fmt: skip
    assert isinstance(made, Described)
    ack = await one.post(other.user, 1, "Hello, Bo")
    assert isinstance(ack, Acked)
    assert isinstance(await one.post(made.conv, 1, "Hello, team"), Acked)
    return one, other, third, made.conv, ack.conv


async def begin(chat: Chat, device: Device) -> None:
    """What the account's owner asks for."""
    assert await chat.store.begin_deletion(device.user)
    chat.cluster.tell(f"user:{device.user}", DeviceRevoked(None))
    chat.cluster.tell(f"erase:{device.user}", Erase())
    await chat.settle()


async def go_on(chat: Chat, clock: ManualClock, seconds: float = 2 * FIRST_WAIT_S) -> None:
    clock.advance(seconds)
    await chat.settle()


async def is_gone(chat: Chat, user: UserId) -> bool:
    rows = await chat.store.memberships(user, after=None, limit=10)
    return (
        rows == []
        and await chat.store.account(user) is None
        and await chat.store.deletions() == []
        and await chat.store.head(self_log(user)) == (0, 0)
    )


async def roles(chat: Chat, device: Device, conv: ConvId) -> dict[UserId, str]:
    described = await device.ask(DescribeRequest(chat.next_id(), conv))
    assert isinstance(described, Described), described
    return {line.user: line.role for line in described.members}


async def test_who_goes_leaves_every_conversation_and_the_rest_follows() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, third, team, direct = await people(chat)
        await begin(chat, one)
        assert one.outbox.closed == 4403
        await go_on(chat, clock)
        assert await is_gone(chat, one.user)
        assert chat.system.lookup(f"erase:{one.user}") is None
        assert await roles(chat, other, team) == {other.user: "owner", third.user: "member"}
        left = [d.conv for d in other.heard(Delivery) if d.body == System("left", (one.user,))]
        assert sorted(left) == sorted([team, direct])
        # What was said stays; nobody is there to hear more.
        assert other.texts() == ["Hello, Bo", "Hello, team"]
        assert isinstance(await other.post(direct, 1, "Ana?"), ForbiddenError)
        assert isinstance(await other.post(team, 1, "Ana is gone"), Acked)


async def test_who_watched_sees_the_user_go_offline() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, _, _, _ = await people(chat)
        await other.ask(WatchRequest(chat.next_id(), (one.user,), ()))
        await begin(chat, one)
        await go_on(chat, clock)
        assert [s.online for s in other.heard(PresenceState)] == [True, False]


async def test_failures_of_the_store_delay_it_and_no_more() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, _, team, _ = await people(chat)
        await chat.store.begin_deletion(one.user)
        for fault in (FailNext(), UnknownNext(), FailNext(), UnknownNext(), FailNext()):
            chat.store.faults.append(fault)
            chat.cluster.tell(f"erase:{one.user}", Erase())
            await chat.settle()
            await go_on(chat, clock, 1)
        await go_on(chat, clock, 60)
        assert await is_gone(chat, one.user)
        assert one.user not in await roles(chat, other, team)
        entries = await chat.store.page(team, 1, 99, limit=99, max_bytes=1 << 20)
        assert [m.entry.sender for m in entries if b"left" in m.entry.body] == [one.user]


async def test_a_crash_half_way_is_taken_up_again() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, *_ = await people(chat)
        await begin(chat, one)
        ref = chat.system.lookup(f"erase:{one.user}")
        assert ref is not None
        ref.stop(block=False)
        await go_on(chat, clock, 60)
        assert not await is_gone(chat, one.user)
        # As its supervisor starts another one, with no message at hand.
        chat._eraser(f"erase:{one.user}")  # pyright: ignore[reportPrivateUsage]
        await chat.settle()
        await go_on(chat, clock, LONGEST_WAIT_S)
        await go_on(chat, clock)
        assert await is_gone(chat, one.user)


async def test_asked_twice_it_goes_once() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, _, team, _ = await people(chat)
        await begin(chat, one)
        chat.cluster.tell(f"erase:{one.user}", Erase())
        await go_on(chat, clock, LONGEST_WAIT_S)
        chat.cluster.tell(f"erase:{one.user}", Erase())
        await go_on(chat, clock, 60)
        assert await is_gone(chat, one.user)
        left = [d for d in other.heard(Delivery) if d.body == System("left", (one.user,))]
        assert len([d for d in left if d.conv == team]) == 1


async def test_who_takes_a_deleted_account_in_has_it_leave_at_once() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, third, team, _ = await people(chat)
        await begin(chat, one)
        await go_on(chat, clock)
        # The inviting looked the account up before it was deleted.
        invited = ChangeRequest(chat.next_id(), team, 1, 0, Invite((one.user,)))
        await other.ask(invited)
        await go_on(chat, clock)
        assert set(await roles(chat, other, team)) == {other.user, third.user}
        assert await is_gone(chat, one.user)


async def test_a_line_of_the_list_without_a_conversation_does_not_hold_it_up() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, *_ = await people(chat)
        stray = ConvId("g_" + "z" * 26)
        await chat.store.put_membership(
            Membership(one.user, stray, "group", 1, 1, "?", "member", None, 1)
        )
        await begin(chat, one)
        await go_on(chat, clock)
        assert await is_gone(chat, one.user)


async def test_what_is_no_order_of_its_is_a_mistake() -> None:
    async with chatting() as chat:
        await chat.person("ana")
        ref = chat._eraser("erase:u_x")  # pyright: ignore[reportPrivateUsage]
        ref.tell(ListChange)
        await asyncio.sleep(0)
        await chat.settle()
        assert chat.system.lookup("erase:u_x") is None


async def test_a_forgotten_user_whose_store_fails_is_told_later() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, *_ = await people(chat)
        await begin(chat, one)
        chat.store.faults.append(FailNext())
        await go_on(chat, clock)
        assert not await is_gone(chat, one.user)
        await go_on(chat, clock, 2 * LONGEST_WAIT_S)
        assert await is_gone(chat, one.user)


async def test_a_deleted_account_is_taken_out_of_where_it_was_invited_and_asked() -> None:
    async with chatting() as chat:
        one, other, _ = await pair(chat)
        cy = await chat.person("cy")
        await chat.store.begin_deletion(cy)
        await chat.store.finish_deletion(cy)
        made = await one.ask(CreateRequest(chat.next_id(), 1, 0, "Team", (other.user,)))
        assert isinstance(made, Described)
        chat.cluster.tell(
            f"user:{cy}", ListChange(made.conv, 1, "group", "Team", "member", None, 1, None)
        )
        chat.cluster.tell(f"user:{cy}", ContactTold(ReplyTo("nobody", 1), one.user, True, 5))
        await chat.settle()
        assert await chat.store.membership(cy, made.conv) is None
        assert await chat.store.contact(cy, one.user) is None


async def test_what_is_owed_to_a_deleted_account_brings_no_row_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, _ = await pair(chat)
        request = ActRequest(chat.next_id(), 1, 0, BlockPerson(other.user, True))
        with monkeypatch.context() as broken:
            broken.setattr(chat.store, "put_contact", fails)
            chat.system.tell(one.session, request, in_place=True)
            await chat.settle()
        await chat.store.begin_deletion(other.user)
        await chat.store.finish_deletion(other.user)
        await pass_time(chat, clock, 6)
        assert await chat.store.contact(one.user, other.user) is None
        assert await chat.store.unfinished() == []
