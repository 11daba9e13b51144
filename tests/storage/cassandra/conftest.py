"""Stores on the real nodes that the fixtures of `tests/conftest.py` start."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.support.ring import Ring, emptied

from hubbub.actors.runtime.tasks import Tasks
from hubbub.storage.cassandra.store import CassandraStore

from .ring_of_lies import Lies


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    """Where the tasks of a test's stores start; one that failed fails the test."""
    tasks = Tasks()
    yield tasks
    await tasks.stop()
    assert tasks.failed == 0


@asynccontextmanager
async def opened(ring: Ring, tasks: Tasks) -> AsyncGenerator[CassandraStore]:
    """An open store on an emptied ring."""
    await emptied(ring)
    store = CassandraStore(ring.options, tasks.start)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
async def store(one_node: Ring, tasks: Tasks) -> AsyncIterator[CassandraStore]:
    """An open, empty store."""
    async with opened(one_node, tasks) as store:
        yield store


@pytest.fixture
def lies(store: CassandraStore) -> Lies:
    """The store's way to the ring, which says what it is told to say."""
    # The time that a lost commit is repeated.
    store._committer._sender._patience_s = 0.1  # pyright: ignore[reportPrivateUsage]
    return Lies(store._bridge)  # pyright: ignore[reportPrivateUsage]
