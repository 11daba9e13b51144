"""A node's HTTP side for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.support.http_node import HttpNode, open_http_node


@pytest.fixture
async def node() -> AsyncIterator[HttpNode]:
    """Without rates: what a test is about should not depend on how often it asks."""
    opened = await open_http_node()
    yield opened
    await opened.close()


@pytest.fixture
async def limited() -> AsyncIterator[HttpNode]:
    """With the rates of a real node."""
    opened = await open_http_node(limited=True)
    yield opened
    await opened.close()
