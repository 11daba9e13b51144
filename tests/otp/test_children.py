"""OTP's rules for children: how they start, which of them return, how they are shut down."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.family import MANY, Engine, Worker, World, engine_spec

from hubbub.actors.runtime.exits import ExitListener
from hubbub.actors.runtime.ref import LoopActorRef
from hubbub.config.errors import BadSpecError, GaveUpError, StartError
from hubbub.supervision.intensity import Backoff
from hubbub.supervision.spec import GRACE_S, Child, ChildSpec, Restart, Shutdown
from hubbub.supervision.supervisor import Supervisor


def nothing(exits: ExitListener) -> Child | None:
    return None


# --- starting and stopping ----------------------------------------------------------------------


async def test_children_are_started_from_first_to_last(world: World) -> None:
    await world.supervisor(world.spec("a"), world.spec("b"), world.spec("c"))
    assert world.retold() == ["+a", "+b", "+c"]


async def test_children_are_terminated_from_last_to_first(world: World) -> None:
    ref = await world.supervisor(world.spec("a"), world.spec("b"), world.spec("c"))
    world.retold()
    assert await ref.stop(block=False)
    assert world.retold() == ["-c", "-b", "-a"]


async def test_a_start_is_synchronous_the_next_child_waits_for_it(world: World) -> None:
    world.gates["a"] = asyncio.Event()
    await world.supervisor(world.spec("a"), world.spec("b"))
    assert world.retold() == []
    world.gates["a"].set()
    await world.system.settle()
    assert world.retold() == ["+a", "+b"]


async def test_a_child_that_cannot_start_stops_those_before_it_and_the_supervisor(
    world: World,
) -> None:
    class Refuses(Worker):
        def on_start(self) -> None:
            raise StartError("port 80 is in use")

    await world.supervisor(world.spec("a"), world.spec("b"), world.spec("c", cls=Refuses))
    assert world.retold() == ["+a", "+b", "-b", "-a"]
    (exit,) = world.exits
    assert not exit.started
    assert isinstance(exit.reason, StartError)


async def test_a_child_that_ignores_its_start_is_kept_as_a_spec_that_is_down(world: World) -> None:
    await world.supervisor(
        ChildSpec("a", nothing), ChildSpec("b", nothing, restart="temporary"), world.spec("c")
    )
    assert [(i.name, i.state) for i in await world.orders.which_children()] == [
        ("a", "stopped"),
        ("c", "running"),
    ]


async def test_two_children_of_one_name_are_refused(world: World) -> None:
    with pytest.raises(BadSpecError, match="two of this name"):
        world.system.spawn(Supervisor, [world.spec("a"), world.spec("a")])


# --- restart: permanent, transient, temporary ---------------------------------------------------


@pytest.mark.parametrize("end", ["crash", "stop"])
async def test_a_permanent_child_is_always_restarted(world: World, end: str) -> None:
    await world.supervisor(world.spec("a", "permanent"))
    await world.told("a", end)
    assert world.up("a")


async def test_a_transient_child_is_restarted_after_an_abnormal_end_only(world: World) -> None:
    await world.supervisor(world.spec("a", "transient"))
    await world.told("a", "crash")
    assert world.up("a")
    await world.told("a", "stop")
    assert not world.up("a")
    assert [(i.name, i.state) for i in await world.orders.which_children()] == [("a", "stopped")]


@pytest.mark.parametrize("end", ["crash", "stop"])
async def test_a_temporary_child_is_never_restarted_and_its_spec_goes_with_it(
    world: World, end: str
) -> None:
    await world.supervisor(world.spec("a", "temporary"))
    await world.told("a", end)
    assert not world.up("a")
    assert await world.orders.which_children() == []


async def test_a_killed_child_has_ended_abnormally(world: World) -> None:
    await world.supervisor(world.spec("a", "transient"))
    ref = world.system.lookup("a")
    assert ref is not None
    world.system.kill(ref)
    await world.system.settle()
    assert world.up("a")


@pytest.mark.parametrize("restart", ["permanent", "transient"])
async def test_a_restart_that_fails_is_tried_again_until_it_is_given_up(
    world: World, restart: Restart
) -> None:
    await world.supervisor(world.spec("a", restart), backoff=Backoff(first_s=1, tries=2))
    world.broken["a"] = 2
    await world.told("a", "crash")
    assert [i.state for i in await world.orders.which_children()] == ["restarting"]
    await world.passes(1)
    await world.passes(2)
    assert world.up("a")
    world.broken["a"] = 3
    await world.passes(10)
    await world.told("a", "crash")
    await world.passes(1)
    await world.passes(2)
    assert isinstance(world.exits[0].reason, GaveUpError)


# --- shutdown -----------------------------------------------------------------------------------


async def test_a_child_that_is_not_gone_within_its_shutdown_time_is_killed(world: World) -> None:
    ref = await world.supervisor(world.spec("a", shutdown=2))
    await world.told("a", "hang")
    stopped = ref.stop(block=False)
    await world.passes(1.9)
    assert world.up("a")
    await world.passes(0.1)
    assert not world.up("a")
    assert await stopped


async def test_a_brutal_kill_does_not_let_the_child_clean_up(world: World) -> None:
    ref = await world.supervisor(world.spec("a", shutdown="brutal"))
    world.retold()
    assert await ref.stop(block=False)
    assert world.retold() == []
    assert not world.up("a")


async def test_an_infinite_shutdown_waits_as_long_as_the_child_takes(world: World) -> None:
    gate = asyncio.Event()

    class Slow(Worker):
        async def on_stop(self) -> None:  # type: ignore[override]  # pykka's is not async
            await gate.wait()

    ref = await world.supervisor(world.spec("a", shutdown="infinity", cls=Slow))
    stopped = ref.stop(block=False)
    await world.passes(100_000)
    assert not stopped.done
    gate.set()
    assert await stopped


def test_a_worker_has_five_seconds_and_a_supervisor_forever_unless_said_otherwise() -> None:
    assert GRACE_S == 5
    assert ChildSpec("a", nothing).grace == 5
    assert ChildSpec("a", nothing, type="supervisor").grace == "infinity"


# --- kinds of children --------------------------------------------------------------------------


async def test_a_supervisor_is_a_child_like_any_other(world: World) -> None:
    def inner(exits: ExitListener) -> LoopActorRef[Supervisor]:
        return world.system.spawn(
            Supervisor, [world.spec("x"), world.spec("y")], name="inner", parent=exits
        )

    ref = await world.supervisor(world.spec("a"), ChildSpec("inner", inner, type="supervisor"))
    assert world.retold() == ["+a", "+x", "+y"]
    assert await ref.stop(block=False)
    assert world.retold() == ["-y", "-x", "-a"]


@pytest.mark.parametrize("shutdown", [2, "brutal"])
async def test_a_service_is_a_child_like_any_other(world: World, shutdown: Shutdown) -> None:
    made: list[Engine] = []
    ref = await world.supervisor(engine_spec(world, "e", made, shutdown), intensity=MANY)
    made[0].exits(made[0].exit(OSError("gone")))
    await world.system.settle()
    assert len(made) == 2
    made[1].hangs = True
    stopped = ref.stop(block=False)
    await world.passes(2)
    assert await stopped
    assert world.retold() == ["+e", "+e"]
    assert len(world.system.tasks) == 0
