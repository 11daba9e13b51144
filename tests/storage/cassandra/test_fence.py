"""Two stores on one ring: only one of them owns a log, whatever the other thinks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.support.ring import Ring

from hubbub.actors.runtime.tasks import Tasks
from hubbub.config.errors import (
    OutcomeUnknownError,
    OwnedError,
    SealedError,
    StaleEpochError,
    StoreRefusedError,
    StoreRetryableError,
    UnsettledError,
)
from hubbub.config.ids import ConvId, shard_of
from hubbub.storage.cassandra.rows import BUCKET
from hubbub.storage.cassandra.store import CassandraStore
from hubbub.storage.records import BriefHead, Head, Projection, Snapshot
from hubbub.testkit.contracts.hands import ALL, ANN, PHONE, TS, Log, conv_id, membership, texts

from .ring_of_lies import Lies

TEA = conv_id("tea")
SHARD = shard_of(TEA)


class Other:
    """A second node's store, and what it was told of."""

    def __init__(self, ring: Ring, tasks: Tasks) -> None:
        self.unsettled: list[ConvId] = []
        self.store = CassandraStore(ring.options, tasks.start, unsettled=self.unsettled.append)


@pytest.fixture
async def other(store: CassandraStore, one_node: Ring, tasks: Tasks) -> AsyncIterator[Other]:
    other = Other(one_node, tasks)
    await other.store.open()
    yield other
    await other.store.close()


async def owned(store: CassandraStore, owner: str, head: int = 0) -> Log:
    return Log(store, TEA, await store.claim(SHARD, owner=owner, view=(1, 1)), head)


async def test_a_sealed_owner_that_knows_nothing_of_it_gets_nothing_acknowledged(
    store: CassandraStore, other: Other
) -> None:
    old = await owned(store, "one")
    await old.say("1")
    with pytest.raises(OwnedError):
        await other.store.claim(SHARD, owner="two", view=(1, 2))
    await other.store.seal("one")
    new = await owned(other.store, "two", head=1)
    await other.store.activate(TEA, new.epoch)
    # It still believes to own the shard; its row is written, and its own fence tells it off.
    assert isinstance(await old.outcome([old.entry("2 of old")]), StaleEpochError)
    await new.say("2 of new")
    assert texts(await new.read()) == ["1", "2 of new"]
    assert isinstance(await old.outcome([old.entry("2 of old")]), StaleEpochError)
    with pytest.raises(SealedError):
        await store.claim(SHARD, owner="one", view=(1, 3))
    assert texts(await old.read()) == ["1", "2 of new"]


async def test_a_sealed_owner_erases_nothing(store: CassandraStore, other: Other) -> None:
    old = await owned(store, "one")
    await old.say("secret")
    await other.store.seal("one")
    deletion = old.entry("", kind="delete", target=1)
    refused = await asyncio.gather(
        old.outcome([deletion]), old.project(Projection(1, 2, deleted=True))
    )
    assert [type(error) for error in refused] == [StaleEpochError, StaleEpochError]
    new = await owned(other.store, "two", head=1)
    assert (await new.read())[0].entry.body == b"secret"


async def test_a_claimer_adopts_what_was_written_and_not_acknowledged(
    store: CassandraStore, other: Other
) -> None:
    old = await owned(store, "one")
    await old.say("1")
    await other.store.seal("one")
    assert isinstance(await old.outcome([old.entry("2, refused?")]), StaleEpochError)
    new = await owned(other.store, "two")
    found = await other.store.activate(TEA, new.epoch)
    # It was at a quorum before the scan: either way is right, as long as it stays so.
    assert [e.body for e in found.tail] == [b"1", b"2, refused?"]
    new.head = 2
    await new.say("3")
    assert texts(await new.read()) == ["1", "2, refused?", "3"]


