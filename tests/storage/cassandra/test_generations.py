"""Generations on a ring, raised by several nodes at once and with outcomes that nobody knows."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.ring import Ring

from hubbub.actors.runtime.tasks import Tasks
from hubbub.config.errors import OutcomeUnknownError, StoreRetryableError
from hubbub.storage.cassandra.store import CassandraStore

from .ring_of_lies import Lies


def raises(cql: str) -> bool:
    return cql.startswith("UPDATE generations")


async def test_nodes_that_raise_it_at_once_never_get_the_same(
    store: CassandraStore, one_node: Ring, tasks: Tasks
) -> None:
    other = CassandraStore(one_node.options, tasks.start)
    await other.open()
    try:
        both = [each.raise_generation(0) for each in (store, other) * 4]
        given = await asyncio.gather(*both)
        assert sorted(given) == list(range(1, 9))
    finally:
        await other.close()


@pytest.mark.parametrize("happens", [True, False])
async def test_after_an_unknown_outcome_it_is_a_number_that_nobody_has(
    store: CassandraStore, lies: Lies, happens: bool
) -> None:
    first = await store.raise_generation(0)
    lies.about(raises, OutcomeUnknownError("lost"), 1, happens=happens)
    second = await store.raise_generation(0)
    assert second > first
    assert await store.raise_generation(0) == second + 1


async def test_who_never_hears_whether_it_happened_gives_up(
    store: CassandraStore, lies: Lies
) -> None:
    lies.about(raises, OutcomeUnknownError("lost"), 1000, happens=False)
    with pytest.raises(StoreRetryableError):
        await store.raise_generation(0)
