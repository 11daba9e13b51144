"""What a memory store does when a fault is asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hubbub.config.errors import (
    OutcomeUnknownError,
    SeqMismatchError,
    StoreError,
    StoreRefusedError,
    StoreRetryableError,
)
from hubbub.storage.memory import MemoryStore
from hubbub.storage.memory_faults import DiskFull, FailNext, Fault, Hold, LoseNext, UnknownNext
from hubbub.testkit.contracts.hands import ANN, Log, Outcomes, account, conv_id, membership

TEA = conv_id("tea")


@pytest.fixture
async def store() -> AsyncIterator[MemoryStore]:
    store = MemoryStore()
    await store.open()
    yield store
    await store.close()


@pytest.mark.parametrize("error", [None, StoreRefusedError("no"), OutcomeUnknownError("who knows")])
async def test_the_next_commit_fails_and_the_one_after_does_not(
    store: MemoryStore, error: StoreError | None
) -> None:
    log = await Log.claim(store, TEA)
    store.faults.append(FailNext(error))
    told = await log.outcome([log.entry("1")])
    assert told is error if error else isinstance(told, StoreRetryableError)
    assert await store.head(TEA) == (0, 0)
    await log.say("1")
    assert store.faults == []


async def test_a_commit_whose_outcome_is_unknown_did_not_happen(store: MemoryStore) -> None:
    log = await Log.claim(store, TEA)
    store.faults.append(LoseNext())
    assert isinstance(await log.outcome([log.entry("1")]), OutcomeUnknownError)
    assert await store.head(TEA) == (0, 0)
    await log.say("1")


async def test_a_commit_whose_outcome_is_unknown_happened(store: MemoryStore) -> None:
    log = await Log.claim(store, TEA)
    store.faults.append(UnknownNext())
    assert isinstance(await log.outcome([log.entry("1")]), OutcomeUnknownError)
    assert await store.head(TEA) == (1, 1)
    assert isinstance(await log.outcome([log.entry("1")]), SeqMismatchError)


async def test_a_fault_hits_everybody_in_the_commit_and_a_refusal_stays_one(
    store: MemoryStore,
) -> None:
    log = await Log.claim(store, TEA)
    outcomes = Outcomes()
    store.faults.append(UnknownNext())
    store.append(TEA, log.epoch, [log.entry("1")], outcomes.hear("1"))
    store.append(TEA, log.epoch, [log.entry("9", seq=9)], outcomes.hear("9"))
    with pytest.raises(OutcomeUnknownError):
        await store.create_account(account("ann"), [])
    assert [type(error) for _, error in outcomes.order] == [OutcomeUnknownError, SeqMismatchError]
    assert await store.account(ANN) == account("ann")


async def test_a_full_disk_takes_nothing_until_there_is_room(store: MemoryStore) -> None:
    log = await Log.claim(store, TEA)
    await log.say("1")
    store.faults.append(full := DiskFull())
    for _ in range(3):
        assert isinstance(await log.outcome([log.entry("2")]), StoreRetryableError)
        with pytest.raises(StoreRetryableError):
            await store.put_membership(membership(ANN, TEA))
        assert await store.head(TEA) == (1, 1)
        assert len((await store.activate(TEA, log.epoch)).tail) == 1
    full.make_room()
    await log.say("2")


async def test_held_commits_wait_together(store: MemoryStore) -> None:
    log = await Log.claim(store, TEA)
    outcomes = Outcomes()
    store.faults.append(hold := Hold())
    for n in range(1, 4):
        store.append(TEA, log.epoch, [log.entry("x", seq=n)], outcomes.hear(f"{n}"))
        assert await store.head(TEA) == (0, 0)
    assert outcomes.order == []
    hold.release()
    assert outcomes.order == [], "still not from inside a call of the test"
    await outcomes.of("3")
    assert [name for name, _ in outcomes.order] == ["1", "2", "3"]
    await Log(store, TEA, log.epoch, head=3).say("4")


async def test_a_hold_that_was_released_before_holds_nothing(store: MemoryStore) -> None:
    log = await Log.claim(store, TEA)
    store.faults.append(hold := Hold())
    hold.release()
    await log.say("1")


async def test_faults_add_up_in_order(store: MemoryStore) -> None:
    log = await Log.claim(store, TEA)
    store.faults += [Fault(), FailNext(), UnknownNext()]
    assert isinstance(await log.outcome([log.entry("1")]), StoreRetryableError)
    assert isinstance(await log.outcome([log.entry("1")]), OutcomeUnknownError)
    assert await store.head(TEA) == (1, 1)
    await Log(store, TEA, log.epoch, head=1).say("2")
