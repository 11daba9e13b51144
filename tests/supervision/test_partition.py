"""Dynamic children spread over several supervisors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.support.clock import ManualClock

from hubbub.actors.runtime.actor import LoopActor
from hubbub.actors.runtime.exits import ExitListener
from hubbub.actors.runtime.ref import LoopActorRef
from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.errors import UnavailableError
from hubbub.supervision.dynamic import DynamicSupervisor
from hubbub.supervision.partition import Children, PartitionSupervisor
from hubbub.supervision.spec import ChildKind

NAMES = [f"user:{n}" for n in range(40)]


class User(LoopActor):
    """Crashes at "crash", else answers."""

    def on_receive(self, message: Any) -> Any:
        if message == "crash":
            raise ValueError("told to")
        return message


class World:
    """A system whose `user:` names are spread over four supervisors."""

    def __init__(self, system: ActorSystem) -> None:
        self.system = system
        self.given_up: list[str] = []

        def start(name: str, exits: ExitListener) -> LoopActorRef[Any]:
            return system.spawn(User, name=name, parent=exits)

        self.supervisor = system.spawn(
            PartitionSupervisor,
            ChildKind(start),
            partitions=4,
            on_give_up=self._gave_up,
            name="users",
        )
        self.users = Children(system, "users")
        system.set_activator("user", self.users.start)

    def _gave_up(self, name: str, _: BaseException) -> None:
        self.given_up.append(name)

    def partition(self, n: int) -> DynamicSupervisor:
        ref = self.system.lookup(f"users/{n}")
        assert ref is not None
        assert isinstance(ref.actor, DynamicSupervisor)
        return ref.actor


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with ActorSystem(clock=ManualClock()) as system:
        world = World(system)
        await world.supervisor.started()
        yield world


async def test_children_are_spread_over_all_partitions(world: World) -> None:
    for name in NAMES:
        assert await world.system.ask(name, "hello", timeout_s=1) == "hello"
    counts = [len(world.partition(n).children) for n in range(4)]
    assert sum(counts) == len(NAMES)
    assert all(counts)


async def test_a_name_is_always_found_in_its_partition(world: World) -> None:
    ref = world.users.start("user:1")
    assert ref is not None
    assert world.users.start("user:1") is ref
    world.users.end("user:1")
    await world.system.settle()
    assert not ref.is_alive()


async def test_a_crashed_partition_takes_down_its_own_children_and_comes_back(
    world: World,
) -> None:
    for name in NAMES:
        world.users.start(name)
    await world.system.settle()
    lost = world.partition(0).children
    world.system.kill(world.partition(0).actor_ref)
    await world.system.settle()
    living = {name for name in NAMES if world.system.lookup(name) is not None}
    assert living == set(NAMES) - lost
    for name in NAMES:
        assert await world.system.ask(name, "hello", timeout_s=1) == "hello"


async def test_a_poisoned_child_is_given_up_alone(world: World) -> None:
    for name in NAMES:
        world.users.start(name)
    for _ in range(2):
        world.system.tell("user:7", "crash")
        await world.system.settle()
    assert world.given_up == ["user:7"]
    assert [name for name in NAMES if world.system.lookup(name) is None] == ["user:7"]


async def test_without_its_supervisor_nothing_starts_and_ending_is_harmless(world: World) -> None:
    await world.supervisor.stop(block=False)
    with pytest.raises(UnavailableError):
        world.users.start("user:1")
    world.users.end("user:1")


async def test_stopping_stops_the_children_of_all_partitions(world: World) -> None:
    for name in NAMES:
        world.users.start(name)
    assert await world.supervisor.stop(block=False)
    assert not world.system.names.living
