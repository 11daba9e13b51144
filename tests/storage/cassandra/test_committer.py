"""Commits whose outcome nobody knows: the very same rows again, or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.support.ring import Ring

from hubbub.actors.runtime.tasks import Tasks
from hubbub.config.errors import (
    OutcomeUnknownError,
    SeqMismatchError,
    StaleEpochError,
    StoreRefusedError,
    StoreRetryableError,
)
from hubbub.config.ids import shard_of
from hubbub.storage.cassandra import effects
from hubbub.storage.cassandra.store import CassandraStore
from hubbub.storage.records import Cursors, Projection, Snapshot
from hubbub.testkit.contracts.hands import ANN, Log, Outcomes, conv_id, membership, texts

from .ring_of_lies import Lies, fence, rows

TEA, CAKE = conv_id("tea"), conv_id("cake")
UNKNOWN = OutcomeUnknownError("lost on the way")
NEVER = StoreRetryableError("nobody is there")
EVER = 1 << 30


def written(lies: Lies) -> list[tuple[str, Sequence[object]]]:
    return [(cql, list(values)) for cql, values in lies.sent if rows(cql)]


@pytest.mark.parametrize("happens", [True, False])
async def test_a_write_that_is_lost_once_is_repeated_as_it_was(
    store: CassandraStore, lies: Lies, happens: bool
) -> None:
    log = await Log.claim(store, TEA)
    lies.about(rows, UNKNOWN, 1, happens=happens)
    await log.say("1")
    first, second = written(lies)
    assert first == second
    assert texts(await log.read()) == ["1"]


@pytest.mark.parametrize("happens", [True, False])
@pytest.mark.parametrize("what", [rows, fence])
async def test_an_unknown_outcome_is_settled_before_anything_else(
    store: CassandraStore, lies: Lies, happens: bool, what: object
) -> None:
    log = await Log.claim(store, TEA)
    await log.say("1")
    lies.about(rows if what is rows else fence, UNKNOWN, EVER, happens=happens)
    assert isinstance(await log.outcome(log.entries("2", "3")), OutcomeUnknownError)
    assert isinstance(await log.outcome([log.entry("other 2")]), StoreRetryableError)
    with pytest.raises(StoreRetryableError):
        await store.activate(TEA, log.epoch)
    lies.no_more()
    found = await store.activate(TEA, log.epoch)
    assert [entry.body for entry in found.tail] == [b"1", b"2", b"3"]
    lost = [values for _, values in written(lies) if b"2" in values]
    assert lost and all(values == lost[0] for values in lost)
    log.head = 3
    await log.say("4")
    assert texts(await log.read()) == ["1", "2", "3", "4"]


async def test_a_lost_log_does_not_hold_up_the_others(store: CassandraStore, lies: Lies) -> None:
    tea, cake = await Log.claim(store, TEA), await Log.claim(store, CAKE)
    await tea.say("1")
    await cake.say("1")
    bridge = lies._start  # pyright: ignore[reportPrivateUsage]
    assert bridge is not None

    def of_tea(cql: str) -> bool:
        return rows(cql) and lies.sent[-1][1][0] == TEA

    lies.about(of_tea, UNKNOWN, EVER, happens=False)
    lost, fine = await asyncio.gather(
        tea.outcome([tea.entry("2")]), cake.outcome([cake.entry("2")])
    )
    assert isinstance(lost, OutcomeUnknownError)
    assert fine is None


async def test_what_surely_did_not_happen_is_told_at_once_and_leaves_no_doubt(
    store: CassandraStore, lies: Lies
) -> None:
    log = await Log.claim(store, TEA)
    await log.say("1")
    lies.about(rows, NEVER, EVER, happens=False)
    error = await log.outcome([log.entry("2")])
    assert type(error) is StoreRetryableError
    assert len(written(lies)) == 2, "once, and no more"
    lies.no_more()
    await log.say("another 2")
    assert texts(await log.read()) == ["1", "another 2"]


async def test_a_new_epoch_ends_a_doubt(store: CassandraStore, lies: Lies) -> None:
    log = await Log.claim(store, TEA)
    lies.about(rows, UNKNOWN, EVER, happens=False)
    assert isinstance(await log.outcome([log.entry("1")]), OutcomeUnknownError)
    lies.no_more()
    again = await Log.claim(store, TEA)
    await again.say("1 anew")
    assert texts(await again.read()) == ["1 anew"]


async def test_what_spans_partitions_counts_only_as_a_whole(
    store: CassandraStore, lies: Lies
) -> None:
    log = await Log.claim(store, TEA)
    await log.say(*(f"{n}" for n in range(250)))
    await store.activate(TEA, log.epoch)

    def first_rows(cql: str) -> bool:
        return rows(cql) and 251 in lies.sent[-1][1]

    lies.about(first_rows, NEVER, EVER, happens=False)
    entries = log.entries(*(f"{n}" for n in range(250, 600)))
    assert isinstance(await log.outcome(entries), OutcomeUnknownError)
    lies.no_more()
    new = await Log.claim(store, TEA, head=250)
    found = await store.activate(TEA, new.epoch)
    assert len(found.tail) == 250, "beyond a hole nothing counts"
    await new.say(*(f"{n}" for n in range(250, 1000)))
    assert texts(await new.read()) == [f"{n}" for n in range(1000)]


async def test_a_row_that_the_server_refuses_is_refused_alone(
    store: CassandraStore, lies: Lies
) -> None:
    log = await Log.claim(store, TEA)
    await log.say("1")

    def with_poison(cql: str) -> bool:
        return rows(cql) and b"poison" in lies.sent[-1][1]

    lies.about(with_poison, StoreRefusedError("no"), EVER, happens=False)
    outcomes = Outcomes()
    for n, body in enumerate(("2", "poison", "4"), 2):
        entry = replace(log.entry(body, seq=n), body=body.encode())
        store.append(TEA, log.epoch, [entry], outcomes.hear(f"{n}"))
    await outcomes.of("4")
    assert [type(error) for _, error in outcomes.order] == [
        type(None),
        StoreRefusedError,
        StoreRefusedError,
    ]
    log.head = 2
    await log.say("3")
    assert texts(await log.read()) == ["1", "2", "3"]


async def test_a_full_queue_refuses_in_its_turn(one_node: Ring, tasks: Tasks) -> None:
    store = CassandraStore(one_node.options, tasks.start, most_works=3, most_bytes=100)
    await store.open()
    shard = shard_of(TEA)
    log = Log(store, TEA, await store.claim(shard))
    found = await store.activate(TEA, log.epoch)
    head = len(found.tail) + (found.snapshot.seq if found.snapshot else 0)
    outcomes = Outcomes()
    for n in range(1, 6):
        entry = log.entry("x", seq=head + n)
        store.append(TEA, log.epoch, [entry], outcomes.hear(f"{n}"))
    store.append(TEA, log.epoch, [log.entry("x" * 101, seq=head + 6)], outcomes.hear("6"))
    await outcomes.of("6")
    assert [name for name, _ in outcomes.order] == [f"{n}" for n in range(1, 7)]
    kinds = [type(error) for _, error in outcomes.order]
    assert kinds == [type(None)] * 3 + [StoreRetryableError] * 3
    await store.close()


async def test_a_listener_that_fails_keeps_nobody_from_hearing(store: CassandraStore) -> None:
    log = await Log.claim(store, TEA)
    outcomes = Outcomes()

    def fails(_: object) -> None:
        raise ValueError("a listener's mistake")

    store.append(TEA, log.epoch, [log.entry("1")], fails)
    store.append(TEA, log.epoch, [log.entry("2", seq=2)], outcomes.hear("2"))
    store.put_projection(TEA, log.epoch, Projection(1, 2, b"x"), fails)
    assert await outcomes.of("2") is None
    log.head = 2
    await log.say("3")


async def test_what_is_written_behind_may_fail_and_the_next_makes_up_for_it(
    store: CassandraStore, lies: Lies
) -> None:
    log = await Log.claim(store, TEA)
    await log.say("1", "2")
    await store.put_membership(membership(ANN, TEA))

    def behind(cql: str) -> bool:
        return "members" in cql or "snapshots (" in cql or "FROM unfinished" in cql

    lies.about(behind, UNKNOWN, EVER, happens=False)
    store.put_cursors(TEA, {ANN: Cursors(2, 1)})
    store.put_snapshot(TEA, log.epoch, Snapshot(1, b"1", {}))
    store.finish(TEA, log.epoch)
    await log.say("3")
    lies.no_more()
    store.put_cursors(TEA, {ANN: Cursors(2, 2)})
    store.put_snapshot(TEA, log.epoch, Snapshot(2, b"2", {}))
    found = await store.activate(TEA, log.epoch)
    assert found.cursors == {ANN: Cursors(2, 2)}
    assert found.snapshot == Snapshot(2, b"2", {})


async def test_a_log_that_cannot_be_read_takes_nothing(store: CassandraStore, lies: Lies) -> None:
    log = await Log.claim(store, TEA)
    lies.about(lambda cql: "FROM tips" in cql, NEVER, EVER, happens=False)
    assert isinstance(await log.outcome([log.entry("1")]), StoreRetryableError)
    assert isinstance(await log.project(Projection(1, 1, b"x")), StoreRetryableError)
    with pytest.raises(StoreRetryableError):
        await store.activate(TEA, log.epoch)
    lies.no_more()
    await log.say("1")
    error = await log.outcome([log.entry("x", seq=9)])
    assert isinstance(error, SeqMismatchError)


async def test_a_claim_that_is_lost_is_made_again(store: CassandraStore, lies: Lies) -> None:
    def claims(cql: str) -> bool:
        return "INTO shards" in cql or "UPDATE shards" in cql

    for happens in (True, False):
        lies.about(claims, UNKNOWN, 1, happens=happens)
        before = await store.claim(7)
        lies.about(claims, UNKNOWN, 1, happens=happens)
        assert await store.claim(7) > before
    await store.release(7, "")
    log = Log(store, TEA, 1)
    assert isinstance(await log.outcome([log.entry("x")]), StaleEpochError)


async def test_only_so_many_tips_are_kept_in_mind_and_nothing_is_lost_by_it(
    store: CassandraStore, one_node: Ring, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(effects, "MOST_TIPS", 5)
    logs = [await Log.claim(store, conv_id(f"log {n}")) for n in range(12)]
    for _ in range(3):
        for log in logs:
            await log.say("x", "y")
    kept = sum(len(claim.tips) for claim in store._claims)  # pyright: ignore[reportPrivateUsage]
    assert kept <= 6
    other = CassandraStore(one_node.options, tasks.start)
    await other.open()
    for log in logs:
        assert len(await log.read()) == 6
        assert await other.head(log.conv) == (6, 6)
    await other.close()


async def test_a_mistake_in_a_commit_leaves_nobody_waiting(
    store: CassandraStore, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = await Log.claim(store, TEA)
    await log.say("1")
    sender = store._committer._sender  # pyright: ignore[reportPrivateUsage]
    send = sender.send

    async def breaks(_: object) -> None:
        monkeypatch.setattr(sender, "send", send)
        raise ValueError("a bug")

    monkeypatch.setattr(sender, "send", breaks)
    lost, activation = await asyncio.gather(
        log.outcome([log.entry("2")]), store.activate(TEA, log.epoch), return_exceptions=True
    )
    assert isinstance(lost, OutcomeUnknownError)
    assert isinstance(activation, OutcomeUnknownError)
    assert tasks.failed == 1
    tasks.failed = 0
    with pytest.raises(StaleEpochError):
        await store.activate(TEA, log.epoch)
    again = await Log.claim(store, TEA, head=1)
    found = await store.activate(TEA, again.epoch)
    assert [entry.body for entry in found.tail] == [b"1"]
    await again.say("2")


async def test_a_release_does_not_overtake_the_claim_before_it(store: CassandraStore) -> None:
    shard = shard_of(TEA)
    claim = store.claim(shard, owner="ann", view=(1, 1))
    await asyncio.gather(claim, store.release(shard, "ann"))
    with pytest.raises(StaleEpochError):
        await store.activate(TEA, 1)
    assert await store.claim(shard, owner="bob", view=(1, 1)) == 3
