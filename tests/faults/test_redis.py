"""A real Redis that is flushed, killed, or says nothing: the nodes come back into one view, in a
new generation where the old one was forgotten, and nobody claims what others may still own."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager

import pytest
from tests.support.nodes import Nodes, Phone, SharedStore, until
from tests.support.redis_server import RedisServer, running_redis
from tests.support.redis_wire import RedisWire, redis_wire

from hubbub.config.clock import LoopClock
from hubbub.config.errors import UnavailableError
from hubbub.config.ids import ConvId
from hubbub.storage.memory import MemoryStore
from hubbub.supervision.clusters import on_redis
from hubbub.transport.cluster.node_cluster import NodeCluster
from hubbub.transport.cluster.redis_bus import RedisOptions
from hubbub.transport.cluster.views import View

LEASE_S = 1.5
RENEW_S = 0.2


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@asynccontextmanager
async def three(server: RedisServer) -> AsyncGenerator[tuple[RedisWire, list[NodeCluster], View]]:
    async with redis_wire(server, lease_s=LEASE_S, renew_s=RENEW_S) as wire:
        nodes = [await wire.node(f"n{n}") for n in (1, 2, 3)]
        yield wire, nodes, await wire.agree(*nodes)


async def claims(nodes: list[NodeCluster], shard: int) -> tuple[NodeCluster, float]:
    """The node that claims a shard in the end, and when it could."""
    while True:
        for node in nodes:
            try:
                await node.epoch(shard)
            except UnavailableError:
                continue
            return node, time.monotonic()
        await asyncio.sleep(0.02)


async def test_after_a_flush_they_are_in_one_view_again_and_claim_nothing_for_one_lease(
    server: RedisServer,
) -> None:
    async with three(server) as (wire, nodes, before):
        await claims(nodes, 7)
        incarnations = [node.membership for node in nodes]
        flushed_at = time.monotonic()
        await wire.forget()
        after = await wire.agree(*nodes, above=before.id)
        assert after.id.generation == before.id.generation + 1
        assert [node.membership for node in nodes] == incarnations
        assert sum(7 in node.owned for node in nodes) == 1, "what is owned stays owned"
        _, claimed_at = await claims(nodes, 8)
        assert claimed_at - flushed_at >= LEASE_S


async def test_after_a_kill_they_find_an_empty_server_and_are_in_one_view_again(
    server: RedisServer,
) -> None:
    async with three(server) as (wire, nodes, before):
        server.kill()
        await asyncio.sleep(RENEW_S)
        server.start()
        began_at = time.monotonic()
        after = await wire.agree(*nodes, above=before.id)
        assert after.id.generation == before.id.generation + 1
        _, claimed_at = await claims(nodes, 8)
        assert claimed_at - began_at >= LEASE_S


async def test_nodes_that_cannot_renew_own_nothing_and_come_back_when_the_server_does(
    server: RedisServer,
) -> None:
    async with three(server) as (wire, nodes, before):
        owner, _ = await claims(nodes, 7)
        server.signal(signal.SIGSTOP)
        stopped_at = time.monotonic()
        await until(lambda: not any(node.may_own() for node in nodes))
        with pytest.raises(UnavailableError):
            await owner.epoch(7)
        # Who may own nothing any more lets go of it when its timer comes, a moment later.
        await until(lambda: not any(node.owned for node in nodes))
        assert time.monotonic() - stopped_at < LEASE_S
        server.signal(signal.SIGCONT)
        after = await wire.agree(*nodes, above=before.id)
        assert after.id.generation == before.id.generation, "nothing was forgotten"
        assert not after.incarnations & before.incarnations
        await claims(nodes, 7)


async def test_nodes_of_a_server_that_never_was_there_wait_and_join_when_it_is(
    server: RedisServer,
) -> None:
    server.kill()
    async with redis_wire(server, lease_s=LEASE_S, renew_s=RENEW_S) as wire:
        nodes = [await wire.node(f"n{n}") for n in (1, 2)]
        await asyncio.sleep(2 * RENEW_S)
        assert [node.view for node in nodes] == [None, None]
        server.start()
        assert (await wire.agree(*nodes)).id.generation == 1


async def test_a_chat_over_redis_loses_and_doubles_nothing_when_the_server_is_killed(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.support.nodes.RESEND_S", 1.0)
    here = Nodes()
    here.clock = LoopClock()
    here.store = SharedStore()
    here.cluster = on_redis(RedisOptions((server.url,), "town", LEASE_S, RENEW_S))
    await here.store.open()
    for name in ("n1", "n2", "n3"):
        await here.start(name)
    try:
        ann, bob = await here.phone("ann", "n1"), await here.phone("bob", "n2")
        conv = await ann.create("Tea", here.users["bob"])
        talk = asyncio.gather(_chatter(ann, conv), _chatter(bob, conv))
        await asyncio.sleep(0.3)
        server.kill()
        await asyncio.sleep(RENEW_S)
        server.start()
        await talk
        await until(lambda: ann.texts(conv) == bob.texts(conv) and len(ann.texts(conv)) == 40)
        assert sorted(ack.seq for phone in (ann, bob) for ack in phone.acks) == list(range(2, 42))
        for phone in (ann, bob):
            mine = [text for text in ann.texts(conv) if text.startswith(phone.user)]
            assert mine == [f"{phone.user} {n}" for n in range(20)]
    finally:
        for node in here.all():
            await here.stop(node.name)
        await MemoryStore.close(here.store)


async def _chatter(phone: Phone, conv: ConvId) -> None:
    for n in range(20):
        await phone.say(conv, f"{phone.user} {n}")
        await asyncio.sleep(0.02)
