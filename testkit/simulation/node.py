"""A whole node without sockets: the real tree, actors, edge; a disk and a gate of the simulation's.

Gate -> ActorSystem -> Chat: store, edge, cluster, conversations, users, sessions, opening
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import cast

from ...actors.runtime.exits import ExitListener
from ...actors.runtime.system import ActorSystem
from ...config.errors import ForbiddenError, UnauthenticatedError
from ...config.ids import ConvId, DeviceId, UserId
from ...config.limits import Limits
from ...config.units import SECONDS
from ...storage.contract import Store
from ...storage.memory import MemoryStore
from ...supervision.chat import Chat, MakeCluster
from ...supervision.intensity import Intensity
from ...supervision.root import running
from ...supervision.spec import ChildSpec, Service
from ...transport.cluster.memory_bus import MemoryBus
from ...transport.cluster.node_cluster import NodeCluster
from ...transport.edge.edge import CLOSED_S, Edge
from ...transport.edge.holder import Holder
from ...transport.edge.identity import Identity
from .chance import SeededChance
from .disk import NodeDisk
from .gate import Gate, NodeClock

#: Far beyond any clock that is set forward.
_NEVER_MS = 1 << 50


class Doorkeeper:
    """An Authenticator whose tokens are names: "u_... v_..."."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def authenticate(self, token: str) -> Identity:
        """See `Authenticator`."""
        user, _, name = token.partition(" ")
        device = await self._store.device(DeviceId(name))
        if device is None or device.user != user:
            raise UnauthenticatedError("Nobody of that name.")
        if device.revoked:
            raise ForbiddenError("This device was signed out.")
        return Identity(UserId(user), DeviceId(name), _NEVER_MS)


class EdgeService:
    """The edge, as a supervisor wants it; its connections come from the world's clients."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def start(self) -> None:
        """Nothing listens."""

    async def stop(self) -> None:
        """Close all connections."""
        await self._edge.close()


class SimNode:
    """One life of a node, from its start to its stop or its death.

    Attributes:
        name: Its id; the next life has the same.
        up: It has started, and neither stopped nor died.
        protocol: Makes its side of a connection.
    """

    protocol: type[Holder]

    def __init__(
        self,
        name: str,
        life: int,
        loop: asyncio.AbstractEventLoop,
        data: MemoryStore,
        limits: Limits,
        chance: Callable[[str], SeededChance],
        *,
        skew_ms: int,
        intensity: Intensity,
        cluster: MakeCluster | None,
    ) -> None:
        """Nothing starts yet.

        Args:
            chance: A stream of chance for each purpose.
        """
        self.name = name
        self.up = False
        self.gate = Gate(loop)
        self.clock = NodeClock(loop, self.gate)
        self.clock.skew_ms = skew_ms
        purpose = f"{name}.{life}"
        self.system = ActorSystem(
            clock=self.clock,
            chance=chance(f"{purpose} node"),
            shuffle=chance(f"{purpose} order").shuffle,
        )
        self.disk = NodeDisk(data, self.clock, chance(f"{purpose} disk"))
        self.disk.on_crash = self.crash_log
        self.chat = Chat(
            self.system,
            lambda: self.disk,
            limits=limits,
            node=name,
            intensity=intensity,
            cluster=cluster,
        )
        self._stack = AsyncExitStack()

    async def start(self) -> None:
        """Start everything."""
        await self._stack.enter_async_context(self.system)
        # From here on its actors have their turns through the gate.
        self.system.dispatcher.open(cast("asyncio.AbstractEventLoop", self.gate))
        # A socket that does not take its close frame is waited for, then aborted.
        edge = ChildSpec("edge", self._edge, shutdown=CLOSED_S + SECONDS)
        specs = self.chat.specs([edge])
        await self._stack.enter_async_context(running(self.system, specs))
        self.up = True

    async def stop(self) -> None:
        """Stop everything in order, as SIGTERM does."""
        self.up = False
        await self._stack.aclose()

    async def die(self) -> None:
        """kill -9: what is on its way to the disk or the world is gone; then clean up behind it."""
        self.up = False
        self.gate.kill()
        await self.system.stop(timeout_s=0)

    def cut_bus(self, bus: MemoryBus) -> None:
        """Nothing of it reaches the others any more."""
        cluster = self.chat.cluster
        if isinstance(cluster, NodeCluster):
            bus.detach(cluster.membership)

    def leftovers(self) -> str:
        """What is left of it after it stopped; "" for nothing."""
        system = self.system
        left = [f"{n} {what}" for what, n in (
            ("actors", len(system.names.living)),
            ("reserved names", len(system.names.reserved)),
            ("tasks", len(system.tasks)),
            ("timers", len(system.timers)),
            ("connections", len(self.chat.directory)),
        ) if n]  # fmt: skip
        return ", ".join(left)

    def crash(self, name: str) -> bool:
        """Kill an actor, whatever it does just now."""
        ref = self.system.lookup(name)
        return ref is not None and self.system.kill(ref)

    def crash_log(self, conv: ConvId) -> None:
        """Kill the actor that writes this log."""
        self.crash(f"user:u_{conv[2:]}" if conv.startswith("s_") else f"conv:{conv}")

    def living(self, *prefixes: str) -> list[str]:
        """The names of actors of these kinds, sorted."""
        return sorted(name for name in self.system.names.living if name.startswith(prefixes))

    def _edge(self, _exits: ExitListener) -> Service:
        chat = self.chat
        edge = Edge(
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
        )
        self.protocol = edge.protocol_class()
        return EdgeService(edge)


__all__ = ["Doorkeeper", "EdgeService", "SimNode"]
