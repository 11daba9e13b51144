"""How a node joins others, where the settings ask for it."""

from __future__ import annotations

from redis.exceptions import AuthenticationError, RedisError

from ..actors.ports import Residents
from ..actors.runtime.system import ActorSystem
from ..config.errors import StartError
from ..config.metrics import Metrics
from ..config.settings import Settings
from ..storage.accounts import Accounts
from ..storage.contract import Store
from ..transport.cluster.node_cluster import NodeCluster
from ..transport.cluster.redis_bus import RedisBus, RedisOptions
from ..transport.cluster.redis_links import RedisLinks
from ..transport.cluster.redis_pipe import RedisPipe
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
        ),
        weight=settings.weight,
    )


def on_redis(options: RedisOptions, *, weight: float = 1.0) -> MakeCluster:
    """What makes a node one of those that share these servers.

    Args:
        weight: How much of the shards it wants, against the others.
    """

    def make(
        system: ActorSystem,
        store: Store,
        residents: Residents,
        node: str,
        incarnation: str,
        metrics: Metrics,
    ) -> NodeCluster:
        bus = RedisBus(options, system, store, node, metrics)
        return NodeCluster(bus, system, store, residents, node, incarnation, metrics, weight=weight)

    return make


async def check_redis(settings: Settings) -> None:
    """See that each server lets us in. One that does not answer is waited for, later: it may be
    away for a moment, as it may be at any time.

    Raises:
        StartError: One refuses the user or the password, which no waiting changes.
    """
    for url in settings.redis:
        links = RedisLinks.to(url, node=settings.node, timeout_s=settings.renew_s)
        pipe = RedisPipe(links.quick)
        try:
            await pipe.connect()
        except AuthenticationError:
            raise StartError(
                f"Redis at {links.place} refuses the user or the password of its URL"
            ) from None
        except (RedisError, OSError):
            continue
        finally:
            await pipe.close()
            await links.close()


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


__all__ = ["check_redis", "keep_apart", "make_cluster", "on_redis"]
