"""A consistent copy of a database in use."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from ...config.errors import StoreRefusedError, StoreRetryableError
from .connection import Connect
from .verdict import verdict


def back_up(connect: Connect, target: Path) -> None:
    """Copy the database as it is now to a new file (0600); the writer goes on meanwhile.

    The copy is one read transaction: it holds up no commit, only the emptying of the write-ahead
    log. It gets its name when it is whole and on the disk.

    Raises:
        StoreRefusedError: The target exists, or cannot be written.
        StoreRetryableError: It did not fit, or the database could not be read.
    """
    partial = target.with_name(target.name + ".partial")
    reserved = False
    try:
        _make(target)
        reserved = True
        partial.unlink(missing_ok=True)  # of a copy that was killed
        _make(partial)
        _copy(connect, partial)
        _sync(partial)
        partial.replace(target)
        _sync(target.parent)
    except BaseException as error:
        if reserved:
            target.unlink(missing_ok=True)
            partial.unlink(missing_ok=True)
        if isinstance(error, FileExistsError):
            raise StoreRefusedError(f"{target} exists already") from None
        if isinstance(error, OSError):
            raise StoreRefusedError(f"{target} cannot be written: {error.strerror}") from None
        if isinstance(error, sqlite3.Error):
            reason = verdict(error, committing=False)
            raise StoreRetryableError(f"no copy was made: {reason or error}") from None
        raise


def _make(path: Path) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _copy(connect: Connect, target: Path) -> None:
    source = connect()
    try:
        copy = sqlite3.connect(target, isolation_level=None)
        try:
            # All pages in one step, during which Python runs on; between smaller steps the writer
            # would commit, and the copy would have to start over.
            source.backup(copy, pages=-1)
            # A lone file: the log of the copy is not to be left beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
        finally:
            copy.close()
    finally:
        source.close()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


__all__ = ["back_up"]
