"""A pykka ThreadingActor as it is, supervised like any other child."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pykka
import pytest
from tests.support.clock import ManualClock

from hubbub.actors.runtime.exits import Exit, ExitListener
from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.errors import GaveUpError
from hubbub.supervision.intensity import Backoff, Intensity
from hubbub.supervision.orders import Orders
from hubbub.supervision.spec import ChildSpec, Restart, Shutdown
from hubbub.supervision.supervisor import Supervisor
from hubbub.supervision.threaded import Threaded


class Story:
    """What happened in threads, heard on the loop in order."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._heard: asyncio.Queue[str] = asyncio.Queue()
        self.broken = 0
        self.slow = False
        self.free = threading.Event()

    def tell(self, what: str) -> None:
        self._loop.call_soon_threadsafe(self._heard.put_nowait, what)

    async def expect(self, *what: str) -> None:
        async with asyncio.timeout(10):
            assert [await self._heard.get() for _ in what] == list(what)


class Blocking(pykka.ThreadingActor):
    """A plain one, which knows nothing of supervisors."""

    use_daemon_thread = True

    def __init__(self, story: Story) -> None:
        super().__init__()
        self.story = story

    def on_start(self) -> None:
        if self.story.slow:
            self.story.tell("starting")
            self.story.free.wait()
        if self.story.broken:
            self.story.broken -= 1
            raise OSError("not yet")
        self.story.tell("up")

    def on_stop(self) -> None:
        self.story.tell("down")

    def on_failure(self, *_: Any, **__: Any) -> None:
        self.story.tell("failed")

    def on_receive(self, message: Any) -> Any:
        match message:
            case "crash":
                raise ValueError("told to")
            case "stop":
                self.stop()
            case "block":
                self.story.tell("blocked")
                self.story.free.wait()
            case _:
                return threading.current_thread().name
        return None


class Family:
    """A supervisor of one threaded actor."""

    def __init__(self, system: ActorSystem, clock: ManualClock) -> None:
        self.system = system
        self.clock = clock
        self.story = Story()
        self.made: list[Threaded] = []
        self.exits: list[Exit] = []
        self.gone = asyncio.Event()

    async def supervise(self, restart: Restart = "permanent", shutdown: Shutdown = 5) -> Any:
        def start(exits: ExitListener) -> Threaded:
            self.made.append(Threaded(self.system, "t", Blocking, self.story, exits=exits))
            return self.made[-1]

        def heard(exit: Exit) -> None:
            self.exits.append(exit)
            self.gone.set()

        return self.system.spawn(
            Supervisor,
            [ChildSpec("t", start, restart=restart, shutdown=shutdown)],
            intensity=Intensity(1),
            backoff=Backoff(tries=0),
            name="supervisor",
            parent=heard,
        )

    async def up(self) -> None:
        """It is up, and its supervisor knows."""
        await self.story.expect("up")
        await Orders(self.system, "supervisor").which_children()

    def tell(self, message: str) -> None:
        ref = self.made[-1].ref
        assert ref is not None
        ref.tell(message)


@pytest.fixture
async def family() -> AsyncIterator[Family]:
    clock = ManualClock()
    async with ActorSystem(clock=clock) as system:
        family = Family(system, clock)
        yield family
        family.story.free.set()


async def test_it_is_started_asked_and_stopped_in_a_thread_of_its_own(family: Family) -> None:
    ref = await family.supervise()
    await ref.started()
    await family.up()
    threaded = family.made[0].ref
    assert threaded is not None
    name = await family.system.ask(threaded, "where?", timeout_s=5)
    assert name.startswith("Blocking-")
    (thread,) = (thread for thread in threading.enumerate() if thread.name == name)
    assert await ref.stop(block=False)
    await family.story.expect("down")
    # It says so before it ends.
    await asyncio.to_thread(thread.join, 20)
    assert not thread.is_alive()


async def test_one_that_crashes_is_started_again_within_the_intensity(family: Family) -> None:
    await family.supervise()
    await family.up()
    family.tell("crash")
    await family.story.expect("failed")
    await family.up()
    assert len(family.made) == 2
    family.tell("crash")
    await family.story.expect("failed")
    await family.gone.wait()
    assert isinstance(family.exits[0].reason, GaveUpError)
    assert isinstance(family.exits[0].reason.__cause__, ValueError)


async def test_one_that_stops_by_itself_has_ended_normally(family: Family) -> None:
    ref = await family.supervise("transient")
    await family.up()
    family.tell("stop")
    await family.story.expect("down")
    await ref.stop(block=False)
    assert len(family.made) == 1


async def test_one_that_fails_at_its_start_has_not_started(family: Family) -> None:
    family.story.broken = 1
    await family.supervise()
    await family.gone.wait()
    assert isinstance(family.exits[0].reason, GaveUpError)
    assert isinstance(family.exits[0].reason.__cause__, OSError)
    assert len(family.made) == 1


@pytest.mark.parametrize("shutdown", [2, "brutal"])
async def test_one_that_blocks_is_left_to_itself_when_its_shutdown_is_over(
    family: Family, shutdown: Shutdown
) -> None:
    ref = await family.supervise(shutdown=shutdown)
    await family.up()
    family.tell("block")
    await family.story.expect("blocked")
    stopped = ref.stop(block=False)
    await family.system.settle()
    family.clock.advance(2)
    assert await stopped
    threaded = family.made[0].ref
    assert threaded is not None
    assert threaded.is_alive()
    family.story.free.set()
    await family.story.expect("down")
    assert len(family.made) == 1


async def test_the_class_stays_as_it_is_and_the_actor_is_one_of_it(family: Family) -> None:
    await family.supervise()
    await family.up()
    threaded = family.made[0].ref
    assert threaded is not None
    assert issubclass(threaded.actor_class, Blocking)
    assert threaded.actor_class.__name__ == "Blocking"
    assert "_actor_loop" not in vars(Blocking)


async def test_one_whose_supervisor_is_killed_as_it_starts_is_told_to_stop(family: Family) -> None:
    family.story.slow = True
    ref = await family.supervise()
    await family.story.expect("starting")
    family.system.kill(ref)
    await family.system.settle()
    family.story.free.set()
    await family.story.expect("up", "down")
    assert len(family.made) == 1
