r"""A whole system in one process: nodes, a bus, a disk, people; and its end.

n1  n2  n3   SimNode: gate, clock, actors, edge      -- MemoryBus -- between them
 \  |  /
  disk       one MemoryStore's data, a NodeDisk each
u1d1 .. u6d2 Client, over Links
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b

from ...actors.commands import DeviceRevoked
from ...actors.runtime.tasks import Tasks
from ...config.ids import ConvId, DeviceId, UserId, letters, self_log, shard_of
from ...storage.memory import MemoryStore
from ...storage.memory_logs import Log
from ...storage.records import Account, Device
from ...supervision.intensity import Intensity
from ...transport.cluster.memory_bus import MemoryBus
from ..clock import EPOCH_MS
from .chance import SeededChance
from .client import Client
from .node import SimNode
from .plan import Plan, plan_of
from .reading import Deletions
from .trace import Trace
from .wire import Link

#: A new death within so few seconds of the last one is given up by supervisors; faults come faster.
INTENSITY = Intensity(4, 5.0)


class LoopTime:
    """A Clock of nobody's: what lies between the nodes has it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.monotonic = loop.time

    def now_ms(self) -> int:
        """See `Clock`."""
        return EPOCH_MS + round(self._loop.time() * 1000)

    def call_later(self, delay_s: float, call: Callable[[], object]) -> asyncio.TimerHandle:
        """See `Clock`."""
        return self._loop.call_later(delay_s, call)


@dataclass(slots=True)
class Seat:
    """A node's place, through all its lives.

    Attributes:
        node: The present life; None while it is down.
        lives: How many there were.
        skew_ms: How far its wall clock is off.
    """

    name: str
    node: SimNode | None = None
    lives: int = 0
    skew_ms: int = 0


