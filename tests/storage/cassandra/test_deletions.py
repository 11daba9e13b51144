"""Accounts that go while several nodes share the ring: the private log is its owner's to remove."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.support.ring import Ring

from hubbub.actors.runtime.tasks import Tasks
from hubbub.config.errors import OutcomeUnknownError, OwnedError, StaleEpochError, StoreError
from hubbub.config.ids import self_log, shard_of
from hubbub.storage.cassandra.evidence import CassandraEvidence
from hubbub.storage.cassandra.store import CassandraStore
from hubbub.storage.verify import verify
from hubbub.testkit.contracts.hands import ANN, Log, account

from .ring_of_lies import Lies

PRIVATE = self_log(ANN)
SHARD = shard_of(PRIVATE)


@pytest.fixture
async def other(
    store: CassandraStore, one_node: Ring, tasks: Tasks
) -> AsyncIterator[CassandraStore]:
    other = CassandraStore(one_node.options, tasks.start)
    await other.open()
    yield other
    await other.close()


async def going(store: CassandraStore, owner: str) -> Log:
    """Ann goes, and somebody owns her private log."""
    log = Log(store, PRIVATE, await store.claim(SHARD, owner=owner, view=(1, 1)))
    await log.say("1", "2", "3")
    await store.create_account(account("ann"), [])
    await store.begin_deletion(ANN)
    return log


async def test_another_ones_private_log_is_left_to_its_owner(
    store: CassandraStore, other: CassandraStore
) -> None:
    log = await going(store, "one")
    with pytest.raises(OwnedError, match="one"):
        await other.finish_deletion(ANN)
    assert await other.deletions() == [ANN]
    assert len(await log.read()) == 3
    await store.finish_deletion(ANN)
    assert await other.deletions() == []
    assert await other.head(PRIVATE) == (0, 0)


async def test_what_nobody_owns_any_more_can_be_removed_by_anybody(
    store: CassandraStore, other: CassandraStore
) -> None:
    await going(store, "one")
    await store.release(SHARD, "one")
    await other.finish_deletion(ANN)
    assert await other.deletions() == []
    again = Log(store, PRIVATE, await store.claim(SHARD, owner="one", view=(1, 2)))
    await again.say("new")
    assert await again.bodies() == [b"new"]


async def test_a_sealed_owner_that_knows_nothing_of_it_finishes_no_deletion(
    store: CassandraStore, other: CassandraStore
) -> None:
    await going(store, "one")
    await other.seal("one")
    heir = Log(other, PRIVATE, await other.claim(SHARD, owner="two", view=(1, 2)), head=3)
    await heir.say("4")
    with pytest.raises(StaleEpochError):
        await store.finish_deletion(ANN)
    assert await store.deletions() == [ANN]
    await other.finish_deletion(ANN)
    assert await store.deletions() == []
    assert await other.head(PRIVATE) == (0, 0)
    assert (await verify(CassandraEvidence(other))).faults == []


async def test_one_that_was_taken_over_meanwhile_is_not_finished(
    store: CassandraStore, other: CassandraStore
) -> None:
    await going(store, "one")
    await store.release(SHARD, "one")
    fence = other._fence  # pyright: ignore[reportPrivateUsage]
    unowned = fence.unowned

    async def slow(shard: int) -> int:
        epoch = await unowned(shard)
        await store.claim(SHARD, owner="one", view=(1, 2))
        return epoch

    fence.unowned = slow  # type: ignore[method-assign]
    with pytest.raises(StoreError, match="taken over meanwhile"):
        await other.finish_deletion(ANN)
    assert await store.deletions() == [ANN]
    await store.finish_deletion(ANN)
    assert await store.deletions() == []


async def test_one_that_was_cut_short_is_finished_later(store: CassandraStore, lies: Lies) -> None:
    log = await going(store, "one")
    lost = OutcomeUnknownError("lost")
    lies.about(lambda cql: cql.startswith("DELETE FROM tips"), lost, 1, happens=True)
    with pytest.raises(StoreError):
        await store.finish_deletion(ANN)
    assert await store.deletions() == [ANN]
    await store.finish_deletion(ANN)
    assert await store.deletions() == []
    assert await store.head(log.conv) == (0, 0)
