"""OTP's rules for a crash: whom it concerns, how often, and what follows when it is too often."""

from __future__ import annotations

import pytest
from tests.support.family import MANY, World

from hubbub.actors.runtime.exits import ExitListener
from hubbub.actors.runtime.ref import LoopActorRef
from hubbub.config.errors import GaveUpError
from hubbub.supervision.intensity import Intensity
from hubbub.supervision.spec import ChildSpec, Restart
from hubbub.supervision.supervisor import Supervisor


async def test_one_for_one_restarts_the_crashed_child_alone(world: World) -> None:
    await world.supervisor(world.spec("a"), world.spec("b"), world.spec("c"))
    world.retold()
    await world.told("b", "crash")
    assert world.retold() == ["+b"]


async def test_one_for_all_terminates_all_others_and_restarts_all(world: World) -> None:
    await world.supervisor(
        world.spec("a"), world.spec("b"), world.spec("c"), strategy="one_for_all"
    )
    world.retold()
    await world.told("b", "crash")
    assert world.retold() == ["-c", "-a", "+a", "+b", "+c"]


async def test_rest_for_one_terminates_and_restarts_those_started_after_it(world: World) -> None:
    await world.supervisor(
        world.spec("a"), world.spec("b"), world.spec("c"), strategy="rest_for_one"
    )
    world.retold()
    await world.told("b", "crash")
    assert world.retold() == ["-c", "+b", "+c"]


@pytest.mark.parametrize(
    ("restart", "end"), [("transient", "stop"), ("temporary", "stop"), ("temporary", "crash")]
)
async def test_a_child_that_is_not_to_be_restarted_concerns_nobody_else(
    world: World, restart: Restart, end: str
) -> None:
    await world.supervisor(world.spec("a", restart), world.spec("b"), strategy="one_for_all")
    world.retold()
    await world.told("a", end)
    assert world.retold() == (["-a"] if end == "stop" else [])


@pytest.mark.parametrize("strategy", ["one_for_all", "rest_for_one"])
async def test_a_temporary_sibling_is_terminated_and_never_restarted(
    world: World, strategy: str
) -> None:
    await world.supervisor(
        world.spec("a"),
        world.spec("b", "temporary"),
        world.spec("c"),
        strategy="one_for_all" if strategy == "one_for_all" else "rest_for_one",
        intensity=MANY,
    )
    world.retold()
    world.broken["a"] = 1
    await world.told("a", "crash")
    assert world.retold() == ["-c", "-b"]
    await world.passes(0.1)
    assert world.retold() == ["+a", "+c"]
    assert [i.name for i in await world.orders.which_children()] == ["a", "c"]


async def test_siblings_that_were_down_come_back_with_a_restart_of_all(world: World) -> None:
    await world.supervisor(
        world.spec("a"), world.spec("b", "transient"), world.spec("c"), strategy="one_for_all"
    )
    await world.told("b", "stop")
    await world.orders.terminate_child("c")
    assert world.up("a", "b", "c") == ["a"]
    await world.told("a", "crash")
    assert world.up("a", "b", "c") == ["a", "b", "c"]


async def test_a_sibling_that_fails_in_a_restart_of_all_is_tried_again_with_those_behind_it(
    world: World,
) -> None:
    await world.supervisor(
        world.spec("a"), world.spec("b"), world.spec("c"), strategy="one_for_all"
    )
    world.retold()
    world.broken["b"] = 1
    await world.told("c", "crash")
    assert world.retold() == ["-b", "-a", "+a"]
    await world.passes(0.1)
    assert world.retold() == ["+b", "+c"]


# --- intensity and escalation -------------------------------------------------------------------


async def test_one_restart_in_five_seconds_is_allowed_unless_said_otherwise(world: World) -> None:
    await world.supervisor(world.spec("a"))
    await world.told("a", "crash")
    await world.passes(5)
    await world.told("a", "crash")
    assert world.up("a")
    assert world.exits == []


async def test_more_restarts_than_the_intensity_within_the_period_end_all_children_and_it(
    world: World,
) -> None:
    await world.supervisor(
        world.spec("a"), world.spec("b"), world.spec("c"), intensity=Intensity(2, 10)
    )
    for name in ("a", "b"):
        await world.told(name, "crash")
    assert world.exits == []
    world.retold()
    await world.passes(9.9)
    await world.told("b", "crash")
    assert world.retold() == ["-c", "-a"]
    assert isinstance(world.exits[0].reason, GaveUpError)


async def test_an_intensity_of_zero_allows_no_restart(world: World) -> None:
    await world.supervisor(world.spec("a"), intensity=Intensity(0))
    await world.told("a", "crash")
    assert isinstance(world.exits[0].reason, GaveUpError)


async def test_a_restart_of_all_counts_once(world: World) -> None:
    await world.supervisor(
        world.spec("a"), world.spec("b"), world.spec("c"), strategy="one_for_all"
    )
    await world.told("a", "crash")
    assert world.exits == []
    assert world.up("a", "b", "c") == ["a", "b", "c"]


async def test_a_supervisor_that_gives_up_is_restarted_or_given_up_by_its_own(
    world: World,
) -> None:
    def inner(exits: ExitListener) -> LoopActorRef[Supervisor]:
        return world.system.spawn(Supervisor, [world.spec("x")], name="inner", parent=exits)

    await world.supervisor(world.spec("a"), ChildSpec("inner", inner, type="supervisor"))
    for _ in range(2):
        await world.told("x", "crash")
    assert world.up("a", "inner", "x") == ["a", "inner", "x"]
    assert world.exits == []
    for _ in range(2):
        await world.told("x", "crash")
    assert world.up("a", "inner", "x") == []
    assert isinstance(world.exits[0].reason, GaveUpError)


async def test_a_child_with_an_intensity_of_its_own_is_not_counted_with_the_others(
    world: World,
) -> None:
    await world.supervisor(
        world.spec("a", intensity=Intensity(3, 10)), world.spec("b"), intensity=Intensity(1, 10)
    )
    for name in ("a", "a", "b", "a"):
        await world.told(name, "crash")
    assert world.exits == []
    await world.told("a", "crash")
    (exit,) = world.exits
    assert isinstance(exit.reason, GaveUpError)
    assert exit.reason.child == "a"
