"""Runs batches of works on the writing connection, one transaction each."""

from __future__ import annotations

import sqlite3
from contextlib import suppress

import structlog

from ...config.clock import Clock
from ...config.errors import (
    HubbubError,
    OutcomeUnknownError,
    StoreError,
    StoreRefusedError,
    StoreRetryableError,
)
from ...config.metrics import Metrics
from .connection import BUSY_MS, Connect
from .tips import Tips
from .transaction import Transaction
from .verdict import verdict
from .work import Work

log = structlog.get_logger(__name__)


class Committer:
    """Owns the writing connection, and gets a new one when it broke. Of the writer's thread.

    Attributes:
        erased: Text was erased whose bytes are still in the write-ahead log.
    """

    def __init__(
        self, db: sqlite3.Connection, connect: Connect, clock: Clock, metrics: Metrics | None
    ) -> None:
        self._db: sqlite3.Connection | None = db
        self._connect = connect
        self._clock = clock
        self._metrics = metrics
        self._tips = Tips()
        self.erased = False

    def attempt(self, works: list[Work]) -> bool:
        """Run works as one transaction; each then knows its error or has none.

        Returns: False when it failed by a row of one of several works; nothing was written, and
            the works are to be tried in smaller batches.
        """
        started = self._clock.monotonic()
        tx: Transaction | None = None
        try:
            if self._db is None:
                self._db = self._connect()
            tx = Transaction(self._db, self._tips)
            for work in works:
                if work.void:
                    continue
                work.error = None
                try:
                    work.apply(tx)
                except HubbubError as refusal:
                    work.error = refusal
            tx.commit()
        except Exception as error:  # noqa: BLE001 the edge of the writer's thread, which must go on
            outcome = verdict(error, committing=tx is not None and tx.committing)
            self._take_back(unknown=isinstance(outcome, OutcomeUnknownError))
            if outcome is None:
                if len(works) > 1:
                    return False
                # Not the error's text: it may quote what somebody wrote.
                log.error("row_refused", error=type(error).__name__)
                outcome = StoreRefusedError(f"a row cannot be stored ({type(error).__name__})")
            else:
                log.error("commit_failed", error=str(outcome), works=len(works))
            meant = [work for work in works if not work.void]
            _fail([work for work in meant if not work.looks], outcome)
            self._look_again([work for work in meant if work.looks], outcome)
            return True
        self._tips.keep()
        self.erased = self.erased or tx.erased
        if self._metrics is not None and tx.rows:
            self._metrics.committed.inc(tx.rows)
            self._metrics.commit_rows.observe(tx.rows)
            self._metrics.commit_seconds.observe(self._clock.monotonic() - started)
        return True

    def empty_log(self) -> None:
        """Bring everything into the database file and cut the write-ahead log to nothing.

        A long read (a backup) keeps the log: it is not waited for, `erased` stays.
        """
        if self._db is None:
            return
        try:
            self._db.execute("PRAGMA busy_timeout = 0")
            try:
                (busy, _, _) = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                self._db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        except sqlite3.Error as error:
            log.warning("checkpoint_failed", error=str(error))
            return
        self.erased = self.erased and bool(busy)

    def close(self) -> None:
        """Empty the log and let go of the file."""
        self.empty_log()
        if self._db is not None:
            with suppress(sqlite3.Error):
                self._db.close()
            self._db = None

    def _look_again(self, works: list[Work], outcome: StoreError) -> None:
        """Let those look that change nothing: what failed was not theirs."""
        for work in works:
            try:
                if self._db is None:
                    self._db = self._connect()
                work.error = None
                work.apply(Transaction(self._db, self._tips))
            except HubbubError as refusal:
                work.error = refusal
            except Exception as error:  # noqa: BLE001 the edge of the writer's thread
                log.error("look_failed", error=type(error).__name__)
                refused = isinstance(outcome, StoreRefusedError)
                work.error = outcome if refused else StoreRetryableError("nothing can be read")

    def _take_back(self, *, unknown: bool) -> None:
        """Leave the failed transaction; after an unknown outcome everything is read again."""
        self._tips.undo()
        db = self._db
        if db is None:
            return
        try:
            if db.in_transaction:
                db.execute("ROLLBACK")
        except sqlite3.Error:
            unknown = True
        if unknown:
            self._db = None
            self._tips.forget()
            with suppress(sqlite3.Error):
                db.close()


def _fail(works: list[Work], outcome: StoreError) -> None:
    """Tell all works of a failed transaction.

    One that had been refused was refused in the light of what then did not happen, so it may try
    again; it did not happen for certain, even where the others' outcome is unknown.
    """
    for work in works:
        if work.error is not None and isinstance(outcome, OutcomeUnknownError):
            work.error = StoreRetryableError("the commit before it failed")
        else:
            work.error = outcome


__all__ = ["Committer"]
