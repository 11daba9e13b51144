"""The suite that every store passes, on one real node; on a ring of three what takes more than one.

Three copies are asked where quorums and conditions decide: who may write, what counts of a log's
end, which number is next. The rest is written and read by the same few statements, and to run all
of it three times costs minutes; `tests/faults/test_two_owners.py` kills nodes of that ring.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.ring import Ring

from hubbub.actors.runtime.tasks import Tasks
from hubbub.config.errors import StoreRefusedError
from hubbub.storage.cassandra.store import CassandraStore
from hubbub.testkit.contracts.store import StoreContract
from hubbub.testkit.contracts.store_generations import GenerationsContract
from hubbub.testkit.contracts.store_logs import LogsContract

from .conftest import opened


class TestOneNode(StoreContract):
    """With the fixture `store` of this folder."""


class TestRingOfThree(GenerationsContract):
    """Three copies of everything."""

    test_claims = LogsContract.test_each_claim_gives_a_higher_epoch_of_that_shard_alone
    test_former_owners = LogsContract.test_an_owner_is_refused_once_somebody_else_claimed
    test_releases = LogsContract.test_an_owner_keeps_a_shard_from_others_until_it_releases_it
    test_views = LogsContract.test_a_lower_view_claims_nothing_a_higher_one_had
    test_seals = LogsContract.test_a_sealed_owner_writes_and_claims_no_more
    test_turns = LogsContract.test_appends_handed_in_before_a_claim_are_stored_those_after_are_not
    test_activations = LogsContract.test_an_activation_sees_the_outcome_of_appends_in_flight
    test_reads = LogsContract.test_what_done_told_of_is_in_every_read_after

    @pytest.fixture
    async def store(self, three_nodes: Ring, tasks: Tasks) -> AsyncIterator[CassandraStore]:
        async with opened(three_nodes, tasks) as store:
            yield store


async def test_a_ring_is_not_backed_up_into_a_file(store: CassandraStore, tmp_path: Path) -> None:
    with pytest.raises(StoreRefusedError, match="nodetool snapshot"):
        await store.backup(tmp_path / "copy")
