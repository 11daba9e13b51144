"""Reads, on a few threads with a connection each."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

import structlog

from ...config.errors import StoreRefusedError, StoreRetryableError
from .connection import Connect
from .verdict import verdict

T = TypeVar("T")
log = structlog.get_logger(__name__)


class Readers:
    """Runs functions that read, each in one read transaction: all it sees is of one moment.

    A read sees every commit whose outcome was told before it was asked for. At most `most_waiting`
    wait or run; what comes on top is answered StoreRetryableError.
    """

    def __init__(self, connect: Connect, *, threads: int, most_waiting: int) -> None:
        self._connect = connect
        self._threads = threads
        self._most_waiting = most_waiting
        self._pool: ThreadPoolExecutor | None = None
        self._idle: list[sqlite3.Connection] = []
        self._pending = 0
        self._quiet = asyncio.Event()

    def start(self) -> None:
        """Ready to read; threads and connections come with the first reads."""
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="hubbub-sqlite-reader")
        self._quiet.set()

    async def stop(self) -> None:
        """Finish the reads under way, then end the threads."""
        await self._quiet.wait()
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown()
        while self._idle:
            self._idle.pop().close()

    async def run(self, read: Callable[[sqlite3.Connection], T]) -> T:
        """The result of `read`, from one of the threads.

        Raises:
            StoreRefusedError: The store is closed, or what is asked for cannot be in it.
            StoreRetryableError: Too many reads wait, or the file cannot be read just now.
        """
        if self._pool is None:
            raise StoreRefusedError("the store is closed")
        if self._pending >= self._most_waiting:
            raise StoreRetryableError(f"{self._pending} reads are waiting already")
        return await self._in_pool(self._pool, self._read, read)

    async def aside(self, work: Callable[[], T]) -> T:
        """The result of a long piece of work, on a thread of its own; `stop` waits for it."""
        if self._pool is None:
            raise StoreRefusedError("the store is closed")
        pool = ThreadPoolExecutor(1, thread_name_prefix="hubbub-sqlite-aside")
        try:
            return await self._in_pool(pool, _call, work)
        finally:
            pool.shutdown(wait=False)

    async def _in_pool(
        self, pool: ThreadPoolExecutor, run: Callable[[Callable[..., T]], T], arg: Callable[..., T]
    ) -> T:
        loop = asyncio.get_running_loop()
        self._pending += 1
        self._quiet.clear()
        future = pool.submit(run, arg)
        # Told by the thread, not by the awaited future: who waits may go away before it ends.
        future.add_done_callback(lambda _: self._tell_end(loop))
        return await asyncio.wrap_future(future)

    def _tell_end(self, loop: asyncio.AbstractEventLoop) -> None:
        with suppress(RuntimeError):  # the loop was closed before the store
            loop.call_soon_threadsafe(self._finished)

    def _finished(self) -> None:
        self._pending -= 1
        if not self._pending:
            self._quiet.set()

    # --- in a reader's thread -------------------------------------------------------------------

    def _read(self, read: Callable[[sqlite3.Connection], T]) -> T:
        try:
            db = self._idle.pop()
        except IndexError:
            db = None
        try:
            if db is None:
                db = self._connect()
            db.execute("BEGIN")
            try:
                return read(db)
            finally:
                db.execute("COMMIT")
        except Exception as error:
            if db is not None:
                with suppress(sqlite3.Error):
                    db.close()
                db = None
            if not isinstance(error, (sqlite3.Error, UnicodeError, OverflowError, MemoryError)):
                raise
            outcome = verdict(error, committing=False)
            if outcome is None:
                outcome = StoreRefusedError(f"cannot be read ({type(error).__name__})")
            log.error("read_failed", error=str(outcome))
            raise outcome from None
        finally:
            if db is not None:
                self._idle.append(db)


def _call(work: Callable[[], T]) -> T:
    return work()


__all__ = ["Readers"]
