"""OTP's rules for what a supervisor is asked while it runs."""

from __future__ import annotations

import pytest
from tests.support.family import MANY, World

from hubbub.actors.runtime.exits import ExitListener
from hubbub.actors.runtime.ref import LoopActorRef
from hubbub.config.errors import (
    AlreadyPresentError,
    AlreadyStartedError,
    ChildNotFoundError,
    ChildRestartingError,
    ChildRunningError,
    ChildStartError,
)
from hubbub.supervision.orders import ChildCounts
from hubbub.supervision.spec import ChildSpec
from hubbub.supervision.supervisor import Supervisor


async def restarting(world: World) -> None:
    """A supervisor whose child "a" crashed and does not start."""
    await world.supervisor(world.spec("a"), intensity=MANY)
    world.broken["a"] = 100
    await world.told("a", "crash")
    world.retold()


# --- start_child --------------------------------------------------------------------------------


async def test_start_child_adds_a_child_behind_all_others(world: World) -> None:
    ref = await world.supervisor(world.spec("a"), intensity=MANY)
    child = await world.orders.start_child(world.spec("b"))
    assert child is world.system.lookup("b")
    await world.told("b", "crash")
    assert world.retold() == ["+a", "+b", "+b"]
    assert await ref.stop(block=False)
    assert world.retold() == ["-b", "-a"]


async def test_start_child_refuses_a_name_that_is_started(world: World) -> None:
    await world.supervisor(world.spec("a"))
    with pytest.raises(AlreadyStartedError):
        await world.orders.start_child(world.spec("a"))
    assert world.retold() == ["+a"]


async def test_start_child_refuses_a_name_that_is_restarting_as_started(world: World) -> None:
    await restarting(world)
    with pytest.raises(AlreadyStartedError):
        await world.orders.start_child(world.spec("a"))


async def test_start_child_refuses_a_name_that_is_present_and_down(world: World) -> None:
    await world.supervisor(world.spec("a"))
    await world.orders.terminate_child("a")
    with pytest.raises(AlreadyPresentError):
        await world.orders.start_child(world.spec("a"))


async def test_start_child_forgets_a_child_that_does_not_start(world: World) -> None:
    await world.supervisor()
    world.broken["a"] = 1
    with pytest.raises(ChildStartError) as refused:
        await world.orders.start_child(world.spec("a"))
    assert isinstance(refused.value.__cause__, OSError)
    assert await world.orders.which_children() == []
    assert world.exits == []
    assert await world.orders.start_child(world.spec("a")) is not None


async def test_start_child_keeps_a_child_that_ignores_it_unless_it_is_temporary(
    world: World,
) -> None:
    await world.supervisor()
    assert await world.orders.start_child(ChildSpec("a", lambda _: None)) is None
    assert (
        await world.orders.start_child(ChildSpec("b", lambda _: None, restart="temporary"))
    ) is None
    assert [(i.name, i.child) for i in await world.orders.which_children()] == [("a", None)]


# --- terminate_child ----------------------------------------------------------------------------


async def test_terminate_child_stops_the_child_and_keeps_its_spec(world: World) -> None:
    await world.supervisor(world.spec("a"), world.spec("b"))
    world.retold()
    await world.orders.terminate_child("a")
    assert world.retold() == ["-a"]
    await world.passes(100)
    assert not world.up("a")
    assert [(i.name, i.state) for i in await world.orders.which_children()] == [
        ("a", "stopped"),
        ("b", "running"),
    ]


async def test_terminate_child_of_one_that_is_down_does_nothing(world: World) -> None:
    await world.supervisor(world.spec("a"))
    await world.orders.terminate_child("a")
    await world.orders.terminate_child("a")
    assert world.retold() == ["+a", "-a"]


async def test_terminate_child_ends_the_restarting_of_a_child(world: World) -> None:
    await restarting(world)
    world.broken["a"] = 0
    await world.orders.terminate_child("a")
    await world.passes(100)
    assert not world.up("a")
    assert [i.state for i in await world.orders.which_children()] == ["stopped"]
    assert world.system.names.reserved == {}


async def test_terminate_child_forgets_a_temporary_child(world: World) -> None:
    await world.supervisor(world.spec("a", "temporary"))
    await world.orders.terminate_child("a")
    assert await world.orders.which_children() == []


