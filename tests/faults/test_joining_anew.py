"""A node that joins a second time in the same process, as after a crash of its store."""

from __future__ import annotations

import asyncio

from tests.support.nobody import Nobody
from tests.support.nodes import virtual

from hubbub.actors.commands import HeadTold
from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.ids import ConvId, shard_of
from hubbub.config.metrics import Metrics
from hubbub.storage.memory import MemoryStore
from hubbub.testkit.clock import VirtualClock
from hubbub.testkit.contracts.cluster import Listener
from hubbub.transport.cluster.memory_bus import MemoryBus
from hubbub.transport.cluster.node_cluster import NodeCluster


@virtual
async def test_a_node_that_joins_anew_in_the_same_process_is_heard_from_its_first_word() -> None:
    clock, store = VirtualClock(), MemoryStore()
    await store.open()
    bus = MemoryBus(clock)
    async with ActorSystem(clock=clock) as here, ActorSystem(clock=clock) as there:

        async def joined(system: ActorSystem, node: str) -> NodeCluster:
            cluster = bus.cluster(system, store, Nobody(), node, f"life of {node}", Metrics())
            await cluster.start()
            await asyncio.sleep(1)
            return cluster

        one, two = await joined(here, "n1"), await joined(there, "n2")
        heard: list[int] = []
        name = next(n for n in map("conv:g_{}".format, range(99)) if two.here(shard_of(n[5:])))
        there.spawn(Listener, heard, name=name)
        for head in (1, 2):
            one.tell(name, HeadTold(ConvId("g_tea"), head))
            await asyncio.sleep(0.1)
        await one.stop()
        again = await joined(here, "n1")
        again.tell(name, HeadTold(ConvId("g_tea"), 3))
        await asyncio.sleep(0.1)
        assert heard == [1, 2, 3]
        for cluster in (again, two):
            await cluster.stop()
    await store.close()
