"""What anybody may read of a log, told by two stores on one ring in memory."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from hubbub.actors.runtime.tasks import Tasks
from hubbub.config.clock import LoopClock
from hubbub.config.ids import shard_of
from hubbub.storage.cassandra.options import CassandraOptions
from hubbub.storage.cassandra.store import CassandraStore
from hubbub.testkit.chance import SeededChance
from hubbub.testkit.contracts.hands import Log, conv_id, texts
from hubbub.testkit.ring.bridge import MemoryBridge
from hubbub.testkit.ring.ring import MemoryRing

TEA = conv_id("tea")


@asynccontextmanager
async def stores(count: int) -> AsyncGenerator[list[CassandraStore]]:
    ring = MemoryRing(LoopClock(), SeededChance(1), latency_s=0)
    tasks = Tasks()
    made = [
        CassandraStore(CassandraOptions(), tasks.start, connect=MemoryBridge(ring).connected)
        for _ in range(count)
    ]
    for store in made:
        await store.open()
    yield made
    for store in made:
        await store.close()
    await tasks.stop()
    assert tasks.failed == 0


async def test_an_owner_that_slept_through_its_end_shows_what_is_so_and_not_what_it_knew() -> None:
    async with stores(2) as (sleeper, other):
        shard = shard_of(TEA)
        old = Log(sleeper, TEA, await sleeper.claim(shard, owner="one", view=(1, 1)))
        await old.say("1")
        assert await sleeper.head(TEA) == (1, 1)
        await other.seal("one")
        new = Log(other, TEA, await other.claim(shard, owner="two", view=(1, 2)), head=1)
        await new.say("2")
        assert await sleeper.head(TEA) == (2, 2)
        assert texts(await old.read()) == ["1", "2"]
