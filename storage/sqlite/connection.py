"""Opening the database file: its modes, its pragmas, and one clear line when it cannot be used."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from ...config.errors import SchemaError, StartError
from ...config.units import MIB
from .schema import migrate
from .verdict import primary_code

#: Opens a connection; the writer calls it again when one broke.
Connect = Callable[[], sqlite3.Connection]

#: How long a connection waits for another program's lock on the file.
BUSY_MS = 5000

_PRAGMAS = """
PRAGMA synchronous = FULL;
PRAGMA wal_autocheckpoint = 4000;
PRAGMA cache_size = -65536;
PRAGMA secure_delete = ON;
PRAGMA temp_store = MEMORY;
"""

#: A file up to this size is checked whole when it is opened (some 20 ms for 16 MiB); damage in a
#: larger one shows when it is read.
_CHECKED_BYTES = 16 * MIB


def prepare_file(path: Path) -> None:
    """Make the directory (0700) and the file (0600), whatever the umask and the mode before.

    Raises:
        StartError: The place cannot be used.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)
        for suffix in ("-wal", "-shm"):
            # SQLite gives new ones the file's own mode; these are from an earlier life.
            beside = path.with_name(path.name + suffix)
            if beside.exists():
                beside.chmod(0o600)
    except IsADirectoryError:
        raise StartError(f"{path} is a directory, not a database file") from None
    except (OSError, ValueError) as error:
        raise StartError(f"{path} cannot be written: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def open_writer(path: Path) -> sqlite3.Connection:
    """The one connection that writes.

    `secure_delete` overwrites what is deleted; messages that stay cost nothing by it.
    """
    db = _open(path)
    try:
        db.executescript(_PRAGMAS)
    except BaseException:
        db.close()
        raise
    return db


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that only reads; it sees every commit that came before its transaction."""
    db = _open(path)
    try:
        db.executescript("PRAGMA query_only = ON; PRAGMA cache_size = -8192;")
    except BaseException:
        db.close()
        raise
    return db


def _open(path: Path) -> sqlite3.Connection:
    # Each connection is used by one thread at a time, though not always by the same one: readers
    # are closed by the loop's thread.
    return sqlite3.connect(
        path, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False
    )


def open_database(path: Path, connect: Connect) -> sqlite3.Connection:
    """The writer's first connection, with the newest schema.

    Raises:
        SchemaError: The file is newer than this program, another program's, or damaged.
        StartError: It cannot be written.
    """
    db: sqlite3.Connection | None = None
    try:
        db = connect()
        _prepare(path, db)
    except Exception as error:  # noqa: BLE001 it is raised again, in words
        if db is not None:
            db.close()
        raise _refusal(path, error) from None
    return db


def _prepare(path: Path, db: sqlite3.Connection) -> None:
    (mode,) = db.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StartError("this file system has no write-ahead log (a network one?)")
    migrate(db)
    if path.stat().st_size <= _CHECKED_BYTES:
        (found,) = db.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise SchemaError("the database is damaged")


def _refusal(path: Path, error: Exception) -> Exception:
    match error:
        case SchemaError():
            return SchemaError(f"{path}: {error}")
        case StartError():
            return StartError(f"{path}: {error}")
        case sqlite3.Error() if primary_code(error) == sqlite3.SQLITE_NOTADB:
            return SchemaError(f"{path} is not a database")
        case sqlite3.Error() if primary_code(error) == sqlite3.SQLITE_CORRUPT:
            return SchemaError(f"{path}: the database is damaged")
        case sqlite3.Error() | OSError():
            return StartError(f"{path} cannot be used: {_reason(error)}")
        case _:
            return error


__all__ = ["BUSY_MS", "Connect", "open_database", "open_reader", "open_writer", "prepare_file"]
