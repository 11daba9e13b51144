"""A picture of a tree: everybody of a few, some of many, and what happened to them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.support.clock import ManualClock
from tests.support.family import MANY, Engine, World, engine_spec

from hubbub.actors.runtime.exits import ExitListener
from hubbub.actors.runtime.ref import LoopActorRef
from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.errors import BadRequestError, NotFoundError
from hubbub.supervision import picture as module
from hubbub.supervision.dynamic import DynamicSupervisor
from hubbub.supervision.picture import Line, picture, tree_command
from hubbub.supervision.spec import ChildKind, ChildSpec


@pytest.fixture
async def world() -> AsyncIterator[World]:
    clock = ManualClock()
    async with ActorSystem(clock=clock) as system:
        yield World(system, clock)


def many(world: World) -> ChildSpec:
    """A supervisor of many, of workers named `w:...`."""

    def child(name: str, exits: ExitListener) -> LoopActorRef[Any]:
        return world.spec(name).start(exits)  # type: ignore[return-value] # pyright: ignore

    def start(exits: ExitListener) -> LoopActorRef[Any]:
        ref = world.system.spawn(
            DynamicSupervisor, ChildKind(child), intensity=MANY, name="many", parent=exits
        )
        assert ref.actor is not None
        world.system.set_activator("w", ref.actor.start_child)
        return ref

    return ChildSpec("many", start, type="supervisor")


def lines(line: Line) -> list[str]:
    return [line.name, *(name for child in line.children for name in lines(child))]


async def test_each_child_is_told_with_its_state_restarts_mailbox_and_last_error(
    world: World,
) -> None:
    made: list[Engine] = []
    await world.supervisor(
        world.spec("a"), world.spec("b"), engine_spec(world, "e", made), world.spec("c"),
        world.spec("d"), intensity=MANY,
    )  # fmt: skip
    await world.told("a", "crash")
    world.broken["c"] = 1
    await world.told("c", "crash")
    await world.orders.terminate_child("d")
    await world.told("b", "hang")
    await world.told("b", "one")
    await world.told("b", "two")
    root = picture(world.system, "supervisor")
    assert (root.name, root.type, root.kind, root.state) == (
        "supervisor",
        "supervisor",
        "Supervisor",
        "idle",
    )
    assert (root.count, root.child_restarts) == (5, 2)
    assert root.children == [
        Line("a", "worker", "Worker", "idle", 1, 0, "ValueError"),
        Line("b", "worker", "Worker", "waiting", 0, 2, ""),
        Line("e", "worker", "Engine", "running", 0, 0, ""),
        Line("c", "worker", "", "restarting", 1, 0, "OSError"),
        Line("d", "worker", "", "stopped", 0, 0, ""),
    ]


async def test_of_many_the_number_is_told_and_as_many_as_asked_for_in_trouble_first(
    world: World,
) -> None:
    await world.supervisor(many(world), world.spec("last"))
    for n in range(50):
        await world.told(f"w:{n}", "hello")
    await world.told("w:7", "crash")
    (line, _) = picture(world.system, "supervisor").children
    assert (line.count, line.children, line.child_restarts) == (50, [], 1)
    assert line.last_error == "w:7: ValueError"
    (line, _) = picture(world.system, "supervisor", 3).children
    assert line.children[0].name == "w:7"
    assert len(line.children) == 3
    assert set(lines(picture(world.system, "supervisor", 100))) >= {f"w:{n}" for n in range(50)}


async def test_a_picture_is_bounded_whatever_is_asked_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.supervisor(many(world), world.spec("last"))
    for n in range(50):
        await world.told(f"w:{n}", "hello")
    monkeypatch.setattr(module, "MOST_LINES", 10)
    told = lines(picture(world.system, "supervisor", 100))
    assert len(told) == 11
    assert told[-1] == "last"


async def test_a_name_cannot_steer_a_terminal(world: World) -> None:
    await world.supervisor(many(world))
    await world.told("w:\x1b[2J", "hello")
    assert lines(picture(world.system, "supervisor", 10))[-1] == "w:?[2J"


async def test_without_its_root_there_is_no_picture(world: World) -> None:
    with pytest.raises(NotFoundError):
        picture(world.system, "supervisor")


async def test_the_command_gives_plain_values_and_holds_its_limit(world: World) -> None:
    await world.supervisor(world.spec("a"))
    command = tree_command(world.system, "supervisor")
    told = await command({})
    assert told["name"] == "supervisor"
    assert [child["name"] for child in told["children"]] == ["a"]
    for limit in ("-1", "many", "10001"):
        with pytest.raises(BadRequestError):
            await command({"limit": limit})