async def test_terminate_child_of_a_stranger_is_not_found(world: World) -> None:
    await world.supervisor()
    with pytest.raises(ChildNotFoundError):
        await world.orders.terminate_child("a")


# --- restart_child ------------------------------------------------------------------------------


async def test_restart_child_starts_one_that_was_terminated_or_ended(world: World) -> None:
    await world.supervisor(world.spec("a"), world.spec("b", "transient"))
    await world.orders.terminate_child("a")
    await world.told("b", "stop")
    for name in ("a", "b"):
        assert await world.orders.restart_child(name) is world.system.lookup(name)
    assert world.up("a", "b") == ["a", "b"]


async def test_restart_child_refuses_one_that_is_running(world: World) -> None:
    await world.supervisor(world.spec("a"))
    with pytest.raises(ChildRunningError):
        await world.orders.restart_child("a")


async def test_restart_child_refuses_one_that_is_restarting(world: World) -> None:
    await restarting(world)
    with pytest.raises(ChildRestartingError):
        await world.orders.restart_child("a")


async def test_restart_child_of_a_stranger_is_not_found(world: World) -> None:
    await world.supervisor()
    with pytest.raises(ChildNotFoundError):
        await world.orders.restart_child("a")


async def test_restart_child_that_fails_leaves_the_child_down(world: World) -> None:
    await world.supervisor(world.spec("a"))
    await world.orders.terminate_child("a")
    world.broken["a"] = 1
    with pytest.raises(ChildStartError):
        await world.orders.restart_child("a")
    await world.passes(100)
    assert [i.state for i in await world.orders.which_children()] == ["stopped"]
    assert world.exits == []


# --- delete_child -------------------------------------------------------------------------------


async def test_delete_child_forgets_one_that_is_down(world: World) -> None:
    await world.supervisor(world.spec("a"), world.spec("b"))
    await world.orders.terminate_child("a")
    await world.orders.delete_child("a")
    assert [i.name for i in await world.orders.which_children()] == ["b"]
    with pytest.raises(ChildNotFoundError):
        await world.orders.restart_child("a")


async def test_delete_child_refuses_one_that_is_running(world: World) -> None:
    await world.supervisor(world.spec("a"))
    with pytest.raises(ChildRunningError):
        await world.orders.delete_child("a")


async def test_delete_child_refuses_one_that_is_restarting(world: World) -> None:
    await restarting(world)
    with pytest.raises(ChildRestartingError):
        await world.orders.delete_child("a")


async def test_delete_child_of_a_stranger_is_not_found(world: World) -> None:
    await world.supervisor()
    with pytest.raises(ChildNotFoundError):
        await world.orders.delete_child("a")


# --- which_children, count_children -------------------------------------------------------------


def inner_spec(world: World) -> ChildSpec:
    def inner(exits: ExitListener) -> LoopActorRef[Supervisor]:
        return world.system.spawn(Supervisor, [world.spec("x")], name="inner", parent=exits)

    return ChildSpec("inner", inner, type="supervisor")


async def test_which_children_tells_name_child_state_and_type_of_each(world: World) -> None:
    await world.supervisor(
        world.spec("a"), inner_spec(world), world.spec("b"), world.spec("c"), intensity=MANY
    )
    await world.orders.terminate_child("b")
    world.broken["c"] = 1
    await world.told("c", "crash")
    await world.told("a", "crash")
    infos = await world.orders.which_children()
    assert [(i.name, i.state, i.type) for i in infos] == [
        ("a", "running", "worker"),
        ("inner", "running", "supervisor"),
        ("b", "stopped", "worker"),
        ("c", "restarting", "worker"),
    ]
    assert [i.child for i in infos] == [
        world.system.lookup("a"),
        world.system.lookup("inner"),
        None,
        None,
    ]
    assert [(i.restarts, i.last_error) for i in infos] == [
        (1, "ValueError"),
        (0, ""),
        (0, ""),
        (1, "OSError"),
    ]


async def test_count_children_tells_specs_active_supervisors_and_workers(world: World) -> None:
    await world.supervisor(world.spec("a"), inner_spec(world), world.spec("b"))
    await world.orders.terminate_child("b")
    assert await world.orders.count_children() == ChildCounts(
        specs=3, active=2, supervisors=1, workers=2
    )
