"""One node of a test's cluster: the real tree, actors and edge, without sockets.

Gate -> WatchedSystem -> Chat: store, edge, cluster, conversations, users, sessions, opening

Everything that happens on it comes through its gate, so it can be paused and killed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import cast

from ..actors.runtime.exits import ExitListener
from ..config.clock import Clock
from ..config.limits import Limits
from ..config.version import VERSION
from ..storage.memory import MemoryStore
from ..supervision.chat import Chat
from ..supervision.drain import drain
from ..supervision.intensity import Intensity
from ..supervision.root import running
from ..supervision.spec import ChildSpec, Service
from ..transport.cluster.memory_bus import MemoryBus
from ..transport.cluster.node_cluster import NodeCluster
from ..transport.discovery import About
from ..transport.edge.edge import Edge
from ..transport.edge.holder import Holder
from .clock_loop import ClockLoop, WorldClock
from .simulation.chance import SeededChance
from .simulation.disk import NodeDisk
from .simulation.gate import Gate, NodeClock
from .simulation.node import Doorkeeper, EdgeService
from .watched_system import WatchedSystem


class ChatNode:
    """One life of a node, from its start to its stop or its death.

    Attributes:
        name: Its id; the next life has the same.
        up: It has started, and neither stopped nor died.
        system, chat: Its own.
        disk: The store as this node has it.
        gate: What everything that happens on it comes through.
        protocol: Makes its side of a connection.
    """

    edge: Edge
    protocol: type[Holder]

    def __init__(
        self,
        name: str,
        clock: Clock,
        world: asyncio.AbstractEventLoop,
        data: MemoryStore,
        make_system: Callable[[NodeClock], WatchedSystem],
        chance: SeededChance,
        *,
        limits: Limits,
        intensity: Intensity | None,
        bus: MemoryBus | None,
        max_connections: int,
    ) -> None:
        """Nothing starts yet.

        Args:
            clock: Where its time comes from.
            world: Where its disk's does, which goes on working when the node is dead.
            data: What the nodes share.
            bus: None for a cluster of one, which needs none.
        """
        self.name = name
        self.up = False
        self._time = WorldClock(clock)
        loop = ClockLoop(self._time).as_loop()
        self.gate = Gate(loop)
        self.clock = NodeClock(loop, self.gate)
        self.system = make_system(self.clock)
        self.disk = NodeDisk(data, NodeClock(world, self.gate), chance)
        self.chat = Chat(
            self.system,
            lambda: self.disk,
            limits=limits,
            node=name,
            intensity=intensity,
            cluster=None if bus is None else bus.cluster,
        )
        self.chat.about = self._about
        self._bus = bus
        self._max_connections = max_connections
        self._stack = AsyncExitStack()

    async def start(self) -> None:
        """Start everything."""
        self.system.open()
        # From here on its actors have their turns through the gate.
        self.system.dispatcher.open(cast("asyncio.AbstractEventLoop", self.gate))
        specs = self.chat.specs([ChildSpec("edge", self._edge)])
        await self._stack.enter_async_context(running(self.system, specs))
        self.up = True

    async def drain(self, over_s: float) -> None:
        """Send everybody away and hand over what is owned here; then it may be stopped."""
        self.chat.draining = True
        await drain(self.chat.cluster, self.edge, over_s)

    async def stop(self) -> None:
        """Stop everything in order, as SIGTERM does."""
        self.up = False
        await self._stack.aclose()
        await self.system.stop()

    async def kill(self) -> None:
        """End it as kill -9 does: nobody is told, nothing more is written."""
        self.up = False
        self.gate.kill()
        cluster = self.chat.cluster
        if self._bus is not None and isinstance(cluster, NodeCluster):
            self._bus.detach(cluster.membership)
        await self.system.stop(timeout_s=0)
        self._time.end()

    def pause(self) -> None:
        """Stop it as SIGSTOP does: what arrives waits."""
        self.gate.shut = True
        if self._bus is not None:
            self._bus.faults.hold(self.name)

    def resume(self) -> None:
        """Let it go on; harmless if it was not paused."""
        if self._bus is not None:
            self._bus.faults.release(self.name)
        self.gate.open()

    def _about(self) -> About:
        full = not self.chat.open or self.chat.draining or not self.edge.wants_more
        return About(f"ws://{self.name}/ws", VERSION, self.edge.load, full)

    def _edge(self, _exits: ExitListener) -> Service:
        chat = self.chat
        self.edge = edge = Edge(
            self.system,
            chat.nursery,
            Doorkeeper(chat.store),
            chat.directory,
            limits=chat.limits,
            node=self.name,
            incarnation=chat.incarnation,
            clock=self.clock,
            chance=self.system.chance,
            metrics=chat.metrics,
            max_connections=self._max_connections,
        )
        self.protocol = edge.protocol_class()
        return EdgeService(edge)


__all__ = ["ChatNode"]
