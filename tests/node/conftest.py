"""One node for the tests of a file, and people on it for each test."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from tests.support.node import Node, running
from tests.support.town import Pair, Town
from tests.support.ws_client import PASSWORD

#: How every token begins: a JWT's header in base64.
TOKEN = "eyJ"

#: Short times, so that a test need not wait for what people would not notice.
QUICK = (
    "--no-limits",
    "--log-level",
    "info",
    "--presence-grace-s",
    "0.3",
    "--receipts-every-s",
    "0.1",
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def node(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Node]:
    """A node in a process of its own; in the end its log holds no error, and no secret."""
    async with running(tmp_path_factory.mktemp("node") / "data", *QUICK) as node:
        yield node
    assert node.complaints() == []
    assert node.logged([PASSWORD, TOKEN]) == []


@pytest_asyncio.fixture(loop_scope="module")
async def town(node: Node) -> AsyncGenerator[Town]:
    """People on that node."""
    async with Town(node.base) as town:
        yield town


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def honest(node: Node) -> AsyncGenerator[Pair]:
    """The honest two of a file."""
    async with Town(node.base) as town:
        yield Pair(*await town.sockets(*await town.people("honest", "honest")))


@pytest_asyncio.fixture(loop_scope="module")
async def unharmed(honest: Pair) -> AsyncGenerator[None]:
    """After this test the honest two go on, on the sockets they had."""
    yield
    await honest.talk()
