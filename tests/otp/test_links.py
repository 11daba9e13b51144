"""OTP's rules for monitors and links: death is data."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from tests.support.clock import ManualClock

from hubbub.actors.runtime.actor import LoopActor
from hubbub.actors.runtime.exits import Exit
from hubbub.actors.runtime.links import Down, Exited, Links, Monitor
from hubbub.actors.runtime.ref import LoopActorRef
from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.errors import ActorKilledError, NoProcError


class Soul(LoopActor):
    """Does to its own links what it is told, and keeps what it hears."""

    def __init__(self, heard: list[Any]) -> None:
        super().__init__()
        self.heard = heard

    def on_receive(self, message: Any) -> Any:
        match message:
            case "crash":
                raise ValueError("told to")
            case "stop":
                self.stop()
            case "passivate":
                self.passivate()
            case "hang":
                return asyncio.Event().wait()
            case ("ask", deed):
                return deed(self)
            case _:
                self.heard.append(message)
        return None

    def on_failure(self, *_: Any, **__: Any) -> None:
        self.heard.append("failed")


#: What an actor is let do to itself.
Deed = Callable[[Soul], Any]


class World:
    """Souls, by name."""

    def __init__(self, system: ActorSystem) -> None:
        self.system = system
        self.heard: dict[str, list[Any]] = {}
        self.exits: list[Exit] = []

    @property
    def links(self) -> Links:
        return self.system.endings.links

    def soul(self, name: str) -> LoopActorRef[Soul]:
        self.heard[name] = []
        return self.system.spawn(Soul, self.heard[name], name=name, parent=self.exits.append)

    def souls(self, *names: str) -> None:
        for name in names:
            self.soul(name)

    async def does(self, name: str, call: Deed) -> Any:
        """Let an actor do something to itself."""
        return await self.system.ask(name, ("ask", call), timeout_s=5)

    async def told(self, name: str, message: object) -> None:
        self.system.tell(name, message)
        await self.system.settle()

    async def tries(self, name: str, call: Deed) -> None:
        """Let an actor do something that may be its end."""
        await self.told(name, ("ask", call))

    async def link(self, one: str, other: str) -> None:
        await self.does(one, lambda me: me.link(other))

    def up(self, *names: str) -> list[str]:
        return [name for name in names if self.system.lookup(name) is not None]

    def downs(self, name: str) -> list[tuple[str, str]]:
        return [
            (m.name, type(m.reason).__name__)
            for m in self.heard[name]
            if isinstance(m, Down | Exited)
        ]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with ActorSystem(clock=ManualClock()) as system:
        world = World(system)
        yield world
    assert len(world.links) == 0


# --- monitors -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("end", "reason"), [("crash", "ValueError"), ("stop", "NoneType"), ("passivate", "NoneType")]
)
async def test_a_monitor_tells_of_any_end_once_and_why(world: World, end: str, reason: str) -> None:
    world.souls("a", "b")
    ref = world.system.lookup("b")
    monitor = await world.does("a", lambda me: me.monitor("b"))
    await world.told("b", end)
    assert world.downs("a") == [("b", reason)]
    (down,) = world.heard["a"]
    assert (down.monitor, down.ref) == (monitor, ref)
    assert world.up("a") == ["a"]


async def test_a_monitor_tells_of_a_kill(world: World) -> None:
    world.souls("a")
    ref = world.soul("b")
    await world.does("a", lambda me: me.monitor(ref))
    world.system.kill(ref)
    await world.system.settle()
    assert world.downs("a") == [("b", "ActorKilledError")]


async def test_a_monitor_of_nobody_tells_noproc_at_once(world: World) -> None:
    world.souls("a", "b")
    gone = world.system.lookup("b")
    await world.told("b", "stop")
    assert gone is not None
    deeds: list[Deed] = [lambda me: me.monitor("nobody"), lambda me: me.monitor(gone)]
    for deed in deeds:
        monitor: Monitor = await world.does("a", deed)
        assert monitor.target is None
    await world.system.settle()
    assert world.downs("a") == [("nobody", "NoProcError"), ("b", "NoProcError")]
    assert [down.ref for down in world.heard["a"]] == [None, None]


async def test_a_monitor_by_name_activates_nobody(world: World) -> None:
    world.souls("a")
    world.system.set_activator("user", lambda name: world.soul(name))
    await world.does("a", lambda me: me.monitor("user:1"))
    await world.system.settle()
    assert world.downs("a") == [("user:1", "NoProcError")]
    assert world.up("user:1") == []


async def test_each_monitor_tells_for_itself(world: World) -> None:
    world.souls("a", "b")
    monitors = [await world.does("a", lambda me: me.monitor("b")) for _ in range(3)]
    await world.told("b", "crash")
    assert [down.monitor for down in world.heard["a"]] == monitors


async def test_a_monitor_goes_one_way(world: World) -> None:
    world.souls("a", "b")
    await world.does("a", lambda me: me.monitor("b"))
    await world.told("a", "crash")
    assert world.up("b") == ["b"]
    assert world.heard["b"] == []
    assert len(world.links) == 0


async def test_a_monitor_that_was_ended_tells_nothing(world: World) -> None:
    world.souls("a", "b")
    monitor: Monitor = await world.does("a", lambda me: me.monitor("b"))
    await world.does("a", lambda me: me.demonitor(monitor))
    await world.does("a", lambda me: me.demonitor(monitor))
    assert len(world.links) == 0
    await world.told("b", "crash")
    assert world.heard["a"] == []


async def test_a_flush_takes_out_what_the_monitor_has_told_already(world: World) -> None:
    world.souls("a", "b", "c")

    def both(me: Soul) -> None:
        one, other = me.monitor("b"), me.monitor("c")
        for name in ("b", "c"):
            ref = me.system.lookup(name)
            assert ref is not None
            me.system.kill(ref)
        me.actor_ref.tell("later")
        me.demonitor(one, flush=True)
        me.demonitor(other)

    await world.does("a", both)
    await world.system.settle()
    assert world.downs("a") == [("c", "ActorKilledError")]
    assert world.heard["a"][-1] == "later"


async def test_a_flush_takes_out_that_nobody_was_there(world: World) -> None:
    world.souls("a")

    def once(me: Soul) -> None:
        me.demonitor(me.monitor("nobody"), flush=True)

    await world.does("a", once)
    await world.system.settle()
    assert world.heard["a"] == []


async def test_a_monitor_is_to_a_life_and_not_to_a_name(world: World) -> None:
    world.souls("a", "b")
    await world.does("a", lambda me: me.monitor("b"))
    await world.told("b", "crash")
    world.soul("b")
    await world.told("b", "crash")
    assert world.downs("a") == [("b", "ValueError")]


async def test_a_down_finds_room_in_a_full_mailbox(world: World) -> None:
    world.heard["a"] = []
    world.system.spawn(Soul, world.heard["a"], name="a", mailbox_limit=1)
    world.souls("b")
    await world.does("a", lambda me: me.monitor("b"))
    world.system.tell("b", "crash")
    world.system.tell("a", "first")
    await world.system.settle()
    assert world.downs("a") == [("b", "ValueError")]


# --- links --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("first", "second"), [("a", "b"), ("b", "a")])
async def test_a_crash_takes_the_linked_actor_with_it_for_the_same_reason(
    world: World, first: str, second: str
) -> None:
    world.souls("a", "b", "c")
    await world.link("a", "b")
    await world.told(first, "crash")
    assert world.up("a", "b", "c") == ["c"]
    one, other = world.exits
    assert (one.name, other.name) == (first, second)
    assert isinstance(one.reason, ValueError)
    assert other.reason is one.reason
    assert world.heard[second] == ["failed"]


@pytest.mark.parametrize("end", ["stop", "passivate"])
async def test_an_ordinary_end_leaves_the_linked_actor_alone(world: World, end: str) -> None:
    world.souls("a", "b")
    await world.link("a", "b")
    await world.told("b", end)
    assert world.up("a", "b") == ["a"]
    assert world.heard["a"] == []


async def test_a_trapping_actor_is_told_of_every_end_and_lives_on(world: World) -> None:
    world.souls("a", "b", "c")
    await world.does("a", lambda me: me.trap_exits())
    await world.link("a", "b")
    await world.link("c", "a")
    await world.told("b", "crash")
    await world.told("c", "stop")
    assert world.up("a", "b", "c") == ["a"]
    assert world.downs("a") == [("b", "ValueError"), ("c", "NoneType")]


async def test_an_actor_that_traps_no_more_goes_with_the_next(world: World) -> None:
    world.souls("a", "b")
    await world.does("a", lambda me: me.trap_exits())
    await world.does("a", lambda me: me.trap_exits(False))
    await world.link("a", "b")
    await world.told("b", "crash")
    assert world.up("a") == []


async def test_a_kill_is_not_trapped_and_is_told_to_those_linked(world: World) -> None:
    world.souls("a", "b")
    for name in ("a", "b"):
        await world.does(name, lambda me: me.trap_exits())
    await world.link("a", "b")
    ref = world.system.lookup("a")
    assert ref is not None
    world.system.kill(ref)
    await world.system.settle()
    assert world.up("a", "b") == ["b"]
    assert world.downs("b") == [("a", "ActorKilledError")]


async def test_a_link_to_nobody_is_a_crash_by_noproc(world: World) -> None:
    world.souls("a", "b")
    await world.does("b", lambda me: me.trap_exits())
    await world.link("b", "nobody")
    await world.system.settle()
    assert world.downs("b") == [("nobody", "NoProcError")]
    await world.tries("a", lambda me: me.link("nobody"))
    assert world.up("a", "b") == ["b"]
    assert isinstance(world.exits[0].reason, NoProcError)


async def test_a_link_is_one_however_often_it_is_made_and_none_to_oneself(world: World) -> None:
    world.souls("a", "b")
    await world.does("a", lambda me: me.trap_exits())
    for one, other in (("a", "b"), ("b", "a"), ("a", "b"), ("a", "a")):
        await world.link(one, other)
    await world.told("b", "crash")
    assert world.downs("a") == [("b", "ValueError")]
    await world.does("a", lambda me: me.unlink("a"))


async def test_an_ended_link_takes_nobody_along(world: World) -> None:
    world.souls("a", "b")
    await world.link("a", "b")
    await world.does("b", lambda me: me.unlink("a"))
    await world.does("b", lambda me: me.unlink("nobody"))
    assert len(world.links) == 0
    await world.told("a", "crash")
    assert world.up("a", "b") == ["b"]


async def test_a_crash_runs_along_a_chain_of_any_length_and_stops_at_who_traps(
    world: World,
) -> None:
    length = sys.getrecursionlimit() + 10
    names = [f"n{n}" for n in range(length)]
    world.souls(*names, "last", "beyond")
    await world.system.settle()
    for one, other in zip(names, [*names[1:], "last"], strict=True):
        here, there = world.system.lookup(one), world.system.lookup(other)
        assert here is not None and there is not None
        world.links.link(here, there)
    await world.link("beyond", "last")
    await world.does("last", lambda me: me.trap_exits())
    await world.told("n0", "crash")
    assert world.up(*names, "last", "beyond") == ["last", "beyond"]
    assert world.downs("last") == [(names[-1], "ValueError")]


async def test_a_linked_actor_that_waits_for_something_is_cut_short(world: World) -> None:
    world.souls("a", "b")
    await world.link("a", "b")
    await world.told("a", "hang")
    await world.told("b", "crash")
    assert world.up("a", "b") == []
    assert len(world.system.tasks) == 0


async def test_an_actor_that_kills_who_it_is_linked_to_goes_too(world: World) -> None:
    world.souls("a", "b")
    await world.link("a", "b")
    other = world.system.lookup("b")
    assert other is not None
    await world.tries("a", lambda me: me.system.kill(other))
    assert world.up("a", "b") == []
    assert all(isinstance(exit.reason, ActorKilledError) for exit in world.exits)


async def test_what_is_not_used_is_not_kept(world: World) -> None:
    world.souls(*map(str, range(100)))
    await world.system.settle()
    assert len(world.links) == 0
    assert not any("link" in slot or "monitor" in slot for slot in LoopActorRef.__slots__)
    await world.does("1", lambda me: me.monitor("2"))
    await world.link("3", "4")
    await world.does("5", lambda me: me.trap_exits())
    assert len(world.links) == 5
    for name in "135":
        await world.told(name, "stop")
    assert len(world.links) == 0


async def test_a_dead_actor_traps_nothing(world: World) -> None:
    ref = world.soul("a")
    await world.told("a", "stop")
    world.links.trap(ref, True)
    assert len(world.links) == 0


async def test_neither_death_nor_link_says_what_it_holds(world: World) -> None:
    down = Down(Monitor(world.soul("a"), None), None, "b", ValueError("a secret"))
    assert repr(down) == "Down(name='b')"
    assert repr(Exited(None, "b", ValueError("a secret"))) == "Exited(name='b')"
