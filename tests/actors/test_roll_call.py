"""Who is still there, though a goodbye was lost."""

from __future__ import annotations

from typing import Any, cast

import pytest
from tests.support.chat import Chat, Device, chatting
from tests.support.clock import ManualClock
from tests.support.two import pair, pass_time

from hubbub.actors import conversation
from hubbub.actors.answers import PresenceState
from hubbub.actors.commands import Detach, UnwatchConv, UnwatchUser
from hubbub.actors.ports import Cluster
from hubbub.actors.requests import WatchRequest
from hubbub.actors.roll_call import RollCall, RollTaker, StillWatching, asker_of, call_roll


class Told:
    """A cluster that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []

    def tell(self, name: str, message: Any) -> bool:
        self.told.append((name, message))
        return True


def lose(chat: Chat, patch: pytest.MonkeyPatch, *kinds: type) -> None:
    """What is told of these kinds is lost, as at a full mailbox."""
    tell = chat.cluster.tell

    def lossy(name: str, message: Any) -> bool:
        return False if isinstance(message, kinds) else tell(name, message)

    patch.setattr(chat.cluster, "tell", lossy)


def die(chat: Chat, device: Device) -> None:
    """The device's Session dies beside its socket: nobody says goodbye."""
    del chat.devices[device.session]
    ref = chat.system.lookup(device.session)
    assert ref is not None
    chat.system.kill(ref)


def test_each_node_is_asked_once_for_all_of_its_sessions() -> None:
    cluster = Told()
    one, two, far = "session:n1:ab/1", "session:n1:ab/2", "session:n2:cd/1"
    call_roll(cast(Cluster, cluster), "user:u_ann", [one, far], [two])
    assert cluster.told == [
        (asker_of(one), RollCall("user:u_ann", (one,), (two,))),
        (asker_of(far), RollCall("user:u_ann", (far,), ())),
    ]


async def test_the_name_of_who_answers_for_a_session_is_its_nodes_asker() -> None:
    async with chatting() as chat:
        device = await chat.device(await chat.person("ann"))
        assert asker_of(device.session) == chat.asker.name


async def test_who_is_gone_is_said_goodbye_for_and_who_is_there_is_asked() -> None:
    async with chatting() as chat:
        cluster = Told()
        taker = RollTaker(chat, cast(Cluster, cluster))
        here = (await chat.device(await chat.person("ann"))).session
        gone = "session:n:i/99"
        taker.take(RollCall("user:u_bob", (here, gone), (here, gone)))
        taker.take(RollCall("conv:g_tea", (), (gone,)))
        assert cluster.told == [
            ("user:u_bob", Detach(gone)),
            (here, StillWatching("user:u_bob")),
            ("user:u_bob", UnwatchUser(gone)),
            ("conv:g_tea", UnwatchConv(gone)),
        ]


@pytest.mark.parametrize("lost", [True, False])
async def test_nobody_is_online_for_ever(lost: bool) -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, _ = await pair(chat)
        await one.ask(WatchRequest(chat.next_id(), (other.user,), ()))
        with pytest.MonkeyPatch.context() as patch:
            lose(chat, patch, Detach)
            if lost:
                await chat.hang_up(other)
            else:
                die(chat, other)
        for _ in range(2):
            await pass_time(chat, clock, chat.limits.idle_s)
        assert [state.online for state in one.heard(PresenceState)] == [True, False]
        await pass_time(chat, clock, chat.limits.idle_s)
        await chat.hang_up(one)
        for _ in range(4):
            await pass_time(chat, clock, chat.limits.idle_s)
        assert not any(name.startswith("user:") for name in chat.system.names.living)


@pytest.mark.parametrize("how", ["looks elsewhere", "hangs up", "dies"])
async def test_no_actor_is_kept_by_a_watch_whose_end_was_lost(how: str) -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, conv = await pair(chat)
        await one.ask(WatchRequest(chat.next_id(), (other.user,), (conv,)))
        await chat.hang_up(other)
        with pytest.MonkeyPatch.context() as patch:
            lose(chat, patch, UnwatchUser, UnwatchConv)
            if how == "looks elsewhere":
                await one.ask(WatchRequest(chat.next_id(), (), ()))
            elif how == "hangs up":
                await chat.hang_up(one)
            else:
                die(chat, one)
            await chat.settle()
        assert len(chat.watchers.watched()) == 2
        for _ in range(5):
            await pass_time(chat, clock, chat.limits.idle_s)
        assert chat.watchers.watched() == []
        assert chat.system.lookup(f"user:{other.user}") is None
        assert chat.system.lookup(f"conv:{conv}") is None


async def test_who_still_watches_stays_a_watcher(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "MOST_CALLED", 1)
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, conv = await pair(chat)
        for device, user in ((one, other.user), (other, one.user)):
            await device.ask(WatchRequest(chat.next_id(), (user,), (conv,)))
        for _ in range(5):
            await pass_time(chat, clock, chat.limits.idle_s)
        assert set(chat.watchers.of(f"conv:{conv}")) == {one.session, other.session}
        assert set(chat.watchers.of(f"user:{one.user}")) == {other.session}
