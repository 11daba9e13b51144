"""Those whose mailboxes had no room for what was pushed to them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.support.clock import ManualClock
from tests.support.nodes import nodes, virtual

from hubbub.actors.answers import Behind, PresenceState, Typing
from hubbub.actors.commands import (
    HeadTold,
    LookAgain,
    Reply,
    UnwatchUser,
    WatchConv,
    WatchUser,
)
from hubbub.actors.node_commands import Reread
from hubbub.actors.requests import WatchRequest
from hubbub.actors.runtime.actor import LoopActor
from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.errors import MailboxFullError
from hubbub.config.ids import ConvId, UserId
from hubbub.config.metrics import Metrics
from hubbub.transport.cluster.unpushed import ROOM_S, Unpushed

NEWS = HeadTold(ConvId("g_x"), 3)


class Listener(LoopActor):
    def __init__(self, heard: list[Any]) -> None:
        super().__init__()
        self.heard = heard

    async def on_receive(self, message: Any) -> None:
        if isinstance(message, asyncio.Event):
            await message.wait()
        self.heard.append(message)


async def test_who_had_no_room_looks_again_once_there_is_room_and_nobody_else_does() -> None:
    clock, metrics = ManualClock(), Metrics()
    async with ActorSystem(clock=clock, mailbox_limit=1) as system:
        unpushed, go_on = Unpushed(system, metrics, system.tell), asyncio.Event()
        busy: list[Any] = []
        idle: list[Any] = []
        system.spawn(Listener, busy, name="user:a")
        system.spawn(Listener, idle, name="user:b")
        system.tell("user:a", go_on)
        await system.settle()
        for _ in range(3):
            unpushed.push(("user:a", "user:b", "user:nobody"), NEWS)
            await system.settle()
        clock.advance(ROOM_S)
        await system.settle()
        go_on.set()
        await system.settle()
        assert (busy, idle) == ([go_on, NEWS], [NEWS] * 3), "there was no room to be told"
        clock.advance(ROOM_S)
        await system.settle()
        clock.advance(ROOM_S)
        await system.settle()
        assert (busy, idle) == ([go_on, NEWS, Reread()], [NEWS] * 3), "once, for all of it"
        assert 'hubbub_dropped_total{reason="mailbox_full"} 2.0' in metrics.render().decode()


ANN = UserId("u_ann")
WATCH = WatchUser(ANN, "session:n:i/1")
LOOK = WatchConv(ANN, "session:n:i/1")


@pytest.mark.parametrize(
    ("told", "later"),
    [
        (Behind({}), [Reread()]),
        (PresenceState(ANN, False, 7), [LookAgain()]),
        (WATCH, [WATCH]),
        (LOOK, [LOOK]),
        (Typing(ConvId("g_x"), ANN), []),
        (UnwatchUser("session:n:i/1"), []),
        (Reply(1, None), []),
    ],
)
async def test_what_had_no_room_is_made_good(told: object, later: list[Any]) -> None:
    """Only what would be missed for ever: the rest is asked for, or told again, by somebody."""
    clock, metrics = ManualClock(), Metrics()
    async with ActorSystem(clock=clock, mailbox_limit=1) as system:

        def tell(name: str, message: Any) -> bool:
            try:
                return system.tell(name, message)
            except MailboxFullError:
                unpushed.missed(name, message)
                return False

        unpushed, go_on = Unpushed(system, metrics, tell), asyncio.Event()
        heard: list[Any] = []
        system.spawn(Listener, heard, name="it")
        tell("it", go_on)
        await system.settle()
        tell("it", "fills the mailbox")
        assert [tell("it", told), tell("it", told)] == [False, False]
        clock.advance(ROOM_S)
        await system.settle()
        go_on.set()
        await system.settle()
        assert heard == [go_on, "fills the mailbox"], "there was no room yet"
        clock.advance(ROOM_S)
        await system.settle()
        clock.advance(ROOM_S)
        await system.settle()
        assert heard == [go_on, "fills the mailbox", *later]


@virtual
async def test_a_watch_that_its_home_could_not_take_is_told_again() -> None:
    """Its mailbox is full; then it moves on, before whoever watches knows of that."""
    async with nodes(3) as here:
        ann = await here.phone("ann", "n2")
        await (await here.phone("bob", "n1")).create("Tea", ann.user)
        name = f"user:{ann.user}"
        home = here.owner(name)
        away = next(n.name for n in here.all() if n.name != home)
        watcher = await here.phone("bob", away, "tablet")
        tell, full = here[home].system.tell, True

        def no_room(name_: str, message: Any, **how: Any) -> bool:
            if full and name_ == name and isinstance(message, WatchUser):
                raise MailboxFullError(1)
            return tell(name_, message, **how)

        vars(here[home].system)["tell"] = no_room
        await watcher.ask(WatchRequest(watcher.device.next_id(), (ann.user,), ()))
        await asyncio.sleep(5)
        assert watcher.heard(PresenceState) == []
        full = False
        await asyncio.sleep(2)
        assert [s.online for s in watcher.heard(PresenceState)] == [True]

        routes: Any = vars(here[home].cluster)["_routes"]
        known, strays = routes.node, ["elsewhere"]

        def astray(to: str) -> str | None:
            return strays.pop() if strays and to == name else known(to)

        await watcher.ask(WatchRequest(watcher.device.next_id(), (), ()))
        await asyncio.sleep(1)
        vars(routes)["node"] = astray
        await watcher.ask(WatchRequest(watcher.device.next_id(), (ann.user,), ()))
        await asyncio.sleep(0.5)
        assert not strays
        assert [s.online for s in watcher.heard(PresenceState)] == [True]
        await asyncio.sleep(2)
        assert [s.online for s in watcher.heard(PresenceState)] == [True, True]
