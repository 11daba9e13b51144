"""The nodes that the tests of the store run against: one for the session, and a ring of three."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.support.ring import Ring, emptied, running_ring

from hubbub.actors.runtime.tasks import Tasks
from hubbub.storage.cassandra.store import CassandraStore


def _ring(count: int, variable: str) -> Iterator[Ring]:
    """A ring for the session; one that runs already is used where `PORT:FOLDER` names it."""
    named = os.environ.get(variable)
    if named:
        port, _, folder = named.partition(":")
        yield Ring(count, int(port), Path(folder))
        return
    with running_ring(count) as ring:
        yield ring


@pytest.fixture(scope="session")
def one_node() -> Iterator[Ring]:
    """A Cassandra of one node."""
    yield from _ring(1, "HUBBUB_TEST_CASSANDRA")


@pytest.fixture(scope="session")
def three_nodes() -> Iterator[Ring]:
    """A ring of three, with three copies of everything."""
    yield from _ring(3, "HUBBUB_TEST_RING")


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
