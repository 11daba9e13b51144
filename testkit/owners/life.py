"""One life: three nodes, a bus, a ring, a reader who owns nothing; and misfortune."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ...actors.runtime.tasks import Tasks
from ...actors.waiting import pause
from ...config.ids import ConvId, shard_of
from ...config.units import SECONDS
from ...storage.cassandra.store import CassandraStore
from ...transport.cluster.memory_bus import BUS, MemoryBus
from ..contracts.hands import conv_id
from ..ring.bridge import MemoryBridge
from ..ring.ring import REPLICAS, Fate, MemoryRing
from ..simulation.chance import SeededChance
from ..simulation.checker import Findings
from ..simulation.trace import Trace
from ..simulation.world import LoopTime
from .node import OPTIONS, OwnerNode, look
from .record import Record

NODES = 3
LOGS = 4
#: Shorter than any real one's, so that a life sees many.
LEASE_S = 2 * SECONDS
#: How often each thing goes wrong, against the others.
WEIGHTS: dict[str, int] = {
    "pause": 10, "kill": 5, "restart": 5, "flush": 3, "partition": 6, "replica": 6, "fate": 12,
    "slow": 4, "full": 2, "broken": 3, "betray": 10, "hush": 5,
}  # fmt: skip
_FATES: tuple[Fate, ...] = ("refused", "lost", "unknown", "torn", "torn")


class WatchedBus(MemoryBus):
    """Tells who expels whom.

    Attributes:
        on_expel: Called with the incarnation.
        since: {incarnation: when it came in}, of all that were seen in a view.
    """

    on_expel: Callable[[str], object]

    def leave(self, node: str, incarnation: str) -> None:
        own = self._receivers.get(incarnation)
        if own is not None and own[0] != node:
            self.on_expel(incarnation)
        super().leave(node, incarnation)


class Life:
    """See the module.

    Attributes:
        quiet: Nothing goes wrong: nobody may be expelled or sealed who is in the view.
    """

    def __init__(self, seed: int, trace: Trace, findings: Findings) -> None:
        self.seed = seed
        self.loop = loop = asyncio.get_running_loop()
        self.trace = trace
        self.findings = findings
        self.quiet = False
        self._time = time = LoopTime(loop)
        self.ring = MemoryRing(time, self.chance("ring"))
        self.bus = WatchedBus(time, lease_s=LEASE_S, renew_s=LEASE_S / 5)
        self.bus.on_expel = self._expelled
        self.record = Record(findings, self.note_of)
        self.logs = [conv_id(f"log {n}") for n in range(LOGS)]
        self.tasks = Tasks()
        self.nodes: dict[str, OwnerNode | None] = {f"n{n}": None for n in range(1, NODES + 1)}
        self._lives = 0
        self._hushed = False
        #: Looks at the logs that come quickly, one after the other: somebody was sealed.
        self._eager = 0
        self._stopping: set[str] = set()
        self._chance = self.chance("misfortune")
        self._over = False
        self._ends: list[Callable[[], object]] = []
        self.faults = 0
        self.reader = CassandraStore(
            OPTIONS, self.tasks.start, clock=time, connect=MemoryBridge(self.ring).connected
        )

    def chance(self, purpose: str) -> SeededChance:
        """A stream of chance of this seed."""
        return SeededChance(self.seed, f"owners {purpose}")

    def note(self, what: str, *about: object) -> None:
        """A line of the trace about the world."""
        self.note_of("world", what, *about)

    def note_of(self, who: str, what: str, *about: object) -> None:
        """A line of the trace."""
        self.trace.note(self.loop.time(), who, what, *about)

    async def pass_time(self, seconds: float) -> None:
        """Let so much time pass."""
        await pause(self._time, seconds)

    # --- nodes ----------------------------------------------------------------------------------

    async def open(self) -> None:
        """All nodes start, and a reader who owns nothing."""
        self._draw()
        await self.reader.open()
        await asyncio.gather(*(self.start(name) for name in self.nodes))
        self.tasks.start(self._look_on(), "reader")

    async def start(self, name: str) -> None:
        """Start a node that is down."""
        self._lives += 1
        node = OwnerNode(
            name, self._lives, self.loop, self.bus, self.ring, self.logs, self.chance,
            self.record, self._sealed,
        )  # fmt: skip
        node.hushed = self._hushed
        self.nodes[name] = node
        self.note("starts", name)
        await node.start()

    async def stop(self, name: str) -> None:
        """Stop a node in order."""
        node, self.nodes[name] = self.nodes[name], None
        if node is not None:
            self.note("stops", name)
            self._stopping.add(name)
            await node.stop()
            self._stopping.discard(name)

    def up(self) -> list[OwnerNode]:
        """The nodes that live."""
        return [node for node in self.nodes.values() if node is not None and node.up]

    def writers(self, conv: ConvId) -> int:
        """How many appends of a log were acknowledged by those who write it now."""
        found = [node.scribe(conv) for node in self.up() if node.cluster.here(shard_of(conv))]
        return sum(scribe.done for scribe in found if scribe is not None)

    async def _look_on(self) -> None:
        chance = self.chance("reader")
        while True:
            self._eager = max(0, self._eager - 1)
            await self.pass_time(chance.uniform(0, 0.02 if self._eager else 0.3))
            await look(self.reader, chance.among(self.logs), self.record, "a reader")

    # --- what must not be -----------------------------------------------------------------------

    def _sealed(self, owner: str) -> None:
        view = self.bus.view
        self._eager = 30
        self.note("seals", owner)
        members = set(view.incarnations) if view is not None else set[str]()
        if self.quiet:
            members.update(node.cluster.membership for node in self.up())
        if owner in members:
            self.note("deposed", owner)
            self.findings.add("deposed", f"{owner} is sealed and a member", owner)

    def _expelled(self, owner: str) -> None:
        self.note("expels", owner)
        if self.quiet:
            self.findings.add("expelled", f"{owner} is expelled, and nothing is wrong", owner)

    # --- misfortune -----------------------------------------------------------------------------

    def _draw(self) -> None:
        chance, faults = self._chance, self.ring.faults
        faults.strays = chance.among((0.0, 0.1, 0.5))
        faults.hint_s = chance.among((0.05, 2.0, 10.0))
        faults.forgotten = chance.among((0.0, 0.3))
        faults.doubt = chance.among((0.0, 0.0, 0.01, 0.05))

    async def suffer(self, lasts_s: float, count: int) -> None:
        """Let things go wrong for a while."""
        until = self.loop.time() + lasts_s
        while self.loop.time() < until:
            (kind,) = self._chance.rng.choices(list(WEIGHTS), list(WEIGHTS.values()))
            node = self._chance.among(self.up() or [None])
            if node is not None:
                self.faults += 1
                getattr(self, f"_{kind}")(node)
            await self.pass_time(self._chance.uniform(0, 2 * lasts_s / count))

    async def end(self) -> None:
        """Nothing goes wrong any more, and all nodes are there."""
        self._over = True
        self.note("faults end")
        for end in self._ends:
            end()
        self.bus.faults.mend_all()
        self.ring.faults.end()
        for node in self.up():
            node.bridge.fates = lambda _: None
        await self.pass_time(0.5)
        while self._stopping:
            await self.pass_time(0.1)
        for name in [name for name, node in self.nodes.items() if node is None]:
            await self.start(name)

    def sleep(self, node: OwnerNode) -> None:
        """SIGSTOP."""
        node.gate.shut = True
        self.bus.faults.hold(node.name)

    def wake(self, node: OwnerNode) -> None:
        """SIGCONT; harmless if it is awake, or dead."""
        if node.gate.shut and not node.gate.dead:
            node.gate.open()
            self.bus.faults.release(node.name)

    def kill(self, node: OwnerNode) -> None:
        """kill -9."""
        self.note("dies", node.name)
        self.nodes[node.name] = None
        self.bus.faults.release(node.name)
        self.tasks.start(node.die(), f"kill {node.name}")

    def hush(self, hushed: bool) -> None:
        """Whether nobody has anything to say."""
        self._hushed = hushed
        for node in self.up():
            node.hushed = hushed

    def _pause(self, node: OwnerNode) -> None:
        if not node.gate.shut:
            self.sleep(node)
            self._lasts("pauses", node.name, (0.5, 3.0, 6.0, 12.0), lambda: self.wake(node))

    def _kill(self, node: OwnerNode) -> None:
        self.kill(node)
        self._starts_again(node.name)

    def _restart(self, node: OwnerNode) -> None:
        if node.gate.shut:
            return

        async def stop() -> None:
            await self.stop(node.name)
            self._starts_again(node.name)

        node.up = False
        self.tasks.start(stop(), f"stop {node.name}")

    def _starts_again(self, name: str) -> None:
        def start() -> None:
            if self.nodes[name] is None and not self._over:
                self.tasks.start(self.start(name), f"start {name}")

        self.loop.call_later(self._chance.uniform(0.2, 4.0), start)

    def _flush(self, _: OwnerNode) -> None:
        self.note("flush")
        self.bus.flush()

    def _partition(self, node: OwnerNode) -> None:
        other = self._chance.among([BUS, *(name for name in self.nodes if name != node.name)])
        self.bus.faults.cut(node.name, other)
        mend = self.bus.faults.mend
        self._lasts(
            "parts", f"{node.name} {other}", (1.0, 3.0, 7.0), lambda: mend(node.name, other)
        )

    def _replica(self, _: OwnerNode) -> None:
        replica = int(self._chance.uniform(0, REPLICAS))
        self.ring.fall(replica)
        self._lasts(
            "falls", f"replica {replica}", (0.5, 3.0, 10.0), lambda: self.ring.rise(replica)
        )

    def _fate(self, node: OwnerNode) -> None:
        fate, times = self._chance.among(_FATES), self._chance.among((1, 1, 4, 20))
        self.note("fate", node.name, fate, times)
        left = [times]

        def fates(_: str) -> Fate | None:
            left[0] -= 1
            return fate if left[0] >= 0 else None

        node.bridge.fates = fates

    def _betray(self, node: OwnerNode) -> None:
        """What it writes comes to a few copies, and a moment later it sleeps, or is dead; its
        heirs may be slow to find out."""
        self.note("betrays", node.name)
        node.bridge.fates = lambda cql: "torn" if "INTO log" in cql else None

        def strike() -> None:
            if node.up and self.nodes[node.name] is node and not self._over:
                node.bridge.fates = lambda _: None
                self._chance.among((self._pause, self._kill))(node)
                for heir in self.up() if self._chance.happens(0.5) else ():
                    self._slow(heir)

        self.loop.call_later(self._chance.uniform(0.05, 1.0), strike)

    def _hush(self, _: OwnerNode) -> None:
        self.hush(True)
        self._lasts("hush", "", (2.0, 8.0), lambda: self.hush(False))

    def _slow(self, node: OwnerNode) -> None:
        node.bridge.slow = self._chance.among((10.0, 100.0, 1000.0))
        self._lasts("slow", node.name, (1.0, 6.0), lambda: setattr(node.bridge, "slow", 1.0))

    def _full(self, node: OwnerNode) -> None:
        node.bridge.full = True
        self._lasts("full", node.name, (0.5, 4.0), lambda: setattr(node.bridge, "full", False))

    def _broken(self, node: OwnerNode) -> None:
        node.bridge.broken = True
        self._lasts("broken", node.name, (0.3, 2.0), lambda: setattr(node.bridge, "broken", False))

    def _lasts(
        self, what: str, who: str, most_s: tuple[float, ...], end: Callable[[], object]
    ) -> None:
        self.note(what, who)
        self._ends.append(end)

        def over() -> None:
            if not self._over:
                self.note(f"no longer {what}", who)
                end()

        self.loop.call_later(self._chance.uniform(0.2, self._chance.among(most_s)), over)


__all__ = ["LEASE_S", "LOGS", "NODES", "WEIGHTS", "Life", "WatchedBus"]
