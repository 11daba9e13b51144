"""Several nodes in one process, on one store and one bus: each a whole chat without sockets.

async with Nodes(bus, make_store, 3, clock=clock, chance=chance) as nodes:
    nodes["n1"].chat.attach(...)
    await nodes.kill("n2")
    await nodes.start("n2")
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.clock import Chance, Clock
from hubbub.config.limits import Limits
from hubbub.storage.contract import Store
from hubbub.supervision.chat import Chat
from hubbub.supervision.root import running
from hubbub.transport.cluster.memory_bus import MemoryBus
from hubbub.transport.cluster.node_cluster import NodeCluster


@dataclass(eq=False)
class ChatNode:
    """One of them, for one life.

    Attributes:
        system: Its own.
    """

    name: str
    system: ActorSystem
    chat: Chat
    _life: AbstractAsyncContextManager[None]

    @property
    def cluster(self) -> NodeCluster:
        """Its part of the cluster."""
        assert isinstance(self.chat.cluster, NodeCluster)
        return self.chat.cluster


class Nodes:
    """See the module."""

    def __init__(
        self,
        bus: MemoryBus,
        make_store: Callable[[str], Store],
        count: int = 3,
        *,
        clock: Clock | None = None,
        chance: Chance | None = None,
        limits: Limits | None = None,
        shuffle: Callable[[list[Any]], None] | None = None,
    ) -> None:
        """Nothing starts yet.

        Args:
            make_store: A node's store, each time it starts; all of them over the same data.
            count: Nodes that start with the block: n1, n2, ..
            clock, chance, shuffle: See `ActorSystem`; the same for all nodes.
        """
        self.bus = bus
        self._make_store = make_store
        self._names = [f"n{n}" for n in range(1, count + 1)]
        self._clock = clock
        self._chance = chance
        self._limits = limits
        self._shuffle = shuffle
        #: {name: node}: those that run.
        self._nodes: dict[str, ChatNode] = {}

    def __getitem__(self, name: str) -> ChatNode:
        return self._nodes[name]

    def __iter__(self) -> Iterator[ChatNode]:
        return iter(list(self._nodes.values()))

    async def __aenter__(self) -> Self:
        for name in self._names:
            await self.start(name)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for name in list(self._nodes):
            await self.stop(name)

    async def start(self, name: str) -> ChatNode:
        """Start a node that does not run; it is in the next view a moment later."""
        system = ActorSystem(clock=self._clock, chance=self._chance, shuffle=self._shuffle)
        chat = Chat(
            system,
            lambda: self._make_store(name),
            limits=self._limits,
            node=name,
            cluster=self.bus.cluster,
        )
        node = ChatNode(name, system, chat, _running(system, chat))
        await node._life.__aenter__()  # pyright: ignore[reportPrivateUsage]
        self._nodes[name] = node
        return node

    async def stop(self, name: str) -> None:
        """Stop a node in order: what it owns is released."""
        await self._nodes.pop(name)._life.__aexit__(None, None, None)  # pyright: ignore[reportPrivateUsage]

    async def kill(self, name: str) -> None:
        """End a node as if its process were killed: nobody is told, nothing is written."""
        node = self._nodes.pop(name)
        self.bus.detach(node.cluster.membership)
        await node.system.stop(timeout_s=None)


@asynccontextmanager
async def _running(system: ActorSystem, chat: Chat) -> AsyncGenerator[None]:
    async with system, running(system, chat.specs()):
        yield


__all__ = ["ChatNode", "Nodes"]
