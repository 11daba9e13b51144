"""How a node joins others, where the settings ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from redis.asyncio import Redis
from tests.support.nobody import Nobody
from tests.support.nodes import Nodes, Phone, SharedStore, until
from tests.support.redis_server import running_redis

from hubbub.actors.ports import Residents
from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.clock import LoopClock
from hubbub.config.errors import StartError
from hubbub.config.metrics import Metrics
from hubbub.config.settings import Settings
from hubbub.storage.contract import Store
from hubbub.storage.memory import MemoryStore
from hubbub.supervision.clusters import check_redis, keep_apart, make_cluster
from hubbub.transport.cluster.bus import Batch
from hubbub.transport.cluster.node_cluster import NodeCluster
from hubbub.transport.cluster.redis_bus import RedisBus, RedisOptions
from hubbub.transport.cluster.redis_keys import RedisKeys

if TYPE_CHECKING:
    from tests.support.redis_server import RedisServer


def test_a_node_without_a_redis_is_alone() -> None:
    assert make_cluster(Settings()) is None


def test_a_store_of_one_node_cannot_be_shared() -> None:
    with pytest.raises(StartError, match="a SQLite file is one node's alone"):
        make_cluster(Settings(redis=("redis://h",)))


async def test_a_node_with_a_redis_and_a_store_to_share_is_one_of_several() -> None:
    make = make_cluster(Settings(redis=("redis://h",), store="cassandra", node="n7", weight=2))
    assert make is not None
    async with ActorSystem() as system:
        cluster = make(system, MemoryStore(), Nobody(), "n7", "life", Metrics())
        assert (cluster.node, cluster.incarnation) == ("n7", "life")
        assert isinstance(cluster, NodeCluster)
        assert cluster.renewal().member.weight == 2


async def test_a_store_is_that_of_the_first_cluster_and_of_no_other() -> None:
    store = MemoryStore()
    await store.open()
    await keep_apart(store, "chat")
    await keep_apart(store, "chat")
    with pytest.raises(StartError, match="is that of cluster chat, not of staging: give each"):
        await keep_apart(store, "staging")
    await store.close()


@pytest.mark.parametrize("secret", ["", "s3cret:wr0ng@", ":wr0ng@"])
async def test_a_redis_that_lets_nobody_in_is_named_without_the_password(secret: str) -> None:
    with running_redis("--requirepass", "right") as server:
        place = f"127.0.0.1:{server.port}/0"
        with pytest.raises(StartError) as refused:
            await check_redis(Settings(redis=(f"redis://{secret}{place}",)))
        assert f"{refused.value}" == f"Redis at {place} refuses the user or the password of its URL"
        await check_redis(Settings(redis=(f"redis://:right@{place}",)))


async def test_a_redis_that_is_away_is_waited_for_later() -> None:
    with running_redis() as server:
        server.kill()
        await check_redis(Settings(redis=(server.url,)))


class CountedBus(RedisBus):
    """One that writes down how many envelopes it sends to whom."""

    sent: list[tuple[str, int]]

    def send(self, receiver: str, batch: Batch) -> None:
        self.sent.append((receiver, len(batch.envelopes)))
        super().send(receiver, batch)


async def test_a_message_to_a_hundred_members_is_one_envelope_on_each_other_nodes_stream(
    redis_server: RedisServer,
) -> None:
    # No lease is renewed while it is counted: that writes to a stream, too.
    options = RedisOptions((redis_server.url,), "hundred", lease_s=60.0, renew_s=20.0)
    sent: list[tuple[str, int]] = []

    def make(
        system: ActorSystem,
        store: Store,
        residents: Residents,
        node: str,
        incarnation: str,
        metrics: Metrics,
    ) -> NodeCluster:
        bus = CountedBus(options, system, store, node, metrics)
        bus.sent = sent
        return NodeCluster(bus, system, store, residents, node, incarnation, metrics)

    here = Nodes()
    here.clock, here.store, here.cluster = LoopClock(), SharedStore(), make
    await here.store.open()
    link = Redis.from_url(redis_server.url)  # pyright: ignore[reportUnknownMemberType]
    try:
        clusters = [(await here.start(name)).cluster for name in ("n1", "n2", "n3")]
        await until(lambda: all(c.view and len(c.view.members) == 3 for c in clusters))
        view = clusters[0].view
        assert view is not None
        placement = view.placement()
        for n in range(100):
            here.users[f"p{n}"] = await here["n1"].chat.add_user(f"p{n}")
        phones: dict[str, list[Phone]] = {name: [] for name in placement.nodes}
        for person, user in here.users.items():
            home = placement.home(user)
            assert home is not None
            phones[home].append(await here.phone(person, home))
        everybody = [phone for those in phones.values() for phone in those]
        conv = await everybody[0].create("All", *(p.user for p in everybody[1:]))
        owner = placement.owner(conv)
        assert owner is not None
        await until(lambda: all(conv in phone.log for phone in everybody))

        async def entries() -> dict[str, int]:
            """What was ever written to each stream."""
            found: dict[str, int] = {}
            for cluster in clusters:
                key = RedisKeys(options.cluster).stream(cluster.membership)
                about: Any = await link.xinfo_stream(key)  # pyright: ignore[reportUnknownMemberType]
                found[cluster.node] = about["entries-added"]
            return found

        before = await entries()
        sent.clear()
        await phones[owner][0].say(conv, "hello")
        await until(lambda: all(phone.texts(conv) == ["hello"] for phone in everybody))
        others = {c.node: c.membership for c in clusters if c.node != owner}
        assert sorted(sent) == sorted((membership, 1) for membership in others.values())
        after = await entries()
        assert after == {node: count + (node in others) for node, count in before.items()}
    finally:
        await link.aclose()
        for node in here.all():
            await here.stop(node.name)
        await MemoryStore.close(here.store)
