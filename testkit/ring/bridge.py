"""A store's way to a ring in memory, and what goes wrong on that way alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from ...config.errors import StoreError, StoreRetryableError
from ...storage.cassandra.bridge import Answer, Bridge
from ...storage.cassandra.options import CassandraOptions
from .ring import Fate, MemoryRing
from .statements import Batch, read

Row = tuple[Any, ...]

#: Takes the step that an answer is, where the store lives.
Deliver = Callable[[Callable[[], object]], object]


def _at_once(step: Callable[[], object]) -> None:
    step()


def _by_chance(_: str) -> None:
    return None


class MemoryBridge:
    """Implements `Bridge`.

    Args:
        deliver: How an answer arrives; a node that is paused hears it when it goes on.

    Attributes:
        fates: Asked for the fate of each write, by its text; None leaves it to the ring.
        full: No write is taken.
        broken: No read is answered.
        slow: Everything takes this many times as long.
    """

    def __init__(self, ring: MemoryRing, deliver: Deliver = _at_once) -> None:
        self.fates: Callable[[str], Fate | None] = _by_chance
        self.full = False
        self.broken = False
        self.slow = 1.0
        self._ring = ring
        self._deliver = deliver

    @asynccontextmanager
    async def connected(self, _: CassandraOptions) -> AsyncGenerator[Bridge]:
        """What a store asks for: see `bridge.Connect`."""
        yield self

    def start(self, cql: str, values: Sequence[object] = (), *, serial: bool = False) -> Answer:
        """See `Bridge`.

        Raises:
            UnknownStatementError: The ring in memory would not know what it does.
        """
        statement = read(cql)
        answer: Answer = asyncio.get_running_loop().create_future()

        def told(rows: list[Row], error: StoreError | None) -> None:
            self._deliver(lambda: _settle(answer, rows, error))

        if isinstance(statement, Batch):
            fate = "refused" if self.full else self.fates(cql)
            conditional = statement.writes[0].condition is not None
            write = self._ring.decide if conditional else self._ring.write
            write(statement, values, told, fate, self.slow)
        elif self.broken:
            told([], StoreRetryableError("a fault was asked for"))
        else:
            look = self._ring.read_serial if serial else self._ring.read
            look(statement, values, told, self.slow)
        return answer

    async def run(
        self, cql: str, values: Sequence[object] = (), *, serial: bool = False
    ) -> list[Row]:
        """See `Bridge`."""
        return await self.start(cql, values, serial=serial)


def _settle(answer: Answer, rows: list[Row], error: StoreError | None) -> None:
    if answer.done():
        return  # who waited went away
    if error is None:
        answer.set_result(rows)
    else:
        answer.set_exception(error)
        # Whoever started several may give up at the first that fails; the rest is not news.
        answer.exception()


__all__ = ["Deliver", "MemoryBridge"]
