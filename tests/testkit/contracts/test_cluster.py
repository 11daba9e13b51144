"""Our clusters keep the contract of all clusters, and one that does not is found out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from tests.support.nobody import Nobody
from tests.support.redis_server import RedisServer
from tests.support.redis_wire import redis_wire

from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.metrics import Metrics
from hubbub.storage.memory import MemoryStore
from hubbub.testkit.clock import VirtualClock, VirtualLoop
from hubbub.testkit.contracts.cluster import Seat, check_cluster
from hubbub.transport.cluster.local_cluster import LocalCluster
from hubbub.transport.cluster.memory_bus import MemoryBus


@asynccontextmanager
async def alone() -> AsyncGenerator[Sequence[Seat]]:
    store = MemoryStore()
    await store.open()
    async with ActorSystem(clock=VirtualClock()) as system:
        yield [Seat(system, LocalCluster(system, store, "n1", "abc", Metrics()))]
    await store.close()


def on_a_bus(count: int) -> Callable[[], AbstractAsyncContextManager[Sequence[Seat]]]:
    """What makes so many nodes on one bus in memory."""

    @asynccontextmanager
    async def fresh() -> AsyncGenerator[Sequence[Seat]]:
        clock, store = VirtualClock(), MemoryStore()
        await store.open()
        bus = MemoryBus(clock)
        async with AsyncExitStack() as stack:
            seats: list[Seat] = []
            for n in range(count):
                system = await stack.enter_async_context(ActorSystem(clock=clock))
                name = f"n{n}"
                node = bus.cluster(system, store, Nobody(), name, f"life-{n}", Metrics())
                await node.start()
                stack.push_async_callback(node.stop)
                seats.append(Seat(system, node))
            await clock.sleep(bus.lease_s * 3)
            yield seats
        await store.close()

    return fresh


def test_a_node_that_is_alone_keeps_the_contract() -> None:
    assert check_cluster(alone, loop_factory=VirtualLoop) == 9


@pytest.mark.parametrize("count", [1, 2, 5])
def test_nodes_on_a_bus_in_memory_keep_the_contract(count: int) -> None:
    assert check_cluster(on_a_bus(count), loop_factory=VirtualLoop) == 9


@pytest.mark.parametrize("count", [1, 3])
def test_nodes_on_redis_keep_the_contract(redis_server: RedisServer, count: int) -> None:
    @asynccontextmanager
    async def fresh() -> AsyncGenerator[Sequence[Seat]]:
        async with redis_wire(redis_server) as wire:
            nodes = [await wire.node(f"n{n}") for n in range(count)]
            await wire.agree(*nodes)
            yield [Seat(wire.systems[node.node], node) for node in nodes]

    assert check_cluster(fresh) == 9


def test_nodes_that_do_not_know_each_other_are_found_out() -> None:
    @asynccontextmanager
    async def strangers() -> AsyncGenerator[Sequence[Seat]]:
        async with alone() as one, alone() as other:
            yield [*one, *other]

    with pytest.raises(ExceptionGroup, match="cases of ClusterContract fail") as failed:
        check_cluster(strangers, loop_factory=VirtualLoop)
    notes = [note for error in failed.value.exceptions for note in error.__notes__]
    for case in (
        "test_a_name_lives_once_wherever_it_is_told_from",
        "test_every_shard_is_placed_at_one_node",
        "test_a_shard_has_one_owner_and_one_epoch",
        "test_every_node_has_a_name_and_a_life_of_its_own",
    ):
        assert f"in ClusterContract.{case}, with {{}}" in notes


def test_a_cluster_that_reorders_is_found_out() -> None:
    class Shuffled(LocalCluster):
        """Holds every other message back by one."""

        held: Any = None

        def tell(self, name: str, message: Any) -> bool:
            if self.held is None:
                self.held = (name, message)
                return True
            (first, late), self.held = self.held, None
            return super().tell(name, message) and super().tell(first, late)

    @asynccontextmanager
    async def fresh() -> AsyncGenerator[Sequence[Seat]]:
        store = MemoryStore()
        await store.open()
        async with ActorSystem(clock=VirtualClock()) as system:
            yield [Seat(system, Shuffled(system, store, "n1", "abc", Metrics()))]
        await store.close()

    with pytest.raises(ExceptionGroup) as failed:
        check_cluster(fresh, loop_factory=VirtualLoop)
    notes = [note for error in failed.value.exceptions for note in error.__notes__]
    assert "in ClusterContract.test_what_one_node_tells_a_name_comes_in_order, with {}" in notes
