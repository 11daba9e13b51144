"""Who may see when a user is online."""

from __future__ import annotations

import pytest
from tests.support.chat import Chat, chatting
from tests.support.clock import ManualClock
from tests.support.two import act, pair

from hubbub.actors.answers import Described, PresenceAnswer, PresenceState
from hubbub.actors.commands import WatchUser
from hubbub.actors.presence import RETRY_S, Sight, sight_of
from hubbub.actors.requests import (
    BlockPerson,
    ChangeRequest,
    CreateRequest,
    Invite,
    PresenceRequest,
    Rename,
    WatchRequest,
)
from hubbub.config.errors import StoreRetryableError
from hubbub.config.ids import ConvId, UserId
from hubbub.storage.records import Contact, Membership, Presence

TEAM = ConvId("g_" + "a" * 26)


async def people(chat: Chat) -> tuple[UserId, UserId]:
    return await chat.person("ana"), await chat.person("bo")


async def together(chat: Chat, *users: UserId, request: UserId | None = None) -> None:
    for user in users:
        row = Membership(user, TEAM, "group", 1, 1, "", "member", None, 1, request=user == request)
        await chat.store.put_membership(row)


async def seen(chat: Chat, of: UserId, by: UserId, limit: int = 50) -> Sight:
    return await sight_of(chat.store, of, by, limit)


@pytest.mark.parametrize(
    ("chosen", "contact", "fellow"),
    [
        ("fellows", "told", "told"),
        ("contacts", "told", "hidden"),
        ("nobody", "hidden", "hidden"),
    ],
)
async def test_a_person_decides_who_sees(chosen: Presence, contact: Sight, fellow: Sight) -> None:
    async with chatting() as chat:
        ana, bo = await people(chat)
        cy = await chat.person("cy")
        await chat.store.set_profile(
            ana, "", "", chosen, sought="", colour="", findable=True
        )  # fmt: skip
        await chat.acquaint(ana, bo)
        await together(chat, ana, cy)
        assert await seen(chat, ana, bo) == contact
        assert await seen(chat, ana, cy) == fellow
        assert await seen(chat, ana, ana) == "told"
        assert await seen(chat, ana, await chat.person("dee")) == "hidden"


async def test_a_contact_that_one_of_both_wants_is_not_enough() -> None:
    async with chatting() as chat:
        ana, bo = await people(chat)
        await chat.store.put_contact(Contact(ana, bo, 1, mine=True))
        await chat.store.put_contact(Contact(bo, ana, 1, theirs=True))
        assert await seen(chat, ana, bo) == "hidden"
        assert await seen(chat, bo, ana) == "hidden"


async def test_a_block_hides_both_wherever_they_meet() -> None:
    async with chatting() as chat:
        ana, bo = await people(chat)
        await together(chat, ana, bo)
        await chat.store.put_contact(Contact(ana, bo, 1, True, True, 1, False, blocked=True))
        await chat.store.put_contact(Contact(bo, ana, 1, True, True, 1))
        assert await seen(chat, ana, bo) == "hidden"
        assert await seen(chat, bo, ana) == "hidden"


async def test_members_of_a_large_group_ask() -> None:
    async with chatting() as chat:
        ana, bo = await people(chat)
        await together(chat, ana, bo, await chat.person("cy"))
        assert await seen(chat, ana, bo, limit=3) == "told"
        assert await seen(chat, ana, bo, limit=2) == "asked"
        await chat.acquaint(ana, bo)
        assert await seen(chat, ana, bo, limit=2) == "told"


async def test_who_waits_to_be_let_in_sees_nothing_and_is_seen() -> None:
    async with chatting() as chat:
        ana, bo = await people(chat)
        await together(chat, ana, bo, request=ana)
        assert await seen(chat, ana, bo) == "hidden"
        assert await seen(chat, bo, ana) == "told"


async def test_one_who_is_not_there_is_hidden() -> None:
    async with chatting() as chat:
        ana, _ = await people(chat)
        assert await seen(chat, UserId("u_" + "z" * 20), ana) == "hidden"


async def test_who_watches_while_the_store_cannot_be_asked_is_told_later() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, _ = await pair(chat)
        read = chat.store.account

        async def broken(_user: UserId) -> None:
            raise StoreRetryableError("a fault was asked for")

        vars(chat.store)["account"] = broken
        chat.cluster.tell(f"user:{one.user}", WatchUser(other.user, other.session))
        await chat.settle()
        assert [s.online for s in other.heard(PresenceState)] == []
        vars(chat.store)["account"] = read
        clock.advance(RETRY_S)
        await chat.settle()
        assert [s.online for s in other.heard(PresenceState)] == [True]


async def test_who_joins_sees_those_that_were_on_the_screen_before() -> None:
    async with chatting() as chat:
        ana, bo = await people(chat)
        cy = await chat.person("cy")
        one, _, third = [await chat.device(user) for user in (ana, bo, cy)]
        made = await one.ask(CreateRequest(chat.next_id(), 1, 0, "Team", (bo,)))
        assert isinstance(made, Described)
        await third.ask(WatchRequest(chat.next_id(), (bo,), ()))
        assert third.heard(PresenceState) == []
        await one.ask(ChangeRequest(chat.next_id(), made.conv, 1, 0, Invite((cy,))))
        await chat.settle()
        assert [(s.user, s.online) for s in third.heard(PresenceState)] == [(bo, True)]
        await one.ask(ChangeRequest(chat.next_id(), made.conv, 2, 1, Rename("Tea")))
        await chat.settle()
        assert len(third.heard(PresenceState)) == 1, "what lets nobody see is looked at by nobody"


async def test_who_lifts_a_block_sees_at_once() -> None:
    async with chatting() as chat:
        one, other, _ = await pair(chat)
        await act(one, BlockPerson(other.user, True), 1)
        await one.ask(WatchRequest(chat.next_id(), (other.user,), ()))
        assert one.heard(PresenceState) == []
        await act(one, BlockPerson(other.user, False), 2)
        await chat.settle()
        assert [state.online for state in one.heard(PresenceState)] == [True]


async def test_just_after_a_move_nobody_is_told_that_a_user_is_offline_before_the_grace() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, _ = await pair(chat)
        ref = chat.system.lookup(f"user:{one.user}")
        assert ref is not None

        def here(_shard: int, for_s: float = 0.0) -> bool:
            return not for_s

        vars(chat.cluster)["here"] = here
        await chat.hang_up(one)
        chat.system.kill(ref)
        await other.ask(WatchRequest(90, (one.user,), ()))
        assert [s.online for s in other.heard(PresenceState)] == []
        asked = await other.ask(PresenceRequest(chat.next_id(), (one.user,)))
        assert asked == PresenceAnswer([])
        clock.advance(chat.limits.presence_grace_s)
        await chat.settle()
        assert [s.online for s in other.heard(PresenceState)] == [False]
