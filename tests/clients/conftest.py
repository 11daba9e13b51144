"""A node for third-party clients."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest_asyncio
from tests.support.node import Node, running
from tests.support.town import Town


@pytest_asyncio.fixture
async def node(tmp_path: Path) -> AsyncGenerator[Node]:
    """A node in a process of its own, with its usual limits."""
    async with running(tmp_path / "data") as node:
        yield node


@pytest_asyncio.fixture
async def town(node: Node) -> AsyncGenerator[Town]:
    """People on that node."""
    async with Town(node.base) as town:
        yield town
