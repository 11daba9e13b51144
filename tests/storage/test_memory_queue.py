"""The memory store's group commit."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.clock import ManualClock

from hubbub.config.errors import StoreRefusedError
from hubbub.storage.memory import MemoryStore
from hubbub.storage.memory_faults import Hold
from hubbub.storage.memory_queue import check_record, check_storable
from hubbub.storage.records import Cursors
from hubbub.testkit.contracts.hands import ANN, Log, Outcomes, conv_id, membership

TEA = conv_id("tea")


async def test_a_commit_takes_its_time_on_the_given_clock() -> None:
    clock = ManualClock()
    store = MemoryStore(clock=clock, commit_s=0.01)
    await store.open()
    outcomes = Outcomes()
    waiting = asyncio.gather(store.claim(1), store.claim(2))
    await asyncio.sleep(0)
    assert not waiting.done()
    clock.advance(0.01)
    assert list(await waiting) == [1, 1]
    store.append(TEA, 9, [], outcomes.hear("refused"))
    await asyncio.sleep(0)
    assert outcomes.order == []
    clock.advance(0.01)
    assert len(outcomes.order) == 1


async def test_who_stops_waiting_does_not_undo_the_change() -> None:
    store = MemoryStore()
    await store.open()
    store.faults.append(hold := Hold())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await store.put_membership(membership(ANN, TEA))
    hold.release()
    await store.claim(1)
    assert await store.membership(ANN, TEA) is not None
    await store.close()


async def test_a_listener_that_raises_does_not_keep_the_others_from_hearing() -> None:
    store = MemoryStore()
    await store.open()
    log = await Log.claim(store, TEA)
    outcomes = Outcomes()

    def broken(error: object) -> None:
        raise ZeroDivisionError

    store.append(TEA, log.epoch, [log.entry("1", seq=1)], broken)
    store.append(TEA, log.epoch, [log.entry("2", seq=2)], outcomes.hear("2"))
    assert await outcomes.of("2") is None


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, "\ud800", 1.5, ["list"]])
def test_what_no_store_takes_is_refused(value: object) -> None:
    with pytest.raises(StoreRefusedError):
        check_storable("fine", value)


def test_what_every_store_takes_is_taken() -> None:
    check_storable(2**63 - 1, -(2**63), "\x00𐍈", b"\xff", None, True)


def test_a_record_is_refused_for_any_of_its_fields() -> None:
    check_record(Cursors(1, 2))
    with pytest.raises(StoreRefusedError):
        check_record(Cursors(1, 2**63))
