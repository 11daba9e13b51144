"""A supervisor, its children, and what they did: for tests of supervision."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from tests.support.clock import ManualClock

from hubbub.actors.runtime.actor import LoopActor
from hubbub.actors.runtime.exits import Exit, ExitListener
from hubbub.actors.runtime.ref import LoopActorRef
from hubbub.actors.runtime.system import ActorSystem
from hubbub.supervision.intensity import Backoff, Intensity
from hubbub.supervision.orders import Orders
from hubbub.supervision.spec import Child, ChildSpec, Restart, Shutdown
from hubbub.supervision.strategy import AutoShutdown, Strategy
from hubbub.supervision.supervisor import Supervisor

MANY = Intensity(restarts=100, period_s=1)


class World:
    """A system on a clock of its own, and what its children did, in order."""

    def __init__(self, system: ActorSystem, clock: ManualClock) -> None:
        self.system = system
        self.clock = clock
        self.story: list[str] = []
        #: {child: how often its start still fails}
        self.broken: dict[str, int] = {}
        self.gates: dict[str, asyncio.Event] = {}
        self.exits: list[Exit] = []

    def spec(
        self,
        name: str,
        restart: Restart = "permanent",
        shutdown: Shutdown | None = None,
        cls: type[LoopActor] | None = None,
        *,
        significant: bool = False,
        intensity: Intensity | None = None,
    ) -> ChildSpec:
        def start(exits: ExitListener) -> LoopActorRef[Any]:
            return self.system.spawn(cls or Worker, self, name, name=name, parent=exits)

        return ChildSpec(
            name,
            start,
            restart=restart,
            shutdown=shutdown,
            significant=significant,
            intensity=intensity,
        )

    async def supervisor(
        self,
        *specs: ChildSpec,
        strategy: Strategy = "one_for_one",
        intensity: Intensity | None = None,
        backoff: Backoff | None = None,
        auto_shutdown: AutoShutdown = "never",
    ) -> LoopActorRef[Supervisor]:
        ref = self.system.spawn(
            Supervisor,
            specs,
            strategy=strategy,
            intensity=intensity,
            backoff=backoff,
            auto_shutdown=auto_shutdown,
            name="supervisor",
            parent=self.exits.append,
        )
        await self.system.settle()
        return ref

    @property
    def orders(self) -> Orders:
        """To the supervisor of `supervisor`."""
        return Orders(self.system, "supervisor")

    def up(self, *names: str) -> list[str]:
        """Which of these live."""
        return [name for name in names if self.system.lookup(name) is not None]

    async def told(self, name: str, message: object) -> None:
        assert self.system.tell(name, message)
        await self.system.settle()

    async def passes(self, seconds: float) -> None:
        await self.system.settle()
        self.clock.advance(seconds)
        await self.system.settle()

    def retold(self) -> list[str]:
        story, self.story = self.story, []
        return story


class Worker(LoopActor):
    """Crashes, stops or hangs as it is told."""

    def __init__(self, world: World, label: str) -> None:
        super().__init__()
        self._world = world
        self._label = label

    def on_start(  # type: ignore[override]  # pykka's is never async
        self,
    ) -> Awaitable[None] | None:
        if self._world.broken.get(self._label, 0):
            self._world.broken[self._label] -= 1
            raise OSError("not yet")
        gate = self._world.gates.get(self._label)
        if gate is not None:
            return self._start_slowly(gate)
        self._world.story.append(f"+{self._label}")
        return None

    async def _start_slowly(self, gate: asyncio.Event) -> None:
        await gate.wait()
        self._world.story.append(f"+{self._label}")

    def on_stop(self) -> None:
        self._world.story.append(f"-{self._label}")

    def on_receive(self, message: Any) -> Any:
        match message:
            case "crash":
                raise ValueError("told to")
            case "stop":
                self.stop()
            case "hang":
                return asyncio.Event().wait()
            case _:
                self._world.story.append(f"{self._label}: {message}")
        return None


class Keeper(Worker):
    keeps_mailbox = True


class Engine:
    """A service."""

    def __init__(self, world: World, name: str, exits: ExitListener) -> None:
        self._world = world
        self._name = name
        self.exits = exits
        self.hangs = False

    def exit(self, reason: BaseException | None) -> Exit:
        """What it tells of its end."""
        return Exit(None, self._name, reason)

    async def start(self) -> None:
        await asyncio.sleep(0)
        if self._world.broken.get(self._name, 0):
            self._world.broken[self._name] -= 1
            raise OSError("not yet")
        self._world.story.append(f"+{self._name}")

    async def stop(self) -> None:
        if self._world.broken.get(f"stop {self._name}"):
            raise OSError("stuck")
        if self.hangs:
            await asyncio.Event().wait()
        self._world.story.append(f"-{self._name}")


def engine_spec(
    world: World, name: str, made: list[Engine], shutdown: Shutdown | None = None
) -> ChildSpec:
    async def start(exits: ExitListener) -> Child:
        made.append(Engine(world, name, exits))
        return made[-1]

    return ChildSpec(name, start, shutdown=shutdown)


__all__ = ["MANY", "Engine", "Keeper", "Worker", "World", "engine_spec"]
