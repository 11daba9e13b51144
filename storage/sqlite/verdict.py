"""What is known after SQLite raised: refused, retryable, or outcome unknown."""

from __future__ import annotations

import sqlite3

from ...config.errors import OutcomeUnknownError, StoreError, StoreRetryableError

#: The world's doing: nothing is wrong with what was asked. Any other error is about a row.
_WORLD = {
    sqlite3.SQLITE_BUSY: "the database is in use by another program",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened",
    sqlite3.SQLITE_CORRUPT: "the database is damaged",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_INTERRUPT: "interrupted",
    sqlite3.SQLITE_IOERR: "the disk failed",
    sqlite3.SQLITE_LOCKED: "the database is in use",
    sqlite3.SQLITE_NOLFS: "the disk takes no file of this size",
    sqlite3.SQLITE_NOMEM: "out of memory",
    sqlite3.SQLITE_NOTADB: "the database is damaged",
    sqlite3.SQLITE_PERM: "the database may not be written",
    sqlite3.SQLITE_PROTOCOL: "the database is in use",
    sqlite3.SQLITE_READONLY: "the database may not be written",
}

#: These can come when the commit is already on the disk, say from its sync or from the index of the
#: write-ahead log. A full disk is not among them: it stops the write before its last frame.
_LATE = {
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_NOTADB,
}


def primary_code(error: BaseException) -> int:
    """SQLite's code without its extension; -1 for an error that has none."""
    code = getattr(error, "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else -1


def verdict(error: Exception, *, committing: bool) -> StoreError | None:
    """What to tell those whose transaction failed; None when one row of it is to blame.

    Args:
        committing: It failed while it was being made durable, so that it may have become so.
    """
    code = sqlite3.SQLITE_NOMEM if isinstance(error, MemoryError) else primary_code(error)
    reason = _WORLD.get(code)
    if reason is None:
        return None
    if committing and code in _LATE:
        return OutcomeUnknownError(f"{reason} on commit")
    return StoreRetryableError(reason)


__all__ = ["primary_code", "verdict"]
