"""The one thread that writes, with group commit.

    submit -> queue -> batch (what is queued by now) -> one transaction -> settle, on the loop

There is no added delay: while a commit runs, the next batch gathers by itself. A batch of which one
row cannot be stored is halved until that row is alone; the others are stored in order.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TypeVar

import structlog

from ...config.clock import Clock
from ...config.errors import HubbubError, StoreRetryableError
from ...config.metrics import Metrics
from ...config.units import MIB
from .committer import Committer
from .connection import Connect, open_database
from .transaction import Transaction
from .work import Call, Work

#: The most of one transaction; a work that is larger goes alone.
BATCH_WORKS = 1000
BATCH_ROWS = 1000
BATCH_BYTES = 1 * MIB

T = TypeVar("T")
log = structlog.get_logger(__name__)


class Writer:
    """Works in, one transaction after the other, outcomes on the loop in the same order.

    At most `most_works` and `most_bytes` wait; what comes on top is answered StoreRetryableError,
    in its turn, so that outcomes never overtake each other.
    """

    def __init__(
        self,
        path: Path,
        connect: Connect,
        *,
        clock: Clock,
        metrics: Metrics | None,
        most_works: int,
        most_bytes: int,
        erase_idle_s: float,
    ) -> None:
        self._path = path
        self._connect = connect
        self._clock = clock
        self._metrics = metrics
        self._most_works = most_works
        self._most_bytes = most_bytes
        self._erase_idle_s = erase_idle_s
        self._queue: SimpleQueue[Work | None] = SimpleQueue()
        # Of the loop's thread.
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended: asyncio.Future[None] | None = None
        self._waiting = 0
        self._waiting_bytes = 0
        # Of the writer's thread.
        self._carried: Work | None = None
        self._ending = False

    async def start(self) -> None:
        """Open the database.

        Raises:
            SchemaError: The data was written by a newer program.
            StartError: The file cannot be used.
        """
        self._loop = asyncio.get_running_loop()
        self._queue = SimpleQueue()
        self._ending = False
        self._ended = self._loop.create_future()
        opened: asyncio.Future[None] = self._loop.create_future()
        self._thread = threading.Thread(
            target=self._run, args=(opened,), name="hubbub-sqlite-writer", daemon=True
        )
        self._thread.start()
        try:
            await asyncio.shield(opened)
        except BaseException:
            await self.stop()
            if opened.done():
                opened.exception()  # who stopped waiting does not want to know
            raise

    async def stop(self) -> None:
        """Write what was handed in, empty the write-ahead log, end the thread."""
        thread, self._thread = self._thread, None
        if thread is not None and self._ended is not None:
            self._queue.put(None)
            await asyncio.shield(self._ended)
            thread.join()

    def submit(self, work: Work) -> None:
        """Queue a work; its `settle` comes later, never from inside this call."""
        if self._waiting >= self._most_works or self._waiting_bytes >= self._most_bytes:
            work.give_up(StoreRetryableError(f"{self._waiting} works are waiting already"))
        self._put(work)

    async def drain(self) -> None:
        """Wait until everything handed in before was settled."""
        assert self._loop is not None
        turn: asyncio.Future[None] = self._loop.create_future()
        self._put(Call(_nothing, turn))
        with suppress(HubbubError):
            await turn

    def _put(self, work: Work) -> None:
        self._waiting += 1
        self._waiting_bytes += work.size
        self._queue.put(work)

    def _settle(self, works: list[Work]) -> None:
        for work in works:
            self._waiting -= 1
            self._waiting_bytes -= work.size
            try:
                work.settle()
            except Exception:
                # One listener's mistake must not keep the others from hearing.
                log.exception("outcome_not_taken")

    # --- in the writer's thread -----------------------------------------------------------------

    def _run(self, opened: asyncio.Future[None]) -> None:
        try:
            db = open_database(self._path, self._connect)
        except Exception as error:  # noqa: BLE001 it is raised in `start`
            self._tell(opened.set_exception, error)
        else:
            committer = Committer(db, self._connect, self._clock, self._metrics)
            committer.empty_log()  # what a killed process left of erased texts
            self._tell(opened.set_result, None)
            while not self._ending:
                self._write(committer, self._gather(committer))
            committer.close()
        assert self._ended is not None
        self._tell(self._ended.set_result, None)

    def _gather(self, committer: Committer) -> list[Work]:
        """The next batch: what waits now, or else the first to come."""
        work, self._carried = self._carried or self._next(committer), None
        batch: list[Work] = []
        rows = size = 0
        while True:
            if work is None:
                self._ending = True
                return batch
            rows += work.rows
            size += work.size
            if batch and (rows > BATCH_ROWS or size > BATCH_BYTES):
                self._carried = work
                return batch
            batch.append(work)
            if len(batch) >= BATCH_WORKS:
                return batch
            try:
                work = self._queue.get_nowait()
            except Empty:
                return batch

    def _next(self, committer: Committer) -> Work | None:
        while committer.erased:
            try:
                return self._queue.get(timeout=self._erase_idle_s)
            except Empty:
                committer.empty_log()
        return self._queue.get()

    def _write(self, committer: Committer, batch: list[Work]) -> None:
        parts = [batch] if batch else []
        while parts:
            part = parts.pop()
            if committer.attempt(part):
                self._tell(self._settle, part)
            else:
                middle = len(part) // 2
                parts += [part[middle:], part[:middle]]

    def _tell(self, call: Callable[[T], None], what: T) -> None:
        """Call something on the loop, which may have been closed before the store."""
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(call, what)
        except RuntimeError:
            log.error("outcome_lost", why="the loop was closed")


def _nothing(_: Transaction) -> None:
    return None


__all__ = ["BATCH_BYTES", "BATCH_ROWS", "BATCH_WORKS", "Writer"]
