"""What the parts of the store share: the writer, the readers, and their state of life."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from typing import TypeVar

from ...config.errors import StoreRefusedError
from .readers import Readers
from .transaction import Transaction
from .work import Call, Look, Work, WriteBehind
from .writer import Writer

T = TypeVar("T")


class SqliteBase:
    """Where the parts of the store hand in what they want written and read."""

    def __init__(self, writer: Writer, readers: Readers) -> None:
        self._writer = writer
        self._readers = readers
        self._open = False

    def _submit(self, work: Work) -> None:
        """Queue a work; after `close` it hears so, on the loop."""
        if self._open:
            self._writer.submit(work)
        else:
            work.give_up(StoreRefusedError("the store is closed"))
            asyncio.get_running_loop().call_soon(work.settle)

    def _write_behind(self, name: str, run: Callable[[Transaction], None]) -> None:
        """Have something written that nobody waits for."""
        self._submit(WriteBehind(name, run))

    async def _write(self, run: Callable[[Transaction], T]) -> T:
        """Have something written, in its turn; the result, once it is durable."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._submit(Call(run, future))
        return await future

    async def _look(self, run: Callable[[Transaction], T]) -> T:
        """See the data in its turn, changing nothing; a commit that fails does not fail it."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._submit(Look(run, future))
        return await future

    async def _read(self, read: Callable[[sqlite3.Connection], T]) -> T:
        """The result of a read."""
        return await self._readers.run(read)


__all__ = ["SqliteBase"]
