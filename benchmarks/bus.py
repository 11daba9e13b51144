"""Envelopes from one node to another over Redis, beside the same bytes in bare entries."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from redis.asyncio import Redis

from hubbub.actors.commands import HeadTold
from hubbub.actors.ports import Leaver
from hubbub.actors.runtime.actor import LoopActor
from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.clock import LoopClock, SystemChance
from hubbub.config.ids import ConvId, shard_of
from hubbub.config.metrics import Metrics
from hubbub.storage.memory import MemoryStore
from hubbub.transport.cluster.batches import pack_batch
from hubbub.transport.cluster.bus import Batch
from hubbub.transport.cluster.envelopes import Envelope, encode
from hubbub.transport.cluster.node_cluster import NodeCluster
from hubbub.transport.cluster.redis_bus import RedisBus, RedisOptions

from .pieces import meter
from .pieces.redis import RedisProcess, redis
from .pieces.result import Figure, LostError, Options, Result

#: Envelopes of a tick, which go in one batch, and batches that are under way.
TICK = 64
AHEAD = 64

PATIENCE_S = 60.0


class Nobody:
    """Residents who need not be moved."""

    def evict(self, stays: Callable[[int], bool]) -> Iterable[Leaver]:
        """Nobody."""
        return ()

    def moved(self, shards: frozenset[int], gone: frozenset[str]) -> None:
        """Nobody cares."""

    def reread(self, again_s: float) -> None:
        """Nobody reads."""

    def lost(self, node: str, shards: frozenset[int]) -> None:
        """It is found out by the count."""

    def missing(self, shards: frozenset[int]) -> None:
        """It is found out by the count."""


class Listener(LoopActor):
    """Counts, and checks the order."""

    def __init__(self, heard: Heard) -> None:
        super().__init__()
        self._heard = heard

    def on_receive(self, message: Any) -> None:
        """One more."""
        if message.head != self._heard.count:
            raise LostError(f"{message.head} came after {self._heard.count - 1}")
        self._heard.one_more()


@dataclass
class Heard:
    """How many came, and who waits for how many."""

    count: int = 0
    more: asyncio.Event = field(default_factory=asyncio.Event)

    def one_more(self) -> None:
        """It arrived."""
        self.count += 1
        self.more.set()

    async def reaches(self, count: int) -> None:
        """Wait until so many came."""
        async with asyncio.timeout(PATIENCE_S):
            while self.count < count:
                self.more.clear()
                await self.more.wait()


async def run(options: Options) -> Result:
    """See the module."""
    rounds, batches = (1, 200) if options.quick else (5, 2_000)
    envelopes = batches * TICK
    async with redis() as server, _nodes(server) as (sender, name, heard):
        nodes_us: list[float] = []
        server_us: list[float] = []
        nodes_s: list[float] = []
        bare_us: list[float] = []
        bare_server_us: list[float] = []
        bare_s: list[float] = []
        for _ in range(rounds):
            took = await _measured(server, lambda: _send(sender, name, heard, batches))
            for figures, value in zip((nodes_us, server_us, nodes_s), took, strict=True):
                figures.append(value / envelopes)
            took = await _measured(server, lambda: _bare(server, name, batches))
            for figures, value in zip((bare_us, bare_server_us, bare_s), took, strict=True):
                figures.append(value / envelopes)
        ways_ms = await _ways(sender, name, heard, 100 if options.quick else 2_000)
        floor_ms = await _bare_ways(server, 100 if options.quick else 2_000)
    return Result(
        "bus",
        f"two nodes in one process, {TICK} envelopes a tick, over Redis; the floor is redis-py",
        [
            Figure("envelopes", 1 / median(nodes_s), "/s"),
            Figure("CPU of both nodes an envelope", median(nodes_us) * 1e6, "us"),
            Figure("CPU of Redis an envelope", median(server_us) * 1e6, "us"),
            Figure("floor: envelopes in bare entries", 1 / median(bare_s), "/s"),
            Figure("floor: CPU of both ends an envelope", median(bare_us) * 1e6, "us"),
            Figure("floor: CPU of Redis an envelope", median(bare_server_us) * 1e6, "us"),
            Figure("one envelope, one way, p50", meter.percentile(ways_ms, 0.5), "ms"),
            Figure("one envelope, one way, p99", meter.percentile(ways_ms, 0.99), "ms"),
            Figure("floor: one entry, one way, p50", meter.percentile(floor_ms, 0.5), "ms"),
            Figure("floor: one entry, one way, p99", meter.percentile(floor_ms, 0.99), "ms"),
        ],
        [],
    )


async def _measured(
    server: RedisProcess, work: Callable[[], Awaitable[None]]
) -> tuple[float, float, float]:
    """(own CPU, the server's, wall time), in seconds."""
    own, its, begin = time.process_time(), meter.cpu_s(server.pid), time.perf_counter()
    await work()
    elapsed = time.perf_counter() - begin
    return time.process_time() - own, meter.cpu_s(server.pid) - its, elapsed


async def _send(sender: NodeCluster, name: str, heard: Heard, batches: int) -> None:
    first = heard.count
    for batch in range(batches):
        for head in range(first + batch * TICK, first + (batch + 1) * TICK):
            if not sender.tell(name, HeadTold(ConvId("g_bench"), head)):
                raise LostError("there was no room")
        await heard.reaches(first + (batch - AHEAD) * TICK)
        await asyncio.sleep(0)
    await heard.reaches(first + batches * TICK)


async def _ways(sender: NodeCluster, name: str, heard: Heard, count: int) -> list[float]:
    ways_ms: list[float] = []
    for _ in range(count):
        begin, head = time.perf_counter(), heard.count
        sender.tell(name, HeadTold(ConvId("g_bench"), head))
        await heard.reaches(head + 1)
        ways_ms.append((time.perf_counter() - begin) * 1e3)
    return ways_ms


async def _bare(server: RedisProcess, name: str, batches: int) -> None:
    envelope = encode(Envelope("tell", name, HeadTold(ConvId("g_bench"), 1)), "n1-life", 1)
    data = pack_batch(Batch("n1-life", 1, (envelope,) * TICK))

    async def write(link: Redis) -> None:
        for _ in range(batches // AHEAD):
            pipe = link.pipeline(transaction=False)
            for _ in range(AHEAD):
                pipe.xadd("bare", {"b": data})
            await pipe.execute()

    async def read(link: Redis) -> None:
        after, left = b"0-0", batches // AHEAD * AHEAD
        while left:
            found: Any = await link.xread({"bare": after}, count=AHEAD, block=2000)
            entries = found[b"bare"]
            after, left = entries[-1][0], left - len(entries)

    async with _links(server) as (writer, reader):
        await asyncio.gather(write(writer), read(reader))
        await writer.delete("bare")


async def _bare_ways(server: RedisProcess, count: int) -> list[float]:
    ways_ms: list[float] = []
    async with _links(server) as (writer, reader):
        after = b"$"
        for _ in range(count):
            reading = asyncio.gather(reader.xread({"bare": after}, block=2000))
            await asyncio.sleep(0.0005)
            begin = time.perf_counter()
            await writer.xadd("bare", {"b": "x"})
            await reading
            ways_ms.append((time.perf_counter() - begin) * 1e3)
        await writer.delete("bare")
    return ways_ms


@asynccontextmanager
async def _links(server: RedisProcess) -> AsyncGenerator[tuple[Redis, Redis]]:
    links = [
        Redis.from_url(server.url, protocol=3, legacy_responses=False)  # pyright: ignore[reportUnknownMemberType]
        for _ in range(2)
    ]
    try:
        yield links[0], links[1]
    finally:
        for link in links:
            await link.aclose()


@asynccontextmanager
async def _nodes(server: RedisProcess) -> AsyncGenerator[tuple[NodeCluster, str, Heard]]:
    """Two nodes in one view: the first, a name at the second, and what is heard there."""
    store, options = MemoryStore(), RedisOptions((server.url,), f"bench-{os.getpid()}")
    await store.open()
    async with AsyncExitStack() as stack:
        nodes: list[tuple[ActorSystem, NodeCluster]] = []
        for node in ("n1", "n2"):
            system = await stack.enter_async_context(
                ActorSystem(clock=LoopClock(), chance=SystemChance())
            )
            metrics = Metrics()
            bus = RedisBus(options, system, store, node, metrics)
            cluster = NodeCluster(bus, system, store, Nobody(), node, f"{node}-life", metrics)
            await cluster.start()
            stack.push_async_callback(cluster.stop)
            nodes.append((system, cluster))
        async with asyncio.timeout(PATIENCE_S):
            while any(c.view is None or len(c.view.members) < 2 for _, c in nodes):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        heard, (system, there) = Heard(), nodes[1]
        convs = (ConvId(f"g_{n}") for n in range(1000))
        name = next(f"conv:{conv}" for conv in convs if there.here(shard_of(conv)))
        system.spawn(Listener, heard, name=name, mailbox_limit=2 * AHEAD * TICK)
        yield nodes[0][1], name, heard
    await store.close()


__all__ = ["Heard", "Listener", "Nobody", "run"]
