"""How a node joins others, where the settings ask for it."""

from __future__ import annotations

from ..actors.ports import Residents
from ..actors.runtime.system import ActorSystem
from ..config.errors import StartError
from ..config.metrics import Metrics
from ..config.settings import Settings
from ..storage.accounts import Accounts
from ..storage.contract import Store
from ..transport.cluster.node_cluster import NodeCluster
from ..transport.cluster.redis_bus import RedisBus, RedisOptions
from .chat import MakeCluster


def make_cluster(settings: Settings) -> MakeCluster | None:
    """What makes the node one of several; None where it is alone.

    Raises:
        StartError: Its store is one that nodes cannot share.
    """
    if not settings.redis:
        return None
    if settings.store == "sqlite":
        raise StartError(
            "redis makes a node one of several, and a SQLite file is one node's alone: "
            "choose a store that nodes share (--store cassandra), or leave redis out"
        )
    return on_redis(
        RedisOptions(
            urls=settings.redis,
            cluster=settings.cluster,
            lease_s=settings.lease_s,
            renew_s=settings.renew_s,
            stream_bytes=settings.stream_bytes,
            waiting_bytes=settings.bus_bytes,
        )
    )


def on_redis(options: RedisOptions) -> MakeCluster:
    """What makes a node one of those that share these servers."""

    def make(
        system: ActorSystem,
        store: Store,
        residents: Residents,
        node: str,
        incarnation: str,
        metrics: Metrics,
    ) -> NodeCluster:
        bus = RedisBus(options, system, store, node, metrics)
        return NodeCluster(bus, system, store, residents, node, incarnation, metrics)

    return make


async def keep_apart(accounts: Accounts, cluster: str) -> None:
    """See that a store is this cluster's; the first one to ask has it for ever.

    Two clusters in one store would depose each other's owners shard by shard: nothing is lost, and
    nothing gets done.

    Raises:
        StartError: It is another one's.
    """
    owner = (await accounts.secret("cluster", cluster.encode())).decode()
    if owner != cluster:
        raise StartError(
            f"this store is that of cluster {owner}, not of {cluster}: "
            "give each cluster a keyspace of its own, or use its name"
        )


__all__ = ["keep_apart", "make_cluster", "on_redis"]
