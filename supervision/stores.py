"""The store that the settings ask for."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from ..config.clock import Clock
from ..config.ids import ConvId
from ..config.metrics import Metrics
from ..config.settings import Settings
from ..storage.cassandra.options import CassandraOptions
from ..storage.contract import Store
from ..storage.sqlite.store import SqliteStore
from .data_dir import DataDir


class Start(Protocol):
    """Starts a task: `actors.runtime.tasks.Tasks.start`."""

    def __call__(self, coro: Coroutine[Any, Any, None], name: str) -> object: ...


def make_store(
    settings: Settings,
    data: DataDir,
    start: Start,
    *,
    unsettled: Callable[[ConvId], None] = lambda _: None,
    clock: Clock | None = None,
    metrics: Metrics | None = None,
) -> Store:
    """A store, not yet open.

    Args:
        unsettled: Told of a log whose end waits for its owner: `Chat.take_up`.
    """
    if settings.store == "sqlite":
        return SqliteStore(data.database, clock=clock, metrics=metrics)
    # Not at the top: the driver takes a while to import, and most nodes need none of it.
    from ..storage.cassandra.store import CassandraStore  # noqa: PLC0415

    return CassandraStore(
        cassandra_options(settings), start, unsettled=unsettled, clock=clock, metrics=metrics
    )


def cassandra_options(settings: Settings) -> CassandraOptions:
    """How the ring is reached."""
    return CassandraOptions(
        contact_points=settings.cassandra_contact_points,
        port=settings.cassandra_port,
        datacentre=settings.cassandra_datacentre or None,
        keyspace=settings.cassandra_keyspace,
        replication=settings.cassandra_replication,
        consistency=settings.cassandra_consistency,
        timeout_s=settings.cassandra_timeout_s,
        user=settings.cassandra_user,
        password=settings.cassandra_password,
        tls=settings.cassandra_tls,
        tls_ca=settings.cassandra_tls_ca,
        tls_cert=settings.cassandra_tls_cert,
        tls_key=settings.cassandra_tls_key,
    )


__all__ = ["cassandra_options", "make_store"]
