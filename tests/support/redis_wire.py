"""Nodes on a real Redis: what a bus's and a cluster's contracts ask of it.

async with redis_wire(server) as wire:
    bus = wire.bus("n1")
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from itertools import count
from typing import Any

import msgpack  # type: ignore[import-untyped]  # it has no types
from redis.asyncio import Redis
from redis.exceptions import ConnectionError
from tests.support.nobody import Nobody
from tests.support.redis_server import RedisServer

from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.clock import LoopClock, SystemChance
from hubbub.config.metrics import Metrics
from hubbub.storage.memory import MemoryStore
from hubbub.testkit.contracts.cluster import PATIENCE_S
from hubbub.transport.cluster.node_cluster import NodeCluster
from hubbub.transport.cluster.redis_bus import RedisBus, RedisOptions
from hubbub.transport.cluster.redis_keys import RedisKeys
from hubbub.transport.cluster.views import NO_VIEW, View, ViewId

_names = count(1)

# The library has no types.
_packb: Callable[..., bytes] = msgpack.packb  # pyright: ignore
_unpackb: Callable[..., Any] = msgpack.unpackb  # pyright: ignore


class RedisWire:
    """A cluster of its own on a server that others use, too.

    Attributes:
        options: How its nodes reach it.
        store: Has its generations.
        metrics, systems: {node: its}
        link: For looking at what is there.
    """

    def __init__(self, server: RedisServer, stack: AsyncExitStack, options: RedisOptions) -> None:
        self.server = server
        self.options = options
        self.keys = RedisKeys(options.cluster)
        self.store = MemoryStore()
        self.metrics: dict[str, Metrics] = {}
        self.link = Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
            f"redis://127.0.0.1:{server.port}"
        )
        self._stack = stack
        self.systems: dict[str, ActorSystem] = {}
        self._buses: list[RedisBus] = []

    async def open(self) -> None:
        """Let it be used."""
        await self.store.open()
        self._system = await self.system()

    async def close(self) -> None:
        """Leave nothing behind."""
        for bus in self._buses:
            await bus.close("")
        await self._stack.aclose()
        await self.link.aclose()
        await self.store.close()

    async def system(self) -> ActorSystem:
        """A node's, on real time."""
        system = ActorSystem(clock=LoopClock(), chance=SystemChance())
        return await self._stack.enter_async_context(system)

    def bus(self, node: str) -> RedisBus:
        """See `Wire`."""
        self.metrics[node] = Metrics()
        bus = RedisBus(self.options, self._system, self.store, node, self.metrics[node])
        self._buses.append(bus)
        return bus

    async def node(self, name: str, incarnation: str = "") -> NodeCluster:
        """A node that has started; it stops when this is closed."""
        system = self.systems[name] = await self.system()
        metrics = self.metrics[name] = Metrics()
        bus = RedisBus(self.options, system, self.store, name, metrics)
        lives = incarnation or f"{name}-{next(_names)}"
        node = NodeCluster(bus, system, self.store, Nobody(), name, lives, metrics)
        await node.start()
        self._stack.push_async_callback(node.stop)
        return node

    async def agree(self, *nodes: NodeCluster, above: ViewId = NO_VIEW) -> View:
        """Wait until these are in one view of theirs, higher than another. Returns: that view."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                views = {node.view.id: node.view for node in nodes if node.view is not None}
                known = [node for node in nodes if node.view is not None]
                if len(views) == 1 and len(known) == len(nodes):
                    (view,) = views.values()
                    if view.id > above and len(view.members) == len(nodes):
                        return view
                await self.step()

    async def step(self) -> None:
        """Let the loop look at its sockets, without a sleep."""
        with suppress(ConnectionError):
            await self.link.ping()  # pyright: ignore[reportUnknownMemberType]
        await asyncio.sleep(0)
        me = asyncio.current_task()
        if me is not None and me.cancelling():
            raise asyncio.CancelledError  # which the library has swallowed

    async def pass_time(self, seconds: float) -> None:
        """See `Wire`: everything that has an end ends so much earlier."""
        state = await self.state()
        ms = round(seconds * 1000)
        state[b"open"] -= ms
        for kind in (b"members", b"strangers"):
            each: Any
            for each in dict[bytes, Any](state[kind]).values():
                each[b"ends"] -= ms
        await self.set_state(state)

    async def state(self) -> Any:
        """What members.lua keeps."""
        return _unpackb(await self.link.get(self.keys.state), raw=True)

    async def set_state(self, state: Any) -> None:
        """Keep something else there."""
        await self.link.set(self.keys.state, _packb(state, use_bin_type=False))

    async def names(self) -> set[str]:
        """The keys that are there."""
        keys: Any = await self.link.keys()  # pyright: ignore[reportUnknownMemberType]
        return {key.decode() for key in keys}

    async def forget(self) -> None:
        """See `Wire`."""
        await self.link.flushall()  # pyright: ignore[reportUnknownMemberType]

    def dropped(self, node: str, reason: str) -> float:
        """How many envelopes a node has dropped for this reason."""
        return self.metrics[node].dropped.labels(reason)._value.get()  # type: ignore[no-any-return] # pyright: ignore


@asynccontextmanager
async def redis_wire(
    server: RedisServer, *more: RedisServer, **options: float
) -> AsyncGenerator[RedisWire]:
    """A cluster of its own on servers; leases are long, unless `options` say so."""
    urls = (server.url, *(each.url for each in more))
    chosen = RedisOptions(urls, f"c{next(_names)}", **options)  # type: ignore[arg-type]
    async with AsyncExitStack() as stack:
        wire = RedisWire(server, stack, chosen)
        await wire.open()
        try:
            yield wire
        finally:
            await wire.close()


__all__ = ["RedisWire", "redis_wire"]
