"""Three real nodes on a real ring of one and a real Redis, for the tests of a file."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from tests.support.node import Node
from tests.support.several import several
from tests.support.town import Town
from tests.support.ws_client import PASSWORD

if TYPE_CHECKING:
    from tests.support.redis_server import RedisServer
    from tests.support.ring import Ring

#: Seconds after the last connection of somebody until they are offline; the lease is shorter, so
#: that who moves when a node dies can be there in time.
GRACE_S = 6.0
QUICK = (
    *("--no-limits", "--log-level", "info", "--drain-s", "0.5"),
    *("--lease-s", "3", "--renew-s", "0.6"),
    *("--presence-grace-s", str(GRACE_S), "--receipts-every-s", "0.1"),
)
#: How every token begins: a JWT's header in base64.
TOKEN = "eyJ"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def nodes(
    tmp_path_factory: pytest.TempPathFactory, one_node: Ring, redis_server: RedisServer
) -> AsyncGenerator[Sequence[Node]]:
    """n1, n2 and n3; in the end their logs hold no error, and no secret."""
    folder, ring = tmp_path_factory.mktemp("three"), one_node.in_keyspace(f"three{os.getpid()}")
    async with several(folder, 3, ring, redis_server.url, *QUICK) as nodes:
        yield nodes
    assert [line for node in nodes for line in node.complaints()] == []
    assert [secret for node in nodes for secret in node.logged([PASSWORD, TOKEN])] == []


@pytest_asyncio.fixture(loop_scope="module")
async def towns(nodes: Sequence[Node]) -> AsyncGenerator[Sequence[Town]]:
    """People at each of the nodes."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(Town(node.base)) for node in nodes]
