"""A node that owns logs and does nothing else: the real cluster part and store, behind a gate.

Gate -> ActorSystem's clock, tasks -> NodeCluster -> Shards -> CassandraStore -> ring
                                         └-> Scribes, one for each log that is placed here
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import cast

from ...actors.ports import Leaver
from ...actors.runtime.system import ActorSystem
from ...actors.waiting import pause
from ...config.errors import HubbubError
from ...config.ids import ConvId
from ...config.metrics import Metrics
from ...storage.cassandra.options import CassandraOptions
from ...storage.cassandra.store import CassandraStore
from ...storage.records import Message
from ...transport.cluster.memory_bus import MemoryBus
from ...transport.cluster.node_cluster import NodeCluster
from ..ring.bridge import MemoryBridge
from ..ring.ring import MemoryRing
from ..simulation.chance import SeededChance
from ..simulation.gate import Gate, NodeClock
from .record import Record
from .scribe import Scribe

#: How long a request to the ring may take; what is lost is repeated for twice as long.
OPTIONS = CassandraOptions(timeout_s=0.4)
#: Between two things that a node does by itself, at most.
_PACE_S = 0.35
_ALL = 1 << 40


class WatchedStore(CassandraStore):
    """Tells who is sealed.

    Attributes:
        on_seal: Called first.
    """

    on_seal: Callable[[str], object]

    async def seal(self, owner: str) -> None:
        self.on_seal(owner)
        await super().seal(owner)


class OwnerNode:
    """One life of a node; implements `ports.Residents`.

    Attributes:
        bridge: Its way to the ring.
        hushed: Nobody has anything to say here; logs are taken up all the same.
        scribes: {log: who writes it here}; another one after each hand-over.
    """

    def __init__(
        self,
        name: str,
        life: int,
        loop: asyncio.AbstractEventLoop,
        bus: MemoryBus,
        ring: MemoryRing,
        logs: Sequence[ConvId],
        chance: Callable[[str], SeededChance],
        record: Record,
        on_seal: Callable[[str], object],
    ) -> None:
        self.name = name
        self.up = self.hushed = False
        self.gate = Gate(loop)
        self.clock = NodeClock(loop, self.gate)
        self.scribes: dict[ConvId, Scribe] = {}
        self._chance = chance(f"{name}.{life}")
        self._record = record
        self._logs = logs
        self._bus = bus
        self.system = ActorSystem(clock=self.clock, chance=self._chance)
        self.bridge = MemoryBridge(ring, self.gate.run)
        self.store = WatchedStore(
            OPTIONS, self.system.tasks.start, clock=self.clock, connect=self.bridge.connected
        )
        self.store.on_seal = on_seal
        self.cluster = NodeCluster(
            bus, self.system, self.store, self, name, f"{name}_{life}", Metrics()
        )

    async def start(self) -> None:
        """Join, and begin to write."""
        await self.system.__aenter__()
        self.system.dispatcher.open(cast("asyncio.AbstractEventLoop", self.gate))
        await self.store.open()
        await self.cluster.start()
        self.up = True
        self.system.tasks.start(self._write(), "write")
        self.system.tasks.start(self._read(), "read")

    async def stop(self) -> None:
        """In order: what is under way is told, then the shards are released."""
        self.up = False
        leavers = list(self.evict(lambda _: False))
        while any(leaver.is_alive() for leaver in leavers):
            await pause(self.clock, 0.02)
        await self.cluster.stop()
        await self.store.close()
        await self.system.stop()

    async def die(self) -> None:
        """kill -9: what is on its way to the ring is there, and nobody hears of it."""
        self.up = False
        self.gate.kill()
        self._bus.detach(self.cluster.membership)
        await self.system.stop(timeout_s=0)

    # --- ports.Residents ------------------------------------------------------------------------

    def evict(self, stays: Callable[[int], bool]) -> Iterable[Leaver]:
        """See `Residents`."""
        gone = [scribe for scribe in self.scribes.values() if not stays(scribe.shard)]
        for scribe in gone:
            del self.scribes[scribe.conv]
            scribe.leave(self.system.tasks.start, self._bus.lease_s)
        return gone

    def moved(self, shards: frozenset[int], gone: frozenset[str]) -> None:
        """See `Residents`; nobody lives here who would care."""

    def reread(self, again_s: float) -> None:
        """See `Residents`."""

    def lost(self, node: str, shards: frozenset[int]) -> None:
        """See `Residents`."""

    def missing(self, shards: frozenset[int]) -> None:
        """See `Residents`."""

    # --- what it does by itself -----------------------------------------------------------------

    async def _write(self) -> None:
        while self.up:
            await pause(self.clock, self._chance.uniform(0, _PACE_S))
            scribe = self.scribe(self._chance.among(self._logs))
            if scribe is not None and self.up:
                self.system.tasks.start(scribe.write(self.hushed), f"write {scribe.conv}")

    def scribe(self, conv: ConvId) -> Scribe | None:
        """Who writes a log here; None if it is placed elsewhere."""
        found = self.scribes.get(conv)
        if found is None:
            made = Scribe(
                conv, self.name, self.cluster, self.store, self.clock, self._chance, self._record
            )  # fmt: skip
            if not self.cluster.here(made.shard):
                return None
            found = self.scribes[conv] = made
        return found

    async def _read(self) -> None:
        while self.up:
            await pause(self.clock, self._chance.uniform(0, 2 * _PACE_S))
            conv = self._chance.among(self._logs)
            await look(self.store, conv, self._record, f"a reader at {self.name}")


async def look(store: CassandraStore, conv: ConvId, record: Record, who: str) -> bool:
    """Read a log's end as one who need not own it; False when nobody can tell what it is."""
    least = record.acked_head(conv)
    try:
        messages: list[Message] = await store.page(
            conv, 1, _ALL, limit=12, max_bytes=_ALL, backwards=True
        )
    except HubbubError:
        return False
    record.read(conv, [message.entry for message in messages], least, who)
    return True


__all__ = ["OPTIONS", "OwnerNode", "WatchedStore", "look"]
