"""What the parts of the store share: the way to the ring, and their state of life."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from ...config.errors import StoreError, StoreRefusedError
from .bridge import Bridge, Row
from .committer import Committer
from .works import Alone, Append, Project, Work

T = TypeVar("T")


class CassandraBase:
    """Where the parts of the store ask for what they want read and written."""

    _bridge: Bridge
    _committer: Committer

    def __init__(self) -> None:
        self._open = False
        #: {what is being changed: whose turn it is}, of all that somebody changes just now.
        self._turns: dict[Hashable, _Turn] = {}

    def _check_open(self) -> None:
        if not self._open:
            raise StoreRefusedError("the store is closed")

    async def _rows(self, cql: str, *values: object, serial: bool = False) -> list[Row]:
        """The rows of a statement."""
        self._check_open()
        return await self._bridge.run(cql, values, serial=serial)

    def _submit(self, work: Work) -> None:
        """Queue a work; after `close` it hears so, on the loop."""
        if self._open:
            self._committer.submit(work)
        elif isinstance(work, Append | Project):
            error: StoreError = StoreRefusedError("the store is closed")
            asyncio.get_running_loop().call_soon(work.done, error)

    async def _alone(self, shard: int | None, run: Callable[[], Awaitable[T]]) -> T:
        """Have something done between two commits, to a shard, or to none."""
        self._check_open()
        heard: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._committer.submit(Alone(shard, run, heard))
        return await heard

    @asynccontextmanager
    async def _turn(self, key: Hashable) -> AsyncGenerator[None]:
        """One at a time for a key, in the order of asking; other processes are kept off by
        conditions, which would only fail if we contended with ourselves."""
        turn = self._turns.setdefault(key, _Turn())
        turn.wanted += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.wanted -= 1
            if not turn.wanted:
                del self._turns[key]


@dataclass(slots=True)
class _Turn:
    """Whose turn it is, and how many want one."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    wanted: int = 0


__all__ = ["CassandraBase"]
