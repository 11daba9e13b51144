"""A whole node in this process: the real tree, store and sockets, with its actors in reach."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.settings import Settings
from hubbub.supervision.data_dir import DataDir
from hubbub.supervision.root import running
from hubbub.supervision.tree import Node


class Home:
    """The node, and ways to hurt it.

    Attributes:
        base: Its address.
    """

    def __init__(self, node: Node, system: ActorSystem) -> None:
        self.node = node
        self.system = system
        self.base = node.listener.url

    def session(self, device: str) -> str:
        """The name of the session of a device that is connected."""
        (session,) = self.sessions(device)
        return session

    def sessions(self, device: str) -> list[str]:
        """The names of a device's sessions, in the order they came."""
        connections = self.node.chat.directory.all()
        return [c.session for c in connections if c.device == device]

    def crash(self, name: str) -> None:
        """Tell an actor what it cannot understand: it raises."""
        alive = self.system.lookup(name)
        assert alive is not None, f"{name} is not alive"
        self.system.tell(name, Poison())

    async def turns(self, count: int) -> None:
        """Let the loop go round so often."""
        for _ in range(count):
            await asyncio.sleep(0)


class Poison:
    """No actor knows what to do with it."""


@asynccontextmanager
async def home(data: Path, **settings: Any) -> AsyncGenerator[Home]:
    """A node in this process for the length of a block."""
    chosen = Settings(data=data, port=0, no_limits=True, **settings)
    with DataDir(chosen.data) as folder:
        async with ActorSystem() as system:
            node = Node(chosen, system, folder)
            try:
                async with running(system, node.specs()):
                    yield Home(node, system)
            finally:
                node.close()


__all__ = ["Home", "Poison", "home"]
