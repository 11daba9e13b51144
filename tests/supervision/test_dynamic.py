"""A supervisor of children that come and go."""

from __future__ import annotations

import asyncio
import tracemalloc
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
from hubbub.supervision.intensity import Backoff, Intensity
from hubbub.supervision.orders import ChildCounts, Orders
from hubbub.supervision.spec import ChildKind, Restart, Shutdown


class World:
    """A system whose `user:` names are activated by a dynamic supervisor."""

    def __init__(self, system: ActorSystem, clock: ManualClock) -> None:
        self.system = system
        self.clock = clock
        self.story: list[str] = []
        #: How many constructors, and how many starts, still fail.
        self.bad_constructors = 0
        self.bad_starts = 0
        self.given_up: list[tuple[str, str]] = []

    def supervise(
        self,
        cls: type[User] | None = None,
        *,
        restart: Restart = "transient",
        shutdown: Shutdown = 5,
        intensity: Intensity | None = None,
        backoff: Backoff | None = None,
    ) -> DynamicSupervisor:
        def start(name: str, exits: ExitListener) -> LoopActorRef[Any]:
            return self.system.spawn(cls or User, self, name=name, parent=exits)

        ref = self.system.spawn(
            DynamicSupervisor,
            ChildKind(start, restart=restart, shutdown=shutdown),
            intensity=intensity,
            backoff=backoff,
            on_give_up=self._gave_up,
            name="users",
        )
        assert ref.actor is not None
        self.system.set_activator("user", ref.actor.start_child)
        return ref.actor

    def _gave_up(self, name: str, reason: BaseException) -> None:
        self.given_up.append((name, type(reason).__name__))

    async def told(self, name: str, *messages: object) -> None:
        for message in messages:
            self.system.tell(name, message)
        await self.system.settle()

    async def passes(self, seconds: float) -> None:
        await self.system.settle()
        self.clock.advance(seconds)
        await self.system.settle()

    def retold(self) -> list[str]:
        story, self.story = self.story, []
        return story


class User(LoopActor):
    """Crashes, leaves or hangs as it is told."""

    keeps_mailbox = True

    def __init__(self, world: World) -> None:
        super().__init__()
        if world.bad_constructors:
            world.bad_constructors -= 1
            raise KeyError("constructor")
        self._world = world

    def on_start(self) -> None:
        if self._world.bad_starts:
            self._world.bad_starts -= 1
            raise OSError("start")
        self._world.story.append(f"+{self.name}")

    def on_stop(self) -> None:
        self._world.story.append(f"-{self.name}")

    def on_receive(self, message: Any) -> Any:
        match message:
            case "crash":
                raise ValueError("told to")
            case "leave":
                assert self.passivate()
            case "stop":
                self.stop()
            case "hang":
                return asyncio.Event().wait()
            case _:
                self._world.story.append(f"{self.name} {message}")
        return None


class Forgetful(User):
    keeps_mailbox = False


@pytest.fixture
async def world() -> AsyncIterator[World]:
    clock = ManualClock()
    async with ActorSystem(clock=clock) as system:
        yield World(system, clock)


async def test_a_first_message_starts_the_child_and_is_handled_by_it(world: World) -> None:
    users = world.supervise()
    await world.told("user:a", "hello")
    assert world.retold() == ["+user:a", "user:a hello"]
    assert users.children == {"user:a"}
    assert users.count == 1


async def test_starting_a_living_child_gives_the_one_there_is(world: World) -> None:
    users = world.supervise()
    ref = users.start_child("user:a")
    assert ref is not None
    assert users.start_child("user:a") is ref


async def test_a_crashed_child_is_back_before_anybody_else_has_a_turn(world: World) -> None:
    world.supervise()
    await world.told("user:a", "hello")
    first = world.system.lookup("user:a")
    assert first is not None
    with pytest.raises(ValueError, match="told to"):
        first.ask("crash")
    second = world.system.lookup("user:a")
    assert second is not None
    assert second is not first


async def test_what_waited_goes_to_the_next_in_order(world: World) -> None:
    world.supervise()
    await world.told("user:a", "one", "crash", "two", "three")
    assert world.retold() == [
        "+user:a",
        "user:a one",
        "+user:a",
        "user:a two",
        "user:a three",
    ]


