"""Several nodes in one process, and the people on them: a whole chat, on virtual time.

cluster = await kit.cluster(3)
ann = await cluster.client("ann")
cluster.partition("n1", "n2")
await cluster.kill("n3")
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from hashlib import blake2b
from typing import Any, Protocol

from ..actors.runtime.ref import LoopActorRef
from ..config.clock import Clock
from ..config.ids import DeviceId, UserId, letters, self_log, shard_of
from ..config.limits import Limits
from ..config.units import SECONDS
from ..storage.memory import MemoryStore
from ..storage.records import Account, Device
from ..supervision.intensity import Intensity
from ..transport.cluster.memory_bus import MemoryBus
from .auto_clock import AutoClock
from .chat_node import ChatNode
from .client import Client
from .clock import EPOCH_MS
from .clock_loop import ClockLoop, WorldClock
from .faults import Fault
from .simulation.chance import SeededChance
from .simulation.client import Client as ProtocolClient
from .simulation.gate import NodeClock
from .simulation.reading import Deletions
from .simulation.wire import Link
from .story import Story
from .watched_system import Strike, WatchedSystem

#: Bytes that a client's connection holds before the server feels that it does not read.
BUFFER_BYTES = 64 * 1024

#: One way between a client and its node, at most.
LATENCY_S = 0.001


class Stage(Protocol):
    """What a cluster needs of its test: a kit."""

    @property
    def seed(self) -> int: ...
    @property
    def clock(self) -> AutoClock: ...
    @property
    def story(self) -> Story: ...
    def new_system(self, label: str, clock: Clock) -> WatchedSystem: ...
    def crash(self, name: str, at: int = 1, *, after: bool = False, times: int = 1) -> Strike: ...


class Cluster:
    """See the module; `kit.cluster` makes it.

    Attributes:
        nodes: {name: node}: those that run; n1, n2, ..
        data: What the nodes have stored, whoever lives.
        bus: What they tell each other by; None for a cluster of one.
        clients: All of them, in the order they came.
    """

    def __init__(
        self,
        stage: Stage,
        *,
        limits: Limits | None,
        intensity: Intensity | None,
        max_connections: int = 10_000,
    ) -> None:
        self.nodes: dict[str, ChatNode] = {}
        self.data = MemoryStore()
        self.bus: MemoryBus | None = None
        self.clients: list[Client] = []
        self._stage = stage
        self._limits = limits or Limits(rate_per_s=0)
        self._intensity = intensity
        self._max_connections = max_connections
        self._clock: AutoClock = stage.clock
        #: What is under way when the test ends is nobody's leak.
        self._world = WorldClock(stage.clock)
        self._outside = ClockLoop(self._world).as_loop()
        self._deletions = Deletions()
        self._devices = 0
        self._faults: list[Fault] = []
        self._lives = 0

    async def open(self, count: int) -> None:
        """Start this many nodes.

        Raises:
            ValueError: None at all.
        """
        if count < 1:
            raise ValueError("a cluster has at least one node")
        await self.data.open()
        if count > 1:
            self.bus = MemoryBus(self._world)
        for n in range(1, count + 1):
            await self.start(f"n{n}")

    # --- nodes ----------------------------------------------------------------------------------

    async def start(self, name: str) -> ChatNode:
        """Start a node that does not run."""
        self._lives += 1
        node = ChatNode(
            name,
            self._clock,
            self._outside,
            self.data,
            lambda clock: self._system(name, clock),
            SeededChance(self._stage.seed, f"disk of {name} {self._lives}"),
            limits=self._limits,
            intensity=self._intensity,
            bus=self.bus,
            max_connections=self._max_connections,
        )
        self.nodes[name] = node
        await node.start()
        return node

    async def stop(self, name: str) -> None:
        """Stop a node in order: what it owns is handed over."""
        await self.nodes.pop(name).stop()

    async def drain(self, name: str, over_s: float = 5 * SECONDS) -> None:
        """Let a node take leave of everybody, spread over these seconds, and stop it."""
        self._stage.story.note("fault", name, "drains")
        await self.nodes[name].drain(over_s)
        await self.stop(name)

    async def kill(self, name: str) -> None:
        """End a node as if its process were killed; the kernel closes its connections."""
        node = self.nodes.pop(name)
        self._stage.story.note("fault", name, "is killed")
        for client in self.clients:
            if isinstance(client.link, Link) and client.link.gate is node.gate:
                client.link.down_end()
        await node.kill()

    def home(self, user: Client) -> str:
        """The node where this user's actor lives, by the newest view."""
        return self._order(user.user)[0]

    def home_of(self, name: str) -> str:
        """The node where a person of this name has a home, though nobody may have come yet."""
        return self._order("u_" + _letters(name))[0]

    def owner(self, conv: str) -> str:
        """The node that owns this conversation, by the newest view."""
        return self._order(conv)[0]

    def lookup(self, name: str) -> LoopActorRef[Any] | None:
        """The living actor of this name, on whatever node."""
        found = (node.system.lookup(name) for node in self.nodes.values())
        return next((ref for ref in found if ref is not None), None)

    def crash(self, name: str, at: int = 1, *, after: bool = False, times: int = 1) -> Strike:
        """Let an actor crash at one of its messages from now on; see `Strike`."""
        return self._stage.crash(name, at, after=after, times=times)

    async def inject(self, fault: Fault) -> Fault:
        """Let something go wrong from now on, until `fault.heal()` or `heal()`."""
        self._faults.append(fault)
        self._stage.story.note("fault", "cluster", str(fault))
        await fault.begin(self)
        return fault

    @asynccontextmanager
    async def during(self, *faults: Fault) -> AsyncGenerator[None]:
        """Let these go wrong for the length of a block."""
        for fault in faults:
            await self.inject(fault)
        yield
        for fault in reversed(faults):
            await fault.heal()

    async def heal(self) -> None:
        """Nothing goes wrong any more: dead nodes are started, what is cut is mended."""
        while self._faults:
            await self._faults.pop().heal()

    # --- people ---------------------------------------------------------------------------------

    async def client(self, name: str, *, node: str | None = None) -> Client:
        """A device that is connected and has its list; somebody new, if nobody has this name.

        Args:
            name: The person's. A second client of the same name is another device.
            node: Where it connects first, and always when it runs; None is the user's home.
        """
        user = UserId("u_" + _letters(name))
        if await self.data.account(user) is None:
            await self.data.create_account(Account(user, name, name.casefold(), EPOCH_MS, "x"), [])
        self._devices += 1
        label = f"{name}-{self._devices}"
        device = DeviceId("v_" + _letters(label))
        row = Device(device, user, label, EPOCH_MS, EPOCH_MS)
        await self.data.add_device(row, self._limits.devices)
        net = _Way(self, node)
        mine = [c for c in self.clients if c.user == user]
        client = Client(
            name if not mine else label,
            user,
            device,
            self._outside,
            net,
            SeededChance(self._stage.seed, f"client {label}"),
            clock=self._clock,
            story=self._stage.story,
            deletions=self._deletions,
        )
        self.clients.append(client)
        client.start()
        await client.connected()
        return client

    async def friends(self, *names: str) -> list[Client]:
        """Clients of these people, who are each other's contacts."""
        found = [await self.client(name) for name in names]
        for n, one in enumerate(found):
            for other in found[n + 1 :]:
                await one.befriend(other)
        return found

    def link(self, client: ProtocolClient, wanted: str | None, failures: int) -> Link | None:
        """A connection for a client to the node it should use now."""
        order = self._order(client.user)
        name = wanted if wanted in self.nodes else order[(failures // 2) % len(order)]
        node = self.nodes.get(name)
        if node is None or not node.up:
            return None
        return Link(
            self._outside,
            node.gate,
            client.chance,
            client,
            node.protocol(),
            buffer_bytes=BUFFER_BYTES,
            latency_s=LATENCY_S,
        )

    # --- the end --------------------------------------------------------------------------------

    async def close(self) -> None:
        """Everybody goes, every node stops; then the clients' faults fail the test.

        Raises:
            AssertionError: The server did to a client what it must not.
        """
        for fault in self._faults:
            # A dead node stays dead: there is nothing to start it for.
            if not fault.kills:
                await fault.heal()
        for client in self.clients:
            client.rest()
        for name in list(self.nodes):
            await self.stop(name)
        await self.data.close()
        self._world.end()
        wrong = [f"{client.name}: {fault}" for client in self.clients for fault in client.faults]
        assert not wrong, "clients saw what they must not:\n" + "\n".join(wrong)

    # --- inside ---------------------------------------------------------------------------------

    def _system(self, name: str, clock: NodeClock) -> WatchedSystem:
        return self._stage.new_system(name if self.bus is not None else "", clock)

    def _order(self, name: str) -> list[str]:
        view = None if self.bus is None else self.bus.view
        if view is None or not view.members:
            return list(self.nodes) or ["n1"]
        shard = shard_of(self_log(UserId(name)) if name.startswith("u_") else name)
        return list(view.placement().order(shard))


class _Way:
    """How one client reaches a node."""

    def __init__(self, cluster: Cluster, wanted: str | None) -> None:
        self._cluster = cluster
        self._wanted = wanted

    def connect(self, client: ProtocolClient) -> Link | None:
        """See `simulation.client.Net`."""
        return self._cluster.link(client, self._wanted, client.failures)


def _letters(name: str) -> str:
    return letters(blake2b(name.encode(), digest_size=13).digest())[:20]


__all__ = ["BUFFER_BYTES", "LATENCY_S", "Cluster"]
