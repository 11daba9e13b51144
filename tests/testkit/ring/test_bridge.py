"""The store over a ring in memory passes the suite that it passes over a real one."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from hubbub.actors.runtime.tasks import Tasks
from hubbub.storage.cassandra.options import CassandraOptions
from hubbub.storage.cassandra.store import CassandraStore
from hubbub.storage.contract import Store
from hubbub.testkit.chance import SeededChance
from hubbub.testkit.clock import VirtualClock, VirtualLoop
from hubbub.testkit.contracts.cases import check
from hubbub.testkit.contracts.store import StoreContract
from hubbub.testkit.ring.bridge import MemoryBridge
from hubbub.testkit.ring.ring import MemoryRing


def ring(seed: int = 1) -> MemoryRing:
    return MemoryRing(VirtualClock(), SeededChance(seed))


@asynccontextmanager
async def opened(over: MemoryRing) -> AsyncGenerator[CassandraStore]:
    tasks = Tasks()
    store = CassandraStore(
        CassandraOptions(),
        tasks.start,
        connect=MemoryBridge(over).connected,
        clock=VirtualClock(),
    )
    await store.open()
    yield store
    await store.close()
    await tasks.stop()
    assert tasks.failed == 0


@asynccontextmanager
async def sound() -> AsyncGenerator[Store]:
    async with opened(ring()) as store:
        yield store


@asynccontextmanager
async def with_late_copies() -> AsyncGenerator[Store]:
    late = ring(2)
    late.faults.strays = 0.5
    late.faults.hint_s = 2.0
    late.faults.forgotten = 0.2
    async with opened(late) as store:
        yield store


def test_the_store_over_it_keeps_the_contract_of_all_stores() -> None:
    assert check(StoreContract, "store", sound, loop_factory=VirtualLoop) > 150


def test_copies_that_come_late_change_nothing_of_that() -> None:
    assert check(StoreContract, "store", with_late_copies, loop_factory=VirtualLoop) > 150