async def test_an_ask_that_waited_is_answered_by_the_next(world: World) -> None:
    world.supervise()
    world.system.tell("user:a", "crash")
    assert await world.system.ask("user:a", "hello", timeout_s=1) is None


async def test_what_waited_is_dead_letters_where_the_class_does_not_keep_it(world: World) -> None:
    world.supervise(Forgetful)
    await world.told("user:a", "one", "crash", "two")
    assert world.retold() == ["+user:a", "user:a one", "+user:a"]
    assert world.system.dead_letters.counts == {"crashed": 1}


async def test_a_poisoned_child_is_given_up_alone(world: World) -> None:
    users = world.supervise()
    await world.told("user:b", "hello")
    await world.told("user:a", "crash", "crash", "left")
    assert world.given_up == [("user:a", "ValueError")]
    assert users.children == {"user:b"}
    assert world.system.lookup("user:b") is not None
    assert world.system.dead_letters.counts == {"given_up": 1}


async def test_a_child_that_was_given_up_is_activated_anew_by_its_next_message(
    world: World,
) -> None:
    world.supervise()
    await world.told("user:a", "crash", "crash")
    world.retold()
    await world.told("user:a", "hello")
    assert world.retold() == ["+user:a", "user:a hello"]


async def test_crashes_far_apart_are_each_a_first_one(world: World) -> None:
    users = world.supervise()
    for _ in range(4):
        await world.told("user:a", "crash")
        await world.passes(5)
    assert world.given_up == []
    assert users.children == {"user:a"}


async def test_a_child_costs_its_name_until_it_crashes_and_again_when_that_is_long_ago(
    world: World,
) -> None:
    users = world.supervise()
    for name in ("user:a", "user:b", "user:c"):
        await world.told(name, "crash")
        await world.passes(4)
    troubles = users._troubles  # pyright: ignore[reportPrivateUsage] # the memory it holds
    assert list(troubles) == ["user:b", "user:c"]


@pytest.mark.parametrize(
    ("restart", "message", "again"),
    [
        ("permanent", "stop", True),
        ("permanent", "crash", True),
        ("transient", "stop", False),
        ("transient", "leave", False),
        ("transient", "crash", True),
        ("temporary", "crash", False),
    ],
)
async def test_the_restart_type_says_after_which_end_a_child_returns(
    world: World, restart: Restart, message: str, again: bool
) -> None:
    users = world.supervise(restart=restart)
    await world.told("user:a", message)
    assert (world.system.lookup("user:a") is not None) is again
    assert (users.children == {"user:a"}) is again


async def test_a_passivated_child_is_forgotten_and_activated_anew(world: World) -> None:
    users = world.supervise()
    await world.told("user:a", "leave")
    assert users.children == frozenset()
    await world.told("user:a", "back")
    assert world.retold() == ["+user:a", "-user:a", "+user:a", "user:a back"]
    assert users.children == {"user:a"}


async def test_a_successor_that_came_before_its_predecessor_was_gone_is_kept(
    world: World,
) -> None:
    class Restless(User):
        def on_stop(self) -> None:
            super().on_stop()
            # The name is free already, so this activates the next one.
            if not self._world.system.tell(self.name, "from before"):
                raise AssertionError("nobody took it")

    users = world.supervise(Restless)
    await world.told("user:a", "leave")
    assert world.retold() == ["+user:a", "-user:a", "+user:a", "user:a from before"]
    assert users.children == {"user:a"}
    await world.told("user:a", "crash")
    assert world.retold() == ["+user:a"]


async def test_a_successor_that_waits_for_its_next_try_is_kept_too(world: World) -> None:
    class Restless(User):
        def on_stop(self) -> None:
            super().on_stop()
            self._world.bad_constructors = 1
            self._world.system.tell(self.name, "from before")

    world.supervise(Restless)
    await world.told("user:a", "leave")
    assert world.retold() == ["+user:a", "-user:a"]
    await world.passes(0.1)
    assert world.retold() == ["+user:a", "user:a from before"]


# --- starts that fail ---------------------------------------------------------------------------


async def test_a_child_that_fails_in_on_start_is_tried_again_with_what_it_was_told(
    world: World,
) -> None:
    world.supervise()
    world.bad_starts = 2
    await world.told("user:a", "hello")
    assert world.retold() == []
    await world.told("user:a", "again")
    await world.passes(0.1)
    await world.passes(0.2)
    assert world.retold() == ["+user:a", "user:a hello", "user:a again"]
    assert world.given_up == []