async def test_a_refused_write_that_arrives_after_a_claim_never_counts_again(
    store: CassandraStore, other: Other, one_node: Ring, tasks: Tasks
) -> None:
    old = await owned(store, "one")
    await old.say("1")
    await other.store.seal("one")
    new = await owned(other.store, "two", head=1)
    await other.store.activate(TEA, new.epoch)
    # As a late hint would bring it: above the tip that "two" adopted, of a lower epoch.
    assert isinstance(await old.outcome(old.entries("2 late", "3 late")), StaleEpochError)
    assert (await other.store.activate(TEA, new.epoch)).tail[-1].body == b"1"
    assert texts(await new.read()) == ["1"]
    await new.say("2")
    await other.store.release(SHARD, "two")
    third = Other(one_node, tasks)
    await third.store.open()
    latest = await owned(third.store, "three", head=2)
    found = await third.store.activate(TEA, latest.epoch)
    assert [e.body for e in found.tail] == [b"1", b"2"], "row 3 is of a lower epoch than row 2"
    await latest.say("3")
    assert texts(await latest.read()) == ["1", "2", "3"]
    await third.store.close()


async def test_the_one_owner_of_a_new_life_ends_the_one_before(
    store: CassandraStore, other: Other
) -> None:
    old = await Log.claim(store, TEA)
    await old.say("1")
    new = await Log.claim(other.store, TEA, head=1)
    await other.store.activate(TEA, new.epoch)
    assert isinstance(await old.outcome([old.entry("2")]), StaleEpochError)
    await new.say("2")
    with pytest.raises(OwnedError):
        await store.claim(SHARD, owner="somebody", view=(1, 1))
    with pytest.raises(SealedError):
        await store.claim(SHARD)


