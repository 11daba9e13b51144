"""Everything a test needs, for one test: `async with Kit() as kit: ...`

    kit.system      an actor system on virtual time
    kit.clock       the time
    kit.probe()     an actor that the test holds
    kit.cluster(3)  a whole chat, on three nodes
    kit.client()    a device of somebody's in a chat on one
    kit.story       what happened

When the block ends, the actors are stopped in order. What is left then is a leak, and fails the
test: an actor that did not stop, a task, a timer.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ..actors.runtime.dead_letters import DeadLetter
from ..actors.runtime.ref import LoopActorRef
from ..config.clock import Clock
from ..config.errors import ActorKilledError
from ..config.limits import Limits
from ..supervision.intensity import Intensity
from .auto_clock import AutoClock
from .chance import SeededChance
from .probe import ExpectationError, Probe
from .story import Story
from .watched_system import Strike, WatchedSystem

if TYPE_CHECKING:
    from .client import Client
    from .cluster import Cluster

#: Passes of the loop that a task has to end in, after all actors have.
ENDING_PASSES = 20

#: Seconds that actors have for stopping: virtual ones on a VirtualLoop, else real ones.
STOP_S = 2.0


class LeakError(AssertionError):
    """Something outlived the test."""


class Kit:
    """See the module.

    Attributes:
        seed: Of chance, and of the order in which actors have their turns when it is shuffled.
        systems: All actor systems of the test; the first one is `system`.
    """

    def __init__(self, *, seed: int = 0, shuffle: bool = False) -> None:
        """
        Args:
            shuffle: Let actors that are ready have their turns in an order drawn from the seed,
                instead of first come, first served.
        """
        self.seed = seed
        self.clock = AutoClock(self._busy)
        self.story = Story(self.clock.monotonic)
        self.chance = SeededChance(seed)
        self.systems: list[WatchedSystem] = []
        self.strikes: list[Strike] = []
        self._shuffle: Callable[[list[Any]], None] | None = (
            random.Random(seed).shuffle if shuffle else None
        )
        self._probes = 0
        self._home: Cluster | None = None
        self._before: set[asyncio.Task[Any]] | None = None
        self._closers: list[Callable[[], Any]] = []
        self.system = self.new_system()

    def new_system(self, label: str = "", clock: Clock | None = None) -> WatchedSystem:
        """One more actor system, which stops with the test.

        Args:
            label: Stands before the names of its actors in the story.
            clock: None is the kit's.
        """
        system = WatchedSystem(
            self.story,
            clock=clock or self.clock,
            chance=self.chance,
            label=label,
            shuffle=self._shuffle,
        )
        system.strikes = self.strikes
        self.systems.append(system)
        return system

    def probe(self, name: str | None = None, system: WatchedSystem | None = None) -> Probe:
        """An actor that the test holds.

        Args:
            system: Where it lives; None is `self.system`.
        """
        self._probes += 1
        name = name or ("probe" if self._probes == 1 else f"probe-{self._probes}")
        return Probe(system or self.system, self.clock, self.story, name)

    def crash(self, name: str, at: int = 1, *, after: bool = False, times: int = 1) -> Strike:
        """Let an actor crash at one of its messages from now on; see `Strike`."""
        strike = Strike(name, at, after=after, times=times)
        self.strikes.append(strike)
        return strike

    async def cluster(
        self,
        nodes: int = 1,
        *,
        limits: Limits | None = None,
        intensity: Intensity | None = None,
        max_connections: int = 10_000,
    ) -> Cluster:
        """A chat on so many nodes, running; it stops with the test.

        Args:
            limits: None lifts the rates.
            intensity: How often an actor may be restarted; see `Chat`.
            max_connections: Of each node; one more is refused.
        """
        # Here, so that a test of actors alone loads no server.
        from .cluster import Cluster

        made = Cluster(self, limits=limits, intensity=intensity, max_connections=max_connections)
        self.on_close(made.close)
        await made.open(nodes)
        return made

    async def client(self, name: str) -> Client:
        """A client of the kit's own cluster of one node; see `Cluster.client`."""
        if self._home is None:
            self._home = await self.cluster()
        return await self._home.client(name)

    @property
    def dead_letters(self) -> list[DeadLetter]:
        """What nobody took, of all systems, in order within each."""
        return [letter for system in self.systems for letter in system.lost]

    async def settle(self) -> None:
        """Wait until nobody has anything to do at this moment; no time passes for that."""
        for system in self.systems:
            if system.is_open:
                await system.settle()

    # --- its life -------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        """Begin: what runs before is not the test's."""
        self._before = asyncio.all_tasks()
        self.system.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        __tracebackhide__ = True
        told = self.story.told()
        leaks = await self._close()
        if error is not None:
            if isinstance(error, Exception) and not isinstance(error, ExpectationError):
                error.add_note(f"What happened:\n{told}")
        elif leaks:
            raise LeakError("\n".join(["the test left behind:", *leaks, "What happened:", told]))

    def on_close(self, close: Callable[[], Any]) -> None:
        """Call (and await, if it is awaitable) at the end, the latest first, before actors stop."""
        self._closers.append(close)

    async def _close(self) -> list[str]:
        """Stop everything; what would not stop."""
        leaks: list[str] = []
        while self._closers:
            try:
                closing = self._closers.pop()()
                if closing is not None:
                    await closing
            except AssertionError as error:
                leaks.append(f"  {error}")

        def leak(ref: LoopActorRef[Any], reason: BaseException | None) -> None:
            if isinstance(reason, ActorKilledError):
                leaks.append(f"  actor {ref.name}, which did not stop")

        for system in reversed(self.systems):
            for ref in list(system.names.living.values()):
                # Whoever supervises one may kill it, if it says so.
                if ref.parent is None:
                    system.watch(ref, leak)
            await system.stop(STOP_S)
        leaks += await self._left_tasks()
        if self.clock.pending:
            leaks.append(f"  {self.clock.pending} timers of the clock")
        return leaks

    async def _left_tasks(self) -> list[str]:
        before = self._before or set()
        me = asyncio.current_task()
        left: set[asyncio.Task[Any]] = set()
        for _ in range(ENDING_PASSES):
            await asyncio.sleep(0)
            left = {task for task in asyncio.all_tasks() - before if task is not me}
            if not left:
                return []
        for task in left:
            task.cancel()
        return [f"  task {task.get_name()}: {task.get_coro()}" for task in left]

    def _busy(self) -> object:
        """Changes while an actor of the test works."""
        return [
            (system.dispatcher.turns, system.dispatcher.busy, system.afar.busy)
            for system in self.systems
        ]


__all__ = ["ENDING_PASSES", "STOP_S", "Kit", "LeakError"]
