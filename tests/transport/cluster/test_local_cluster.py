"""The Cluster port with one node."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.support.clock import ManualClock

from hubbub.actors.commands import HeadTold, WatchUser
from hubbub.actors.node_commands import Reread
from hubbub.actors.runtime.actor import LoopActor
from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.errors import UnavailableError
from hubbub.config.ids import ConvId, UserId
from hubbub.config.metrics import Metrics
from hubbub.storage.memory import MemoryStore
from hubbub.storage.memory_faults import FailNext, Hold
from hubbub.transport.cluster.local_cluster import LocalCluster
from hubbub.transport.cluster.unpushed import ROOM_S
from hubbub.transport.discovery import About

NEWS = HeadTold(ConvId("g_x"), 3)


class Listener(LoopActor):
    def __init__(self, heard: list[Any]) -> None:
        super().__init__()
        self.heard = heard

    async def on_receive(self, message: Any) -> None:
        if isinstance(message, asyncio.Event):
            await message.wait()
        self.heard.append(message)


async def node(system: ActorSystem, metrics: Metrics) -> tuple[LocalCluster, MemoryStore]:
    store = MemoryStore()
    await store.open()
    return LocalCluster(system, store, "n1", "abc", metrics), store


async def test_a_fan_out_reaches_those_who_are_here_and_wakes_nobody() -> None:
    async with ActorSystem() as system:
        cluster, _ = await node(system, Metrics())
        heard: list[Any] = []
        system.spawn(Listener, heard, name="user:a")
        system.set_activator("user", pytest.fail)
        cluster.fan_out(("user:a", "user:b"), NEWS)
        await system.settle()
        assert heard == [NEWS]
        assert (cluster.node, cluster.incarnation) == ("n1", "abc")


async def test_a_full_mailbox_is_counted_and_told_to_the_teller() -> None:
    async with ActorSystem(mailbox_limit=1) as system:
        metrics = Metrics()
        cluster, _ = await node(system, metrics)
        system.spawn(Listener, [], name="user:a")
        go_on = asyncio.Event()
        assert cluster.tell("user:a", go_on)
        await system.settle()
        assert cluster.tell("user:a", 1)
        assert not cluster.tell("user:a", 2)
        cluster.fan_out(("user:a",), NEWS)
        assert 'hubbub_dropped_total{reason="mailbox_full"} 2.0' in metrics.render().decode()
        go_on.set()


async def test_what_comes_while_its_supervisor_is_away_is_counted_and_lost_but_a_watch() -> None:
    clock = ManualClock()
    async with ActorSystem(clock=clock) as system:
        metrics = Metrics()
        cluster, _ = await node(system, metrics)

        def away(_: str) -> None:
            raise UnavailableError

        system.set_activator("user", away)
        assert not cluster.tell("user:a", 1)
        assert 'hubbub_dropped_total{reason="stopping"} 1.0' in metrics.render().decode()
        watch, heard = WatchUser(UserId("u_ann"), "session:n:i/1"), list[Any]()
        assert not cluster.tell("user:a", watch)
        system.set_activator("user", lambda name: system.spawn(Listener, heard, name=name))
        clock.advance(ROOM_S)
        await system.settle()
        assert heard == [watch]


async def test_who_had_no_room_for_what_was_fanned_out_looks_again() -> None:
    clock = ManualClock()
    async with ActorSystem(clock=clock, mailbox_limit=1) as system:
        cluster, _ = await node(system, Metrics())
        go_on, heard = asyncio.Event(), list[Any]()
        system.spawn(Listener, heard, name="user:a")
        cluster.tell("user:a", go_on)
        await system.settle()
        cluster.fan_out(("user:a",), NEWS)
        cluster.fan_out(("user:a",), NEWS)
        go_on.set()
        await system.settle()
        clock.advance(ROOM_S)
        await system.settle()
        assert heard == [go_on, NEWS, Reread()]


async def test_a_name_that_nobody_can_have_is_lost() -> None:
    async with ActorSystem() as system:
        cluster, _ = await node(system, Metrics())
        assert not cluster.tell("nobody:1", "hello")


async def test_a_shard_is_claimed_once_and_again_when_its_epoch_is_in_doubt() -> None:
    async with ActorSystem() as system:
        cluster, store = await node(system, Metrics())
        hold = Hold()
        store.faults.append(hold)
        asked = asyncio.gather(*(cluster.epoch(7) for _ in range(3)))
        await system.settle()
        hold.release()
        assert await asked == [1, 1, 1]
        cluster.disown(7, 99)
        assert await cluster.epoch(7) == 1
        cluster.disown(7, 1)
        assert await cluster.epoch(7) == 2


async def test_a_claim_that_fails_is_unavailable_to_all_who_wait_and_tried_again() -> None:
    async with ActorSystem() as system:
        cluster, store = await node(system, Metrics())
        store.faults.append(FailNext())
        outcomes = await asyncio.gather(cluster.epoch(7), cluster.epoch(7), return_exceptions=True)
        assert [type(o) for o in outcomes] == [UnavailableError, UnavailableError]
        assert await cluster.epoch(7) == 1


async def test_who_waits_for_a_claim_that_is_cancelled_hears_that_it_is_not_possible_now() -> None:
    async with ActorSystem() as system:
        cluster, store = await node(system, Metrics())
        store.faults.append(hold := Hold())
        claims = [system.tasks.start(cluster.epoch(7), "claim") for _ in range(2)]
        await asyncio.sleep(0)
        claims[0].cancel()
        with pytest.raises(UnavailableError):
            await claims[1]
        hold.release()
        assert await cluster.epoch(7)


@pytest.mark.parametrize("error", [ValueError("a bug"), asyncio.CancelledError()])
async def test_a_claim_that_breaks_leaves_nobody_waiting_and_is_made_anew(
    error: BaseException,
) -> None:
    async with ActorSystem() as system:
        cluster, store = await node(system, Metrics())
        broken = True
        claim = store.claim

        async def break_once(shard: int, **_: Any) -> int:
            nonlocal broken
            await asyncio.sleep(0)
            if broken:
                broken = False
                raise error
            return await claim(shard)

        store.claim = break_once  # type: ignore[method-assign]  # no fault of the store's own
        asked = (cluster.epoch(7), cluster.epoch(7))
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(o) for o in outcomes] == [type(error), UnavailableError]
        assert await cluster.epoch(7) == 1


async def test_a_node_of_its_own_tells_of_itself_unless_it_is_full() -> None:
    async with ActorSystem() as system:
        cluster, _ = await node(system, Metrics())
        assert cluster.open_nodes(7) == (About(),)
        assert cluster.addresses() == ()
        assert cluster.serves
        cluster.about = lambda: About("wss://n1.test/ws", full=True)
        assert cluster.open_nodes(7) == ()
        assert cluster.addresses() == ("wss://n1.test/ws",)
        await cluster.drain()
