"""What more there is to hurt where nodes are several: their Redis, their ring, and the wires there.

n1, n2, n3 ──> Redis          devices find nodes by discovery
    └──> a ring of one, or of three
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from redis.asyncio import Redis
from tests.support.earlier import migrate_as, unpack_earlier
from tests.support.node import ROOT
from tests.support.redis_server import RedisServer, running_redis
from tests.support.ring import Ring, ring_for_tests
from tests.support.several import flags_of_one

from hubbub.storage.cassandra.options import CassandraOptions
from hubbub.storage.cassandra.schema import migrate
from hubbub.testkit.proxy_process import ProxyProcess
from hubbub.testkit.simulation.chance import SeededChance

from .discovery import Discovery
from .ground import Ground, Size
from .load import Load
from .nodes import HurtNode

#: What the cluster is called: nodes of this name are one chat.
CLUSTER = "faults"
#: A ring that runs already, by how many nodes it has, as `PORT:FOLDER`.
RINGS = {1: "CASSANDRA_FOR_TESTS", 3: "CASSANDRA_RING_FOR_TESTS"}


@dataclass(frozen=True, slots=True)
class Several(Ground):
    """Three nodes that are one chat.

    Attributes:
        redis, ring: What they lean on.
        added: One more, n4, which is not there yet.
        wires: {"redis", "ring"}: those of n1 alone, where they can be cut.
        tables: How the ring is reached, with their own keyspace.
    """

    redis: RedisServer
    ring: Ring
    added: HurtNode
    wires: Mapping[str, ProxyProcess]
    tables: CassandraOptions

    async def flush(self) -> None:
        """Empty Redis."""
        async with Redis(port=self.redis.port) as link:
            await link.flushall()  # pyright: ignore[reportUnknownMemberType]

    def complaints(self) -> list[str]:
        """See `Ground`."""
        nodes = (*self.nodes, self.added)
        return [line for node in nodes if node.log.exists() for line in node.complaints()]


@asynccontextmanager
async def several(folder: Path, size: Size, seed: int) -> AsyncGenerator[Several]:
    """Three nodes on a ring of one."""
    async with AsyncExitStack() as stack:
        yield await _Maker(stack, folder, size, seed, copies=1).make()


@asynccontextmanager
async def on_a_ring(folder: Path, size: Size, seed: int) -> AsyncGenerator[Several]:
    """Three nodes on a ring of three."""
    async with AsyncExitStack() as stack:
        yield await _Maker(stack, folder, size, seed, copies=3).make()


@asynccontextmanager
async def wired(folder: Path, size: Size, seed: int) -> AsyncGenerator[Several]:
    """Three nodes on a ring of one; what n1 leans on it reaches by wires that can be cut."""
    async with AsyncExitStack() as stack:
        maker = _Maker(stack, folder, size, seed, copies=1)
        yield await maker.make(await maker.wires())


@asynccontextmanager
async def of_before(folder: Path, size: Size, seed: int) -> AsyncGenerator[Several]:
    """Three nodes on a ring of one, which are the program before this one, and can be this one."""
    earlier = unpack_earlier(folder / "earlier")
    async with AsyncExitStack() as stack:
        yield await _Maker(stack, folder, size, seed, copies=1, programs=(earlier, ROOT)).make()


@asynccontextmanager
async def _running(nodes: Sequence[HurtNode], added: HurtNode) -> AsyncGenerator[None]:
    """They have to stop in order, unless the block failed."""
    try:
        await asyncio.gather(*(node.start() for node in nodes))
        yield
        await asyncio.gather(*(node.stop() for node in nodes))
    finally:
        await asyncio.gather(*(node.kill() for node in (*nodes, added)))


@contextmanager
def _ring(copies: int) -> Generator[Ring]:
    yield from ring_for_tests(copies, RINGS[copies])


class _Maker:
    """Makes a ground of parts, which are gone again at the end of the stack."""

    def __init__(
        self,
        stack: AsyncExitStack,
        folder: Path,
        size: Size,
        seed: int,
        copies: int,
        programs: Sequence[Path] = (ROOT,),
    ) -> None:
        self._stack = stack
        self._folder = folder
        self._size = size
        self._seed = seed
        self._programs = programs
        self._redis = stack.enter_context(running_redis())
        self._ring = stack.enter_context(_ring(copies))
        # Its own, where others use the ring too.
        keyspace = f"faults{os.getpid()}x{seed}x{abs(hash(folder)):x}"
        self._options = self._ring.in_keyspace(keyspace)

    async def wires(self) -> dict[str, ProxyProcess]:
        """To both, in processes of their own."""
        ring = self._options
        redis_wire = ProxyProcess("127.0.0.1", self._redis.port)
        ring_wire = ProxyProcess(ring.contact_points[0], ring.port)
        for wire in (redis_wire, ring_wire):
            await self._stack.enter_async_context(wire)
        return {"redis": redis_wire, "ring": ring_wire}

    async def make(self, wires: Mapping[str, ProxyProcess] | None = None) -> Several:
        """All of it, with people who may talk."""
        size, stack, url, ring = self._size, self._stack, self._redis.url, self._options
        await self._migrate()
        n1, *others, added = [self._node(name, url, ring) for name in ("n1", "n2", "n3", "n4")]
        if wires:
            far = replace(ring, contact_points=(f"127.0.0.1:{wires['ring'].port}",))
            n1 = self._node("n1", f"redis://127.0.0.1:{wires['redis'].port}/0", far)
        nodes = (n1, *others)
        await stack.enter_async_context(_running(nodes, added))
        load = Load(
            Discovery(*(node.base for node in nodes)),
            devices=size.devices,
            per_s=size.per_s,
            jitter_s=size.jitter_s,
            seed=self._seed,
        )
        await stack.enter_async_context(load)
        chance = SeededChance(self._seed, "faults")
        return Several(size, nodes, load, chance, self._redis, self._ring, added, wires or {}, ring)

    async def _migrate(self) -> None:
        if self._programs[0] == ROOT:
            await asyncio.to_thread(migrate, self._options)
        else:
            await migrate_as(self._programs[0], self._options)

    def _node(self, name: str, redis_url: str, ring: CassandraOptions) -> HurtNode:
        size = self._size
        lease = ("--lease-s", str(size.lease_s), "--renew-s", str(size.renew_s))
        flags = flags_of_one(name, ring, redis_url, CLUSTER)
        return HurtNode(
            self._folder / name, *flags, *lease, block_s=size.hold_s, programs=self._programs
        )


__all__ = ["CLUSTER", "RINGS", "Several", "of_before", "on_a_ring", "several", "wired"]
