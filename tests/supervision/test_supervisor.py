"""A supervisor of fixed children."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pykka
import pytest
from tests.support.clock import ManualClock
from tests.support.family import MANY, Engine, Keeper, Worker, World, engine_spec

from hubbub.actors.runtime.exits import Exit, ExitListener
from hubbub.actors.runtime.ref import LoopActorRef
from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.errors import ActorKilledError, GaveUpError, StartError
from hubbub.supervision.intensity import Backoff
from hubbub.supervision.spec import ChildSpec, Restart, Shutdown
from hubbub.supervision.supervisor import Supervisor


@pytest.fixture
async def world() -> AsyncIterator[World]:
    clock = ManualClock()
    async with ActorSystem(clock=clock) as system:
        yield World(system, clock)


async def test_children_start_in_order_each_when_the_one_before_is_up(world: World) -> None:
    world.gates["b"] = asyncio.Event()
    ref = await world.supervisor(world.spec("a"), world.spec("b"), world.spec("c"))
    started = ref.started()
    assert world.retold() == ["+a"]
    world.gates["b"].set()
    await started
    assert world.retold() == ["+b", "+c"]


async def test_children_stop_in_reverse(world: World) -> None:
    ref = await world.supervisor(world.spec("a"), world.spec("b"), world.spec("c"))
    world.retold()
    assert await ref.stop(block=False)
    assert world.retold() == ["-c", "-b", "-a"]
    assert [(e.name, e.reason) for e in world.exits] == [("supervisor", None)]


async def test_a_crashed_child_is_started_again_alone(world: World) -> None:
    ref = await world.supervisor(world.spec("a"), world.spec("b"))
    world.retold()
    first = world.system.lookup("a")
    await world.told("a", "crash")
    assert world.retold() == ["+a"]
    assert world.system.lookup("a") is not first
    assert ref.actor is not None
    assert list(ref.actor.children) == ["a", "b"]
    assert ref.actor.children["a"] is world.system.lookup("a")


async def test_rest_for_one_starts_those_after_it_again_too(world: World) -> None:
    await world.supervisor(
        world.spec("a"),
        world.spec("b"),
        world.spec("c"),
        world.spec("d", restart="temporary"),
        strategy="rest_for_one",
    )
    world.retold()
    await world.told("b", "crash")
    assert world.retold() == ["-d", "-c", "+b", "+c"]


async def test_a_killed_child_is_started_again(world: World) -> None:
    await world.supervisor(world.spec("a"))
    world.retold()
    ref = world.system.lookup("a")
    assert ref is not None
    world.system.kill(ref)
    await world.system.settle()
    assert world.retold() == ["+a"]


@pytest.mark.parametrize(
    ("restart", "message", "again"),
    [
        ("permanent", "crash", True),
        ("permanent", "stop", True),
        ("transient", "crash", True),
        ("transient", "stop", False),
        ("temporary", "crash", False),
        ("temporary", "stop", False),
    ],
)
async def test_the_restart_type_says_after_which_end_a_child_returns(
    world: World, restart: Restart, message: str, again: bool
) -> None:
    await world.supervisor(world.spec("a", restart))
    await world.told("a", message)
    assert (world.system.lookup("a") is not None) is again


async def test_beyond_the_intensity_all_stop_and_the_parent_hears_why(world: World) -> None:
    await world.supervisor(world.spec("a"), world.spec("b"), world.spec("c"))
    await world.told("b", "crash")
    world.retold()
    await world.passes(4.9)
    await world.told("b", "crash")
    assert world.retold() == ["-c", "-a"]
    (exit,) = world.exits
    assert isinstance(exit.reason, GaveUpError)
    assert exit.reason.child == "b"
    assert isinstance(exit.reason.__cause__, ValueError)
    assert not world.system.names.living


async def test_crashes_far_apart_do_not_count_together(world: World) -> None:
    await world.supervisor(world.spec("a"))
    for _ in range(5):
        await world.told("a", "crash")
        await world.passes(5)
    assert world.exits == []
    assert world.system.lookup("a") is not None


async def test_a_child_that_fails_at_its_restart_is_tried_again_after_a_wait(world: World) -> None:
    await world.supervisor(world.spec("a"), world.spec("b"), strategy="rest_for_one")
    world.retold()
    world.broken["a"] = 2
    await world.told("a", "crash")
    assert world.retold() == ["-b"]
    await world.passes(0.1)
    assert world.retold() == []
    await world.passes(0.2)
    assert world.retold() == ["+a", "+b"]
    assert world.exits == []


async def test_a_wait_for_one_child_does_not_hold_up_the_others(world: World) -> None:
    await world.supervisor(world.spec("a"), world.spec("b"), intensity=MANY)
    world.broken["a"] = 1
    await world.told("a", "crash")
    world.retold()
    await world.told("b", "crash")
    assert world.retold() == ["+b"]
    await world.passes(0.1)
    assert world.retold() == ["+a"]


async def test_a_retry_that_a_restart_from_before_overtook_does_nothing(world: World) -> None:
    await world.supervisor(
        world.spec("a"), world.spec("b"), strategy="rest_for_one", intensity=MANY
    )
    world.broken["b"] = 1
    await world.told("b", "crash")
    world.retold()
    await world.told("a", "crash")
    assert world.retold() == ["+a", "+b"]
    await world.passes(10)
    assert world.retold() == []


async def test_a_child_that_never_starts_again_is_given_up(world: World) -> None:
    await world.supervisor(world.spec("a"), backoff=Backoff(first_s=1, tries=2))
    world.broken["a"] = 100
    await world.told("a", "crash")
    await world.passes(1)
    assert world.exits == []
    await world.passes(2)
    (exit,) = world.exits
    assert isinstance(exit.reason, GaveUpError)
    assert isinstance(exit.reason.__cause__, OSError)


async def test_a_first_start_is_tried_again_too(world: World) -> None:
    world.broken["b"] = 1
    ref = await world.supervisor(world.spec("a"), world.spec("b"))
    assert world.retold() == ["+a"]
    await world.passes(0.1)
    assert world.retold() == ["+b"]
    await ref.started()


async def test_a_start_error_is_not_tried_again_and_stops_those_before(world: World) -> None:
    class Refuses(Worker):
        def on_start(self) -> None:
            raise StartError("port 80 is in use")

    await world.supervisor(world.spec("a"), world.spec("b", cls=Refuses))
    (exit,) = world.exits
    assert isinstance(exit.reason, StartError)
    assert not exit.started
    assert world.retold() == ["+a", "-a"]


async def test_a_child_that_stops_as_it_starts_counts_as_not_started(world: World) -> None:
    class Quits(Worker):
        def on_start(self) -> None:
            self.system.passivate(self)
            self.system.kill(self.actor_ref)

    await world.supervisor(world.spec("a", cls=Quits), backoff=Backoff(tries=0))
    (exit,) = world.exits
    assert isinstance(exit.reason, GaveUpError)


async def test_a_child_that_hangs_is_killed_when_its_shutdown_is_over(world: World) -> None:
    ref = await world.supervisor(world.spec("a"), world.spec("b", shutdown=2))
    await world.told("b", "hang")
    world.retold()
    stopped = ref.stop(block=False)
    await world.passes(1.9)
    assert world.retold() == []
    await world.passes(0.1)
    assert await stopped
    assert world.retold() == ["-a"]


async def test_a_brutal_shutdown_does_not_ask(world: World) -> None:
    ref = await world.supervisor(world.spec("a", shutdown="brutal"))
    world.retold()
    assert await ref.stop(block=False)
    assert world.retold() == []
    assert world.system.lookup("a") is None


async def test_an_infinite_shutdown_waits(world: World) -> None:
    world_gate = asyncio.Event()

    class Slow(Worker):
        async def on_stop(self) -> None:  # type: ignore[override]  # pykka's is not async
            await world_gate.wait()

    ref = await world.supervisor(world.spec("a", shutdown="infinity", cls=Slow))
    stopped = ref.stop(block=False)
    await world.passes(1000)
    assert not stopped.done
    world_gate.set()
    assert await stopped


async def test_what_waits_for_a_crashed_child_goes_to_the_next_if_its_class_keeps_it(
    world: World,
) -> None:
    await world.supervisor(world.spec("a", cls=Keeper), world.spec("b"), intensity=MANY)
    world.retold()
    for name in ("a", "b"):
        for message in ("crash", "one", "two"):
            world.system.tell(name, message)
    await world.system.settle()
    assert sorted(world.retold()) == ["+a", "+b", "a: one", "a: two"]
    assert world.system.dead_letters.counts == {"crashed": 2}


async def test_messages_for_a_child_that_is_down_wait_or_are_dead_letters(world: World) -> None:
    await world.supervisor(world.spec("a", cls=Keeper), world.spec("b"), intensity=MANY)
    world.broken = {"a": 1, "b": 1}
    await world.told("a", "crash")
    await world.told("b", "crash")
    world.retold()
    assert world.system.tell("a", "hello")
    assert not world.system.tell("b", "hello")
    assert world.system.dead_letters.counts == {"restarting": 1}
    await world.passes(0.1)
    assert sorted(world.retold()) == ["+a", "+b", "a: hello"]


async def test_a_supervisor_that_is_killed_leaves_no_child_behind(world: World) -> None:
    made: list[Engine] = []
    ref = await world.supervisor(world.spec("a"), engine_spec(world, "engine", made))
    world.retold()
    world.system.kill(ref)
    await world.system.settle()
    assert world.retold() == ["-engine"]
    assert world.system.lookup("a") is None
    assert isinstance(world.exits[0].reason, ActorKilledError)


async def test_a_supervisor_that_is_killed_in_its_start_leaves_no_child_behind(
    world: World,
) -> None:
    world.gates["b"] = asyncio.Event()
    ref = await world.supervisor(world.spec("a"), world.spec("b"))
    world.system.kill(ref)
    await world.system.settle()
    assert not world.system.names.living


async def test_supervisors_nest_and_a_give_up_climbs(world: World) -> None:
    def inner(exits: ExitListener) -> LoopActorRef[Any]:
        return world.system.spawn(
            Supervisor, [world.spec("a"), world.spec("b")], name="inner", parent=exits
        )

    await world.supervisor(
        world.spec("first"), ChildSpec("inner", inner, type="supervisor"), world.spec("last")
    )
    assert world.retold() == ["+first", "+a", "+b", "+last"]
    await world.told("a", "crash")
    await world.told("a", "crash")
    assert world.retold() == ["+a", "-b", "+a", "+b"]
    await world.told("a", "crash")
    await world.told("a", "crash")
    assert world.retold() == ["+a", "-b", "-last", "-first"]
    assert isinstance(world.exits[0].reason, GaveUpError)


async def test_the_end_of_a_system_stops_a_tree_in_order() -> None:
    async with ActorSystem(clock=ManualClock()) as system:
        world = World(system, ManualClock())
        system.spawn(Supervisor, [world.spec("a"), world.spec("b")])
        await system.settle()
    assert world.story == ["+a", "+b", "-b", "-a"]


async def test_a_name_that_is_held_already_does_not_keep_a_child_down(world: World) -> None:
    class Holder(Worker):
        def on_stop(self) -> None:
            self.system.passivate(self)
            self.system.names.forget(self.actor_ref)
            self.system.reserve(self.name, ["held"], keeps=True, limit=1)

    await world.supervisor(world.spec("a", cls=Holder))
    await world.told("a", "stop")
    assert world.retold() == ["+a", "+a", "a: held"]


# --- services -----------------------------------------------------------------------------------


async def test_a_service_is_started_and_stopped_like_an_actor(world: World) -> None:
    made: list[Engine] = []
    ref = await world.supervisor(
        world.spec("a"), engine_spec(world, "engine", made), world.spec("b")
    )
    assert await ref.stop(block=False)
    assert world.retold() == ["+a", "+engine", "+b", "-b", "-engine", "-a"]


async def test_a_service_that_fails_is_made_anew(world: World) -> None:
    made: list[Engine] = []
    await world.supervisor(engine_spec(world, "engine", made), world.spec("b"))
    world.retold()
    made[0].exits(Exit(None, "engine", OSError("gone")))
    # What it says of an earlier life is old news.
    made[0].exits(Exit(None, "engine", OSError("gone")))
    await world.system.settle()
    made[0].exits(Exit(None, "engine", OSError("gone")))
    await world.system.settle()
    assert world.retold() == ["+engine"]
    assert len(made) == 2
    assert world.exits == []


async def test_a_service_that_does_not_start_is_tried_again(world: World) -> None:
    world.broken["engine"] = 1
    made: list[Engine] = []
    await world.supervisor(engine_spec(world, "engine", made))
    assert world.retold() == []
    await world.passes(0.1)
    assert world.retold() == ["+engine"]


async def test_a_service_that_asks_a_dead_actor_at_its_start_has_not_started(
    world: World,
) -> None:
    class Lonely(Engine):
        async def start(self) -> None:
            raise pykka.ActorDeadError("nobody there")

    await world.supervisor(
        ChildSpec("lonely", lambda exits: Lonely(world, "lonely", exits)),
        backoff=Backoff(tries=0),
    )
    (exit,) = world.exits
    assert isinstance(exit.reason, GaveUpError)
    assert isinstance(exit.reason.__cause__, pykka.ActorDeadError)


@pytest.mark.parametrize("shutdown", [2, "brutal"])
async def test_a_service_that_hangs_at_its_stop_is_cancelled(
    world: World, shutdown: Shutdown
) -> None:
    made: list[Engine] = []
    ref = await world.supervisor(engine_spec(world, "engine", made, shutdown))
    made[0].hangs = True
    stopped = ref.stop(block=False)
    await world.passes(2)
    assert await stopped
    assert world.retold() == ["+engine"]
    assert len(world.system.tasks) == 0


async def test_a_service_that_fails_at_its_stop_does_not_hold_up_the_others(world: World) -> None:
    made: list[Engine] = []
    ref = await world.supervisor(world.spec("a"), engine_spec(world, "engine", made))
    world.broken["stop engine"] = 1
    assert await ref.stop(block=False)
    assert world.retold() == ["+a", "+engine", "-a"]


async def test_a_message_that_is_none_of_its_own_is_left_alone(world: World) -> None:
    ref = await world.supervisor(world.spec("a"))
    assert await ref.ask("what?", block=False) is None
    assert ref.is_alive()
