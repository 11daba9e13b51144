"""The store of a cluster: its parts put together, and its life."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from ...config.clock import Clock, LoopClock
from ...config.errors import StoreRefusedError
from ...config.ids import ConvId
from ...config.metrics import Metrics
from ...config.units import MIB
from .adoption import Adoption
from .bridge import Connect, Row
from .claims import Claims
from .committer import Committer, Start
from .deletions import CassandraDeletions
from .documents import Documents
from .driver_bridge import connected
from .effects import Effects
from .fence import Fence
from .generations import CassandraGenerations
from .heads import CassandraHeads
from .invites import CassandraInvites, Links
from .options import CassandraOptions
from .pages import Pages
from .person import Person
from .search import Search
from .sender import Sender


def _nobody_hears(_: ConvId) -> None:
    """For a store whose user wakes no owners."""


class CassandraStore(CassandraHeads, CassandraDeletions, CassandraInvites, CassandraGenerations):
    """`contract.Store` in Cassandra, shared by all nodes of a cluster.

    Args:
        start: Starts tasks: `actors.runtime.tasks.Tasks.start`.
        unsettled: Told of a log whose end waits for its owner: wake that one.
        most_works, most_bytes: What may wait to be committed, in calls and in bytes of body.
        clock, metrics: Default to the real clock, and to none.
        connect: Opens the way to the ring; defaults to the driver's.
    """

    def __init__(
        self,
        options: CassandraOptions,
        start: Start,
        *,
        unsettled: Callable[[ConvId], None] = _nobody_hears,
        most_works: int = 20_000,
        most_bytes: int = 64 * MIB,
        clock: Clock | None = None,
        metrics: Metrics | None = None,
        connect: Connect = connected,
    ) -> None:
        super().__init__()
        self._options = options
        self._start = start
        self._unsettled = unsettled
        self._most_works = most_works
        self._most_bytes = most_bytes
        self._clock = clock or LoopClock()
        self._metrics = metrics
        self._connect = connect
        self._way = AsyncExitStack()
        self._claims = Claims()
        #: What stands for the owner "": of this object, whatever it is called elsewhere.
        self._alone_name = f"#{secrets.token_hex(8)}"

    async def open(self) -> None:
        if self._open:
            return
        options = self._options
        self._bridge = bridge = await self._way.enter_async_context(self._connect(options))
        sender = Sender(bridge, self._clock, 2 * options.timeout_s)
        self._fence = Fence(bridge, self._alone_name)
        self._effects = Effects(bridge, self._claims)
        self._committer = Committer(
            self._fence,
            self._claims,
            Adoption(bridge, sender),
            sender,
            self._effects,
            start=self._start,
            clock=self._clock,
            metrics=self._metrics,
            most_works=self._most_works,
            most_bytes=self._most_bytes,
        )
        self._pages = Pages(bridge, self._fence, self._claims, self._adopt, self._unsettled)
        self._people = Documents(bridge, "people", Person)
        self._links = Documents(bridge, "group_links", Links)
        self._search = Search(bridge)
        self._open = True

    async def close(self) -> None:
        if not self._open:
            return
        self._open = False
        await self._committer.drain()
        await self._effects.store_tips(list(self._claims))
        await self._way.aclose()

    async def extent(self, conv: ConvId) -> tuple[int, bool]:
        """The newest seq of a log that surely counts, and whether nothing waits behind it."""
        self._check_open()
        seq, _, whole = await self._pages.certain(conv)
        return seq, whole

    async def look(self, cql: str, *values: object) -> list[Row]:
        """The rows of a statement that only reads; for `evidence`."""
        return await self._rows(cql, *values)

    async def backup(self, target: Path) -> None:
        raise StoreRefusedError(
            f"{target}: a ring is not copied into a file; take its own snapshots, on each node:"
            f" nodetool snapshot {self._options.keyspace}"
        )


__all__ = ["CassandraStore"]