async def test_a_child_whose_constructor_fails_is_tried_again_with_what_it_was_told(
    world: World,
) -> None:
    users = world.supervise()
    world.bad_constructors = 1
    await world.told("user:a", "hello")
    assert users.start_child("user:a") is None
    await world.passes(0.1)
    assert world.retold() == ["+user:a", "user:a hello"]


async def test_a_restart_whose_constructor_fails_keeps_what_waited(world: World) -> None:
    world.supervise()
    await world.told("user:a", "hello")
    world.retold()
    world.bad_constructors = 1
    await world.told("user:a", "crash", "kept")
    assert world.retold() == []
    await world.passes(0.1)
    assert world.retold() == ["+user:a", "user:a kept"]


async def test_a_child_that_never_starts_is_given_up_and_its_messages_are_dead_letters(
    world: World,
) -> None:
    users = world.supervise(backoff=Backoff(first_s=1, tries=2))
    world.bad_starts = 100
    await world.told("user:a", "hello")
    await world.passes(1)
    await world.passes(2)
    assert world.given_up == [("user:a", "OSError")]
    assert users.children == frozenset()
    assert world.system.dead_letters.counts == {"given_up": 1}


async def test_a_good_start_makes_earlier_failures_forgotten(world: World) -> None:
    world.supervise(
        backoff=Backoff(first_s=1, tries=1), intensity=Intensity(restarts=100, period_s=1)
    )
    for _ in range(3):
        world.bad_starts = 1
        await world.told("user:a", "crash")
        await world.passes(1)
        await world.told("user:a", "crash")
    assert world.given_up == []


async def test_a_child_spawned_under_another_name_is_refused(world: World) -> None:
    def start(name: str, exits: ExitListener) -> LoopActorRef[Any]:
        return world.system.spawn(User, world, name="other", parent=exits)

    ref = world.system.spawn(DynamicSupervisor, ChildKind(start))
    assert ref.actor is not None
    with pytest.raises(ValueError, match="spawned as other"):
        ref.actor.start_child("user:a")


async def test_a_child_may_be_given_up_without_anybody_to_hear_of_it(world: World) -> None:
    def start(name: str, exits: ExitListener) -> LoopActorRef[Any]:
        return world.system.spawn(User, world, name=name, parent=exits)

    ref = world.system.spawn(DynamicSupervisor, ChildKind(start), intensity=Intensity(0))
    assert ref.actor is not None
    ref.actor.start_child("user:a")
    await world.told("user:a", "crash")
    assert ref.actor.count == 0


# --- ends ---------------------------------------------------------------------------------------


async def test_an_ended_child_stops_after_what_waits_and_does_not_return(world: World) -> None:
    users = world.supervise()
    world.system.tell("user:a", "hello")
    users.end_child("user:a")
    users.end_child("user:a")
    users.end_child("user:nobody")
    await world.system.settle()
    assert world.retold() == ["+user:a", "user:a hello", "-user:a"]
    assert users.children == frozenset()


async def test_an_ended_child_that_crashes_meanwhile_does_not_return(world: World) -> None:
    users = world.supervise()
    world.system.tell("user:a", "crash")
    users.end_child("user:a")
    await world.system.settle()
    assert world.system.lookup("user:a") is None


async def test_a_child_can_be_ended_while_it_waits_for_its_next_try(world: World) -> None:
    users = world.supervise()
    world.bad_starts = 1
    await world.told("user:a", "hello")
    users.end_child("user:a")
    await world.passes(10)
    assert world.retold() == []
    assert world.clock.pending == 0


@pytest.mark.parametrize(("shutdown", "gone_after_s"), [("brutal", 0.0), (2.0, 2.0)])
async def test_an_ended_child_that_hangs_is_killed(
    world: World, shutdown: Shutdown, gone_after_s: float
) -> None:
    users = world.supervise(shutdown=shutdown)
    await world.told("user:a", "hang")
    users.end_child("user:a")
    if gone_after_s:
        await world.passes(gone_after_s - 0.1)
        assert world.system.lookup("user:a") is not None
        await world.passes(0.1)
    assert world.system.lookup("user:a") is None


