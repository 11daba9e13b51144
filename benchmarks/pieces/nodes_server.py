"""Nodes that share a memory store, which only one process can: all of them in this one.

    python -m benchmarks.pieces.nodes_server NODES PEOPLE REDIS      until its input ends

It fills the store with PEOPLE who are one group, starts nodes n1, n2, .. on free ports, each with
its own actors, edge and bus, and prints one line of JSON: their ports, and what was seeded. One
node is alone and needs no Redis.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import uvloop

from hubbub.actors.runtime.system import ActorSystem
from hubbub.config import logs
from hubbub.config.clock import LoopClock, SystemChance
from hubbub.config.settings import Settings
from hubbub.storage.contract import Store
from hubbub.storage.memory import MemoryStore
from hubbub.supervision.cli.node import tune
from hubbub.supervision.data_dir import DataDir
from hubbub.supervision.root import running
from hubbub.supervision.tree import Node

from .seed import Seeded, fill


class Served(msgspec.Struct):
    """The line that is printed.

    Attributes:
        ports: Of n1, n2, ..
    """

    ports: list[int]
    seeded: Seeded


class _SharedStore(MemoryStore):
    """That one of its nodes closes it means nothing to the others."""

    async def close(self) -> None:
        pass


class _Node(Node):
    """A node, but for its store."""

    def __init__(
        self, settings: Settings, system: ActorSystem, data: DataDir, store: Store
    ) -> None:
        self._shared = store
        super().__init__(settings, system, data)

    def _make_store(self) -> Store:
        return self._shared


async def main(count: int, people: int, redis: str) -> None:
    """Serve until the input ends."""
    logs.set_up("warning", "text")
    store = _SharedStore()
    await store.open()
    seeded = await fill(store, people, [range(people)])
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hubbub-bench-")))
        nodes: dict[str, Node] = {}
        for name in (f"n{n}" for n in range(1, count + 1)):
            settings = Settings(
                node=name,
                port=0,
                data=folder / name,
                store="cassandra",  # as far as the settings go
                redis=(redis,) if count > 1 else (),
                no_limits=True,
            )
            data = stack.enter_context(DataDir(settings.data))
            system = ActorSystem(clock=LoopClock(), chance=SystemChance())
            await stack.enter_async_context(system)
            node = nodes[name] = _Node(settings, system, data, store)
            stack.callback(node.close)
            await stack.enter_async_context(running(system, node.specs()))
        while any(_members(node) < count for node in nodes.values()):  # noqa: ASYNC110 - once
            await asyncio.sleep(0.01)
        # Who attaches before that is told once more later how far its conversations are.
        await asyncio.sleep(max(node.chat.cluster.settles_s for node in nodes.values()))
        urls = [node.listener.url for node in nodes.values()]
        served = Served([int(url.rpartition(":")[2]) for url in urls], seeded)
        print(msgspec.json.encode(served).decode(), flush=True)
        await asyncio.to_thread(sys.stdin.read)


def _members(node: Node) -> int:
    view = node.chat.cluster.view
    return len(view.members) if view is not None else 0


if __name__ == "__main__":
    tune()
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