@dataclass(slots=True)
class World:
    """See the module; `open` makes it, `close` ends it.

    Attributes:
        seed: All of it comes from this.
        revoked: {device: when it was signed out}.
        dead_letters: {reason: how many}, of nodes that ended.
        problems: What was noticed on the way and must not be: (rule, what, names).
    """

    seed: int
    loop: asyncio.AbstractEventLoop
    trace: Trace
    plan: Plan
    data: MemoryStore
    bus: MemoryBus
    tasks: Tasks = field(default_factory=Tasks)
    seats: dict[str, Seat] = field(default_factory=dict[str, Seat])
    clients: list[Client] = field(default_factory=list[Client])
    deletions: Deletions = field(default_factory=Deletions)
    revoked: dict[str, float] = field(default_factory=dict[str, float])
    problems: list[tuple[str, str, tuple[str, ...]]] = field(
        default_factory=list[tuple[str, str, tuple[str, ...]]]
    )

    @classmethod
    async def open(cls, seed: int, trace: Trace, *, nodes: int) -> World:
        """Everything started, nobody connected."""
        loop = asyncio.get_running_loop()
        plan = plan_of(SeededChance(seed, "plan"), nodes)
        data = MemoryStore()
        await data.open()
        world = cls(seed, loop, trace, plan, data, MemoryBus(LoopTime(loop)))
        await world._people()
        for n in range(1, plan.nodes + 1):
            world.seats[f"n{n}"] = Seat(f"n{n}")
        await asyncio.gather(*(world.start_node(name) for name in world.seats))
        return world

    def chance(self, purpose: str) -> SeededChance:
        """A stream of chance of this seed."""
        return SeededChance(self.seed, purpose)

    @property
    def logs(self) -> dict[ConvId, Log]:
        """What is on record: every conversation's log, and every person's."""
        logs: dict[ConvId, Log] = vars(self.data)["_logs"]
        return logs

    def seq_of(self, c: str, device: DeviceId, cid: int) -> int:
        """Where a device's mutation of a conversation stands on record; 0 when it does not."""
        log = self.logs.get(ConvId(c))
        mine = [e.seq for e in log.entries if (e.device, e.cid) == (device, cid)] if log else []
        return mine[0] if mine else 0

    def note(self, what: str, *about: object) -> None:
        """A line of the trace about the world."""
        self.trace.note(self.loop.time(), "world", what, *about)

    async def pass_time(self, seconds: float) -> None:
        """Let so much time pass."""
        over: asyncio.Future[None] = self.loop.create_future()
        self.loop.call_later(seconds, over.set_result, None)
        await over

    async def until(self, so: Callable[[], bool], within_s: float, step_s: float = 0.02) -> bool:
        """Let time pass until something is so. Returns: whether it is."""
        over_at = self.loop.time() + within_s
        while not (found := so()) and self.loop.time() < over_at:
            await self.pass_time(step_s)
        return found

    # --- people ---------------------------------------------------------------------------------

    async def _people(self) -> None:
        chance = self.chance("people")
        for number in range(1, self.plan.users + 1):
            user = UserId(_letters("u_", f"u{number}"))
            await self.data.create_account(
                Account(user, f"u{number}", f"u{number}", EPOCH_MS, "x"), []
            )
            for place in range(1, self.plan.devices + 1):
                name = f"u{number}d{place}"
                device = DeviceId(_letters("v_", name))
                await self.data.add_device(Device(device, user, name, EPOCH_MS, EPOCH_MS), 10)
                self.clients.append(
                    Client(
                        name,
                        user,
                        device,
                        self.loop,
                        self,
                        self.chance(f"client {name}"),
                        self.trace,
                        self.deletions,
                        cut=chance.among((0, 0, 0, 60)),
                        page=chance.among((3, 20, 200)),
                    )
                )

    async def sign_out(self, client: Client, node: SimNode) -> None:
        """Sign a device out, at a node.

        Raises:
            StoreError: It is not.
        """
        await self.data.revoke_device(client.user, client.device)
        client.signed_out_at = self.revoked[client.device] = self.loop.time()
        self.note("revokes", client.name, node.name)
        node.chat.cluster.tell(f"user:{client.user}", DeviceRevoked(client.device))

    def order(self, user: UserId) -> tuple[str, ...]:
        """The nodes as discovery ranks them for a user: the home first."""
        return self._order(shard_of(self_log(user)))

    def _order(self, shard: int) -> tuple[str, ...]:
        view = self.bus.view
        order: tuple[str, ...] = ()
        if view is not None and view.members:
            order = view.placement().order(shard)
        return order or tuple(self.seats)

    def owner(self, c: str) -> SimNode | None:
        """The node that is to write a conversation's log; None while it is down."""
        return self.seats[self.order_of(ConvId(c))[0]].node

    def order_of(self, c: ConvId) -> tuple[str, ...]:
        """The nodes that are to write a conversation's log, the first of them now."""
        return self._order(shard_of(c))

    def connect(self, client: Client) -> Link | None:
        """See `client.Net`: the node of the client's order, the next one after two failures."""
        order = self.order(client.user)
        chance = client.chance
        name = order[(client.failures // 2) % len(order)]
        if chance.happens(0.15):
            name = chance.among(order)
        node = self.seats[name].node
        if node is None or not node.up:
            return None
        return Link(
            self.loop,
            node.gate,
            chance,
            client,
            node.protocol(),
            buffer_bytes=self.plan.buffer_bytes,
            latency_s=self.plan.latency_s,
        )

    def links(self) -> list[tuple[Client, Link]]:
        """Clients that have a connection, with it."""
        return [(client, client.link) for client in self.clients if isinstance(client.link, Link)]

    # --- nodes ----------------------------------------------------------------------------------

    def nodes(self) -> list[SimNode]:
        """Those that are up."""
        return [s.node for s in self.seats.values() if s.node is not None and s.node.up]

    async def start_node(self, name: str) -> None:
        """Start a node that is down."""
        seat = self.seats[name]
        seat.lives += 1
        seat.node = node = SimNode(
            name,
            seat.lives,
            self.loop,
            self.data,
            self.plan.limits,
            self.chance,
            skew_ms=seat.skew_ms,
            intensity=INTENSITY,
            cluster=self.bus.cluster if self.plan.nodes > 1 else None,
        )
        await node.start()
        self.note("starts", name, f"life {seat.lives}")

    async def stop_node(self, name: str) -> None:
        """SIGTERM: everything in order."""
        seat = self.seats[name]
        node, seat.node = seat.node, None
        if node is not None:
            self.note("stops", name)
            await node.stop()
            # A socket that was aborted is lost a turn later.
            await self.pass_time(0.1)
            self._ended(node)

    async def kill_node(self, name: str) -> None:
        """kill -9."""
        seat = self.seats[name]
        node, seat.node = seat.node, None
        if node is None:
            return
        self.note("dies", name)
        self._witnessed(node)
        for client, link in self.links():
            if link.gate is node.gate:
                # The kernel says goodbye for it.
                link.down_end()
                self.note("cut", client.name)
        node.cut_bus(self.bus)
        await node.die()

    def _ended(self, node: SimNode) -> None:
        """What must not be left of a node that stopped in order."""
        self._witnessed(node)
        left = node.leftovers()
        if left:
            self.problems.append(("leak", f"{node.name} left {left}", (node.name,)))

    def _witnessed(self, node: SimNode) -> None:
        for rule, says, conv in node.disk.witness.wrongs[:3]:
            self.problems.append((rule, says, (conv,)))

    async def close(self) -> None:
        """Everybody goes, every node stops."""
        for client in self.clients:
            client.rest()
        for name in self.seats:
            await self.stop_node(name)
        await self.tasks.stop()


def _letters(prefix: str, name: str) -> str:
    digest = blake2b(name.encode(), digest_size=13).digest()
    return prefix + letters(digest)[:20]


__all__ = ["INTENSITY", "LoopTime", "Seat", "World"]
