"""A user's private log: what comes back, and what a failed append leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from tests.support.chat import Chat, chatting
from tests.support.clock import ManualClock
from tests.support.two import act, pair

from hubbub.actors.answers import Acked, Behind, Described, HeadsAnswer, PresenceState
from hubbub.actors.bodies import PersonFact
from hubbub.actors.commands import DeviceRevoked, ListChange
from hubbub.actors.private_log import PrivateLog
from hubbub.actors.requests import CreateRequest, MuteConv, SyncRequest, WatchRequest
from hubbub.actors.user_state import UserState
from hubbub.config.errors import StaleEpochError, StoreRetryableError, UnavailableError
from hubbub.config.ids import DeviceId, UserId, self_log, shard_of
from hubbub.config.limits import Limits
from hubbub.storage.memory_faults import FailNext, UnknownNext
from hubbub.storage.records import Snapshot

ANA, BO = UserId("u_ana"), UserId("u_bo")
ASKED = PersonFact("request", BO)


class Heard:
    """What was told when the log was read."""

    def __init__(self) -> None:
        self.states: list[UserState] = []

    def __call__(self, state: UserState) -> None:
        self.states.append(state)


def private(chat: Chat, heard: Heard | None = None) -> PrivateLog:
    return PrivateLog(ANA, chat.store, chat.cluster, Limits(), heard or Heard())


async def ready(log: PrivateLog) -> UserState:
    state = await log.ready()
    assert state is not None
    return state


async def test_what_is_owed_comes_back_from_the_tail_and_from_the_snapshot() -> None:
    async with chatting() as chat:
        log = private(chat)
        state = await ready(log)
        await log.append(state, state.entry(ASKED, "v_phone", 1, 1000), unfinished=True)
        heard = Heard()
        again = await ready(private(chat, heard))
        assert again.owed == {1: ASKED}
        assert heard.states == [again]
        log.save()
        third = await ready(private(chat))
        assert (third.owed, third.saved) == ({1: ASKED}, 1)
        assert third.windows == again.windows


async def test_a_log_that_owes_nothing_is_finished_when_it_is_read() -> None:
    async with chatting() as chat:
        log = private(chat)
        state = await ready(log)
        await log.append(state, state.entry(PersonFact("request", BO), "", 0, 1), unfinished=True)
        assert await chat.store.unfinished() == [self_log(ANA)]
        state.owed.clear()
        log.save()
        await log.append(state, state.entry(PersonFact("block", BO), "", 0, 1))
        state.owed.clear()
        log.finish()
        await chat.settle()
        await ready(private(chat))
        assert await chat.store.unfinished() == []


async def test_a_snapshot_of_version_1_owed_nothing() -> None:
    async with chatting() as chat:
        log = private(chat)
        state = await ready(log)
        await log.append(state, state.entry(ASKED, "v_phone", 1, 1000))
        old: dict[str, Any] = {"v": 1, "seq": 1, "ts": 1000, "windows": {}, "creating": []}
        packed = msgspec.msgpack.encode(old)
        chat.store.put_snapshot(log.conv, state.epoch, Snapshot(1, packed, {}))
        again = await ready(private(chat))
        assert (again.head, again.owed) == (1, {})


@pytest.mark.parametrize(("fault", "epochs"), [(FailNext(), 1), (UnknownNext(), 2)])
async def test_a_failed_append_reads_the_state_again(
    fault: FailNext | UnknownNext, epochs: int
) -> None:
    async with chatting() as chat:
        heard = Heard()
        log = private(chat, heard)
        state = await ready(log)
        state.sessions["session:n:i/1"] = device = await chat.device(await chat.person("bo"))
        chat.store.faults.append(fault)
        with pytest.raises(UnavailableError):
            await log.append(state, state.entry(ASKED, "v_phone", 1, 1000))
        again = log.state
        assert again is not None
        assert again is not state
        assert (again.sessions, again.epoch) == ({"session:n:i/1": device}, epochs)
        assert again.head == epochs - 1, "what may have happened did, and is found"
        assert heard.states == [state, again]


async def test_a_log_that_another_owner_took_is_not_read() -> None:
    async with chatting() as chat:
        log = private(chat)
        await chat.cluster.epoch(shard_of(log.conv))
        await chat.store.claim(shard_of(log.conv))
        assert await log.ready() is None
        log.save()
        log.finish()
        with pytest.raises(StaleEpochError):
            await chat.store.activate(log.conv, 1)


async def test_a_row_whose_entry_was_refused_is_told_of_under_a_version_of_its_own() -> None:
    async with chatting() as chat:
        one, other, conv = await pair(chat)
        made = await one.ask(CreateRequest(chat.next_id(), 1, 0, "Team", (other.user,)))
        assert isinstance(made, Described)
        await act(other, MuteConv(conv, 1_900_000_000_000), 1)
        await chat.settle()
        lv, _ = await chat.store.head(self_log(other.user))
        row = await chat.store.membership(other.user, made.conv)
        assert row is not None
        # An owner that was over left this; the version it names is the mute's.
        await chat.store.put_membership(replace(row, lv=lv, conv_seq=2, until=2))
        line = ListChange(made.conv, 2, "group", "Team", "member", None, 1, 2)
        for _ in range(2):
            chat.cluster.tell(f"user:{other.user}", line)
            await chat.settle()
        shown = await other.ask(SyncRequest(chat.next_id(), lv))
        assert isinstance(shown, HeadsAnswer)
        assert [gone.conv for gone in shown.gone] == [made.conv]
        assert shown.lv == lv + 1, "told again, it is known to stand there"


async def test_a_line_that_was_muted_since_is_not_told_of_once_more() -> None:
    async with chatting() as chat:
        one, other, _ = await pair(chat)
        made = await one.ask(CreateRequest(chat.next_id(), 1, 0, "Team", (other.user,)))
        assert isinstance(made, Described)
        await chat.settle()
        await act(other, MuteConv(made.conv, 1_900_000_000_000), 1)
        before = await chat.store.head(self_log(other.user))
        line = ListChange(made.conv, 1, "group", "Team", "member", None, 1, None)
        chat.cluster.tell(f"user:{other.user}", line)
        await chat.settle()
        assert await chat.store.head(self_log(other.user)) == before


async def test_a_user_whose_log_could_not_be_read_at_its_restart_has_its_sessions_later() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, conv = await pair(chat)
        await other.ask(WatchRequest(90, (one.user,), ()))
        ref = chat.system.lookup(f"user:{one.user}")
        assert ref is not None
        activate = chat.store.activate

        async def broken(*_: Any) -> None:
            raise StoreRetryableError("a fault was asked for")

        vars(chat.store)["activate"] = broken
        chat.system.kill(ref)
        chat.cluster.tell(f"user:{one.user}", DeviceRevoked(DeviceId("v_none")))
        await chat.settle()
        vars(chat.store)["activate"] = activate
        for seconds in (5, 1):
            clock.advance(seconds)
            await chat.settle()
        assert one.heard(Behind)
        assert isinstance(await other.post(conv, 1, "Hi", 0), Acked)
        assert one.texts() == ["Hi"]
        assert other.heard(PresenceState)[-1].online
