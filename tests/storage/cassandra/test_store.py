"""The suite that every store passes: on one real node, and on a ring of three."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.support.ring import Ring

from hubbub.actors.runtime.tasks import Tasks
from hubbub.storage.cassandra.store import CassandraStore
from hubbub.testkit.contracts.store import StoreContract

from .conftest import opened


class TestOneNode(StoreContract):
    """With the fixture `store` of this folder."""


@pytest.mark.slow
class TestRingOfThree(StoreContract):
    """Three copies of everything: conditions and quorums take more than one node."""

    @pytest.fixture
    async def store(self, three_nodes: Ring, tasks: Tasks) -> AsyncIterator[CassandraStore]:
        async with opened(three_nodes, tasks) as store:
            yield store
