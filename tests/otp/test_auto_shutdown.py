"""OTP's rules for significant children: when their end is their supervisor's."""

from __future__ import annotations

import pytest
from tests.support.family import MANY, World

from hubbub.actors.runtime.exits import ExitListener
from hubbub.actors.runtime.ref import LoopActorRef
from hubbub.config.errors import BadSpecError, UnavailableError
from hubbub.supervision.orders import Orders
from hubbub.supervision.spec import ChildSpec, Restart
from hubbub.supervision.strategy import AutoShutdown
from hubbub.supervision.supervisor import Supervisor


async def test_a_permanent_child_may_not_be_significant(world: World) -> None:
    with pytest.raises(BadSpecError, match="permanent"):
        world.system.spawn(
            Supervisor, [world.spec("a", significant=True)], auto_shutdown="any_significant"
        )


async def test_no_child_may_be_significant_where_the_supervisor_never_shuts_down(
    world: World,
) -> None:
    with pytest.raises(BadSpecError, match="never"):
        world.system.spawn(Supervisor, [world.spec("a", "transient", significant=True)])
    await world.supervisor(world.spec("b"))
    with pytest.raises(BadSpecError):
        await world.orders.start_child(world.spec("a", "transient", significant=True))
    assert [i.name for i in await world.orders.which_children()] == ["b"]


@pytest.mark.parametrize(
    ("restart", "end"), [("transient", "stop"), ("temporary", "stop"), ("temporary", "crash")]
)
async def test_any_significant_shuts_down_at_the_first_end_of_a_significant_child(
    world: World, restart: Restart, end: str
) -> None:
    await world.supervisor(
        world.spec("a"),
        world.spec("b", restart, significant=True),
        world.spec("c", restart, significant=True),
        auto_shutdown="any_significant",
    )
    await world.told("b", end)
    assert world.up("a", "b", "c", "supervisor") == []
    # In order, as OTP's reason `shutdown` is: a transient supervisor is not started again.
    assert [exit.reason for exit in world.exits] == [None]


async def test_a_significant_child_that_is_restarted_shuts_nothing_down(world: World) -> None:
    await world.supervisor(
        world.spec("a", "transient", significant=True), auto_shutdown="any_significant"
    )
    await world.told("a", "crash")
    assert world.up("a", "supervisor") == ["a", "supervisor"]


async def test_all_significant_shuts_down_at_the_end_of_the_last_significant_child(
    world: World,
) -> None:
    await world.supervisor(
        world.spec("a"),
        world.spec("b", "transient", significant=True),
        world.spec("c", "temporary", significant=True),
        auto_shutdown="all_significant",
    )
    await world.told("b", "stop")
    assert world.up("a", "c") == ["a", "c"]
    await world.told("c", "crash")
    assert world.up("a", "supervisor") == []
    assert [exit.reason for exit in world.exits] == [None]


async def test_all_significant_waits_for_one_that_is_on_its_way_back(world: World) -> None:
    await world.supervisor(
        world.spec("b", "transient", significant=True),
        world.spec("c", "transient", significant=True),
        auto_shutdown="all_significant",
    )
    world.broken["b"] = 1
    await world.told("b", "crash")
    await world.told("c", "stop")
    assert world.up("supervisor")
    await world.passes(0.1)
    assert world.up("b", "supervisor") == ["b", "supervisor"]
    await world.told("b", "stop")
    assert not world.up("supervisor")


@pytest.mark.parametrize("auto_shutdown", ["any_significant", "all_significant"])
async def test_the_end_of_a_child_that_is_not_significant_shuts_nothing_down(
    world: World, auto_shutdown: AutoShutdown
) -> None:
    await world.supervisor(
        world.spec("a", "temporary"),
        world.spec("b", "temporary", significant=True),
        auto_shutdown=auto_shutdown,
    )
    await world.told("a", "stop")
    assert world.up("b", "supervisor") == ["b", "supervisor"]


async def test_a_significant_child_that_is_terminated_by_order_shuts_nothing_down(
    world: World,
) -> None:
    await world.supervisor(
        world.spec("a", "transient", significant=True),
        world.spec("b", "temporary", significant=True),
        auto_shutdown="any_significant",
    )
    await world.orders.terminate_child("a")
    await world.orders.terminate_child("b")
    assert world.up("supervisor")


async def test_a_significant_child_that_goes_because_of_a_sibling_shuts_nothing_down(
    world: World,
) -> None:
    await world.supervisor(
        world.spec("a"),
        world.spec("b", "temporary", significant=True),
        strategy="one_for_all",
        auto_shutdown="any_significant",
    )
    await world.told("a", "crash")
    assert world.up("a", "b", "supervisor") == ["a", "supervisor"]


async def test_a_shutdown_climbs_where_the_supervisor_is_significant_itself(world: World) -> None:
    def inner(exits: ExitListener) -> LoopActorRef[Supervisor]:
        return world.system.spawn(
            Supervisor,
            [world.spec("x", "transient", significant=True)],
            auto_shutdown="all_significant",
            name="inner",
            parent=exits,
        )

    await world.supervisor(
        world.spec("a"),
        ChildSpec("inner", inner, restart="transient", type="supervisor", significant=True),
        auto_shutdown="any_significant",
    )
    await world.told("x", "stop")
    assert world.up("a", "inner", "x", "supervisor") == []
    assert [exit.reason for exit in world.exits] == [None]


async def test_while_it_shuts_down_a_supervisor_restarts_nobody_and_takes_no_order(
    world: World,
) -> None:
    ref = await world.supervisor(
        world.spec("a", shutdown=2),
        world.spec("b", "temporary", significant=True),
        auto_shutdown="any_significant",
        intensity=MANY,
    )
    await world.told("a", "hang")
    world.system.tell("b", "stop")
    await world.system.settle()
    asked = ref.ask(_start(world), block=False)
    await world.passes(2)
    with pytest.raises(UnavailableError):
        await asked
    assert world.up("a", "b", "c", "supervisor") == []
    with pytest.raises(UnavailableError):
        await Orders(world.system, "supervisor").which_children()


def _start(world: World) -> object:
    from hubbub.supervision.orders import StartChild

    return StartChild(world.spec("c"))
