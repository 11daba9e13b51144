"""The embedded store: its parts put together, and its life."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from ...config.clock import Clock, LoopClock
from ...config.metrics import Metrics
from ...config.units import MIB, SECONDS
from .accounts import SqliteAccounts
from .backup import back_up
from .connection import Connect, open_reader, open_writer, prepare_file
from .contacts import SqliteContacts
from .deletions import SqliteDeletions
from .generations import SqliteGenerations
from .heads import HeadsReader
from .invites import SqliteInvites
from .log_reader import LogReader
from .logs import SqliteLogs
from .memberships import SqliteMemberships
from .readers import Readers
from .rows import Names
from .writer import Writer


class SqliteStore(
    SqliteLogs,
    SqliteMemberships,
    SqliteAccounts,
    SqliteContacts,
    SqliteInvites,
    SqliteDeletions,
    SqliteGenerations,
):
    """`contract.Store` in one SQLite file, for one process.

    Nobody else may write to the file while it is open (the node's lock on its data directory keeps
    that): heads and epochs are kept in mind.

    Args:
        path: The database file; it and its directory are made if need be, for their owner alone.
        readers: Threads that read.
        most_works, most_bytes: What may wait to be written, in calls and in bytes of body; a full
            queue answers StoreRetryableError, as `most_reads` does for reads.
        erase_idle_s: How long nothing is written before the bytes of an erased text are cleaned
            out of the write-ahead log (a busy writer overwrites them as it goes).
        clock, metrics: Default to the real clock, and to none.
        connect: Opens the writing connection; for tests that make it fail.
    """

    def __init__(
        self,
        path: Path,
        *,
        readers: int = 2,
        most_works: int = 20_000,
        most_bytes: int = 64 * MIB,
        most_reads: int = 10_000,
        erase_idle_s: float = 1 * SECONDS,
        clock: Clock | None = None,
        metrics: Metrics | None = None,
        connect: Connect | None = None,
    ) -> None:
        self._path = path
        writer = Writer(
            path,
            connect or (lambda: open_writer(path)),
            clock=clock or LoopClock(),
            metrics=metrics,
            most_works=most_works,
            most_bytes=most_bytes,
            erase_idle_s=erase_idle_s,
        )
        pool = Readers(self._open_reader, threads=readers, most_waiting=most_reads)
        super().__init__(writer, pool)
        self._log_reader = LogReader(Names())
        self._heads_reader = HeadsReader(self._log_reader)

    async def open(self) -> None:
        if self._open:
            return
        prepare_file(self._path)
        await self._writer.start()
        self._readers.start()
        self._open = True

    async def close(self) -> None:
        if not self._open:
            return
        self._open = False
        # First what is under way, since an activation reads after its turn in the queue; then the
        # readers, so that the writer's connection is the last and takes the log files with it.
        await self._writer.drain()
        await self._readers.stop()
        await self._writer.stop()

    async def backup(self, target: Path) -> None:
        await self._readers.aside(lambda: back_up(self._open_reader, target))

    def _open_reader(self) -> sqlite3.Connection:
        return open_reader(self._path)


__all__ = ["SqliteStore"]