async def test_an_ended_child_may_have_all_the_time_it_needs(world: World) -> None:
    users = world.supervise(shutdown="infinity")
    await world.told("user:a", "hang")
    users.end_child("user:a")
    await world.passes(1000)
    ref = world.system.lookup("user:a")
    assert ref is not None
    world.system.kill(ref)


async def test_a_supervisor_that_stops_stops_all_children(world: World) -> None:
    users = world.supervise()
    for name in ("user:a", "user:b"):
        await world.told(name, "hello")
    world.bad_starts = 1
    await world.told("user:c", "never")
    world.retold()
    stopped = users.actor_ref.stop(block=False)
    await world.system.settle()
    assert await stopped
    assert sorted(world.retold()) == ["-user:a", "-user:b"]
    assert not world.system.names.living
    assert not world.system.names.reserved
    with pytest.raises(UnavailableError):
        users.start_child("user:a")


async def test_a_supervisor_that_stops_restarts_no_child_that_crashes_then(world: World) -> None:
    users = world.supervise()
    world.system.tell("user:a", "hello")
    stopped = users.actor_ref.stop(block=False)
    world.system.tell("user:a", "crash")
    await world.system.settle()
    assert await stopped
    assert not world.system.names.living


@pytest.mark.parametrize("shutdown", ["brutal", 2.0])
async def test_a_supervisor_that_stops_kills_children_that_hang(
    world: World, shutdown: Shutdown
) -> None:
    users = world.supervise(shutdown=shutdown)
    await world.told("user:a", "hang")
    stopped = users.actor_ref.stop(block=False)
    await world.passes(2)
    assert await stopped
    assert not world.system.names.living


async def test_a_supervisor_can_wait_for_its_children_for_ever(world: World) -> None:
    users = world.supervise(shutdown="infinity")
    await world.told("user:a", "hang")
    stopped = users.actor_ref.stop(block=False)
    await world.passes(1000)
    assert not stopped.done
    ref = world.system.lookup("user:a")
    assert ref is not None
    world.system.kill(ref)
    assert await stopped


async def test_a_killed_supervisor_leaves_no_child_behind(world: World) -> None:
    users = world.supervise()
    await world.told("user:a", "hello")
    world.bad_starts = 1
    await world.told("user:b", "not yet")
    world.system.kill(users.actor_ref)
    assert not world.system.names.living
    assert not world.system.names.reserved
    # Its activator has nobody to start a child any more.
    with pytest.raises(UnavailableError):
        world.system.tell("user:a", "hello")


async def test_a_child_that_is_well_costs_its_supervisor_less_than_200_bytes(
    world: World,
) -> None:
    users = world.supervise()
    many = [f"user:{n}" for n in range(3000)]
    tracemalloc.start()
    for name in many:
        users.start_child(name)
    kept = tracemalloc.take_snapshot().filter_traces(
        [tracemalloc.Filter(True, "*/supervision/dynamic.py")]
    )
    tracemalloc.stop()
    assert users.children == set(many)
    assert sum(trace.size for trace in kept.traces) / len(many) < 200


# --- looked at ----------------------------------------------------------------------------------


async def test_those_in_trouble_are_listed_first_and_no_more_than_asked_for(world: World) -> None:
    users = world.supervise(intensity=Intensity(5))
    for n in range(20):
        await world.told(f"user:{n}", "hello")
    await world.told("user:7", "crash", "crash")
    await world.told("user:9", "crash")
    world.bad_starts = 1
    await world.told("user:3", "crash")
    first, second, third, *_ = users.which_children(10)
    assert (first.name, first.child, first.state, first.restarts, first.last_error) == (
        "user:3",
        None,
        "restarting",
        1,
        "OSError",
    )
    assert (second.name, second.state, second.restarts) == ("user:9", "running", 1)
    assert (third.name, third.restarts, third.last_error) == ("user:7", 2, "ValueError")
    assert len(users.which_children(10)) == 10
    assert {info.name for info in users.which_children(100)} == users.children
    assert users.restarts == 4
    assert world.system.counts.restarts == {"User": 4}


async def test_children_are_counted_up_and_down(world: World) -> None:
    world.supervise()
    for n in range(3):
        await world.told(f"user:{n}", "hello")
    world.bad_starts = 1
    await world.told("user:1", "crash")
    orders = Orders(world.system, "users")
    assert await orders.count_children() == ChildCounts(specs=1, active=2, supervisors=0, workers=3)
    assert await world.system.ask("users", "what?", timeout_s=1) is None