async def test_of_two_that_claim_at_once_one_owns(store: CassandraStore, other: Other) -> None:
    claims = (
        each.claim(9, owner=name, view=(1, 1))
        for each, name in ((store, "one"), (other.store, "two"))
    )
    outcomes = await asyncio.gather(*claims, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {int, OwnedError}


# --- readers that do not own ----------------------------------------------------------------------


async def test_others_read_what_the_owner_in_force_wrote(
    store: CassandraStore, other: Other
) -> None:
    log = await owned(store, "one")
    await log.say("1", "2", "3")
    assert await other.store.head(TEA) == (3, 3)
    page = await other.store.page(TEA, 2, ALL, limit=9, max_bytes=ALL)
    assert texts(page) == ["2", "3"]
    assert other.unsettled == []


async def test_what_a_dead_owner_left_at_the_end_waits_for_the_next(
    store: CassandraStore, other: Other
) -> None:
    log = await owned(store, "one")
    await log.say("1", "2")
    store.put_snapshot(TEA, log.epoch, Snapshot(2, b"", {PHONE: 2}))
    await log.say("3")
    await other.store.put_membership(membership(ANN, TEA))
    await other.store.seal("one")
    heir = await owned(other.store, "two")
    reader = store  # it was told of nothing, and is an owner no more
    await reader.seal("one")
    with pytest.raises(UnsettledError):
        await reader.head(TEA)
    with pytest.raises(UnsettledError):
        await reader.page(TEA, 1, ALL, limit=9, max_bytes=ALL)
    assert texts(await reader.page(TEA, 1, 2, limit=9, max_bytes=ALL)) == ["1", "2"]
    (line,) = (await reader.heads(ANN, PHONE, since=0, after=None, limit=9)).heads
    assert isinstance(line, Head)
    assert (line.head, line.count) == (2, 2)
    assert line.mine == 3, "what its device may have used already, it does not use again"
    brief = await reader.heads(ANN, PHONE, since=9, after=None, limit=9)
    assert brief.heads == [BriefHead(TEA, 2, 2)]
    await other.store.activate(TEA, heir.epoch)
    assert await reader.head(TEA) == (3, 3)


async def test_a_device_hears_of_its_last_number_in_the_next_bucket_too(
    store: CassandraStore, other: Other
) -> None:
    log = await owned(store, "one")
    await log.say(*(f"{n}" for n in range(1, BUCKET + 1)))
    await other.store.put_membership(membership(ANN, TEA))
    for cid in (BUCKET, BUCKET + 1):
        (line,) = (await other.store.heads(ANN, PHONE, since=0, after=None, limit=9)).heads
        assert isinstance(line, Head)
        assert (line.head, line.mine) == (cid, cid)
        await log.say("one more")
    await other.store.seal("one")
    await other.store.claim(SHARD, owner="two", view=(1, 2))
    await store.seal("one")
    (line,) = (await store.heads(ANN, PHONE, since=0, after=None, limit=9)).heads
    assert isinstance(line, Head)
    assert (line.head, line.mine) == (BUCKET, BUCKET + 2)


async def test_who_waits_for_an_owner_is_told_of(store: CassandraStore, other: Other) -> None:
    log = await owned(store, "one")
    await log.say("1")
    await store.seal("one")
    await store.claim(SHARD, owner="two", view=(1, 2))
    with pytest.raises(UnsettledError) as waits:
        await other.store.head(TEA)
    assert waits.value.conv == TEA
    assert other.unsettled == [TEA]


async def test_after_a_release_everything_counts(store: CassandraStore, other: Other) -> None:
    log = await owned(store, "one")
    await log.say("1", "2")
    await store.release(SHARD, "one")
    assert await other.store.head(TEA) == (2, 2)
    await other.store.claim(SHARD, owner="two", view=(1, 2))
    assert await store.head(TEA) == (2, 2)


async def test_after_an_owners_orderly_end_everything_counts(
    store: CassandraStore, other: Other
) -> None:
    log = await owned(other.store, "two")
    await log.say("1", "2")
    await other.store.close()
    await store.seal("two")
    assert await store.head(TEA) == (2, 2)
    await other.store.open()


async def test_a_message_of_400_000_bytes_goes_round(store: CassandraStore, other: Other) -> None:
    log = await owned(store, "one")
    bodies = [bytes([n]) * 400_000 for n in range(4)]
    await log.say(*bodies)
    page = await other.store.page(TEA, 1, ALL, limit=9, max_bytes=ALL)
    assert [message.entry.body for message in page] == bodies
    assert isinstance(await log.outcome([log.entry(b"x" * (5 << 20))]), StoreRefusedError)
    await log.say("goes on")


async def test_two_nodes_agree_on_names_and_secrets(store: CassandraStore, other: Other) -> None:
    made = await asyncio.gather(
        *(each.secret("jwt", b"%d" % n) for n in range(5) for each in (store, other.store))
    )
    assert len(set(made)) == 1
    await store.put_last_active(ANN, TS)


@pytest.mark.parametrize("happens", [True, False])
@pytest.mark.parametrize("what", ["INSERT INTO shards", "UPDATE shards", "INSERT INTO fences"])
async def test_claims_releases_and_seals_that_nobody_heard_of_are_tried_again(
    store: CassandraStore, other: Other, lies: Lies, what: str, happens: bool
) -> None:
    lost = OutcomeUnknownError("lost on the way")
    if what == "UPDATE shards":
        await store.claim(SHARD, owner="one", view=(1, 1))
    lies.about(lambda cql: cql.startswith(what), lost, 1, happens=happens)
    first = await store.claim(SHARD, owner="one", view=(1, 1))
    assert first >= 1
    if what == "INSERT INTO fences":
        await store.seal("one")
    else:
        lies.about(lambda cql: cql.startswith(what), lost, 1, happens=happens)
        await store.release(SHARD, "one")
    assert await other.store.claim(SHARD, owner="two", view=(1, 1)) > first


@pytest.mark.parametrize("what", ["UPDATE shards", "INSERT INTO fences"])
async def test_who_never_hears_of_a_release_or_a_seal_is_told_to_try_later(
    store: CassandraStore, lies: Lies, what: str
) -> None:
    await store.claim(SHARD, owner="one", view=(1, 1))
    lost = OutcomeUnknownError("lost on the way")
    lies.about(lambda cql: cql.startswith(what), lost, 1 << 30, happens=False)
    with pytest.raises(StoreRetryableError):
        await (store.seal("one") if "fences" in what else store.release(SHARD, "one"))
