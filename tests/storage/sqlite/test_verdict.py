"""What is known after SQLite raised."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from hubbub.config.errors import OutcomeUnknownError, StoreRetryableError
from hubbub.storage.sqlite.verdict import primary_code, verdict

from .faulty import sqlite_error


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.execute("CREATE TABLE t (n INTEGER NOT NULL, b BLOB) STRICT")
        yield db


@pytest.mark.parametrize(
    "code",
    [
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_BUSY_SNAPSHOT,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_READONLY_DBMOVED,
    ],
)
@pytest.mark.parametrize("committing", [False, True])
def test_these_surely_did_not_happen(code: int, committing: bool) -> None:
    told = verdict(sqlite_error(code), committing=committing)
    assert isinstance(told, StoreRetryableError)


@pytest.mark.parametrize(
    "error",
    [
        sqlite_error(sqlite3.SQLITE_IOERR),
        sqlite_error(sqlite3.SQLITE_IOERR_FSYNC),
        sqlite_error(sqlite3.SQLITE_IOERR_WRITE),
        sqlite_error(sqlite3.SQLITE_NOMEM),
        sqlite_error(sqlite3.SQLITE_CORRUPT, sqlite3.DatabaseError),
        MemoryError(),
    ],
)
def test_these_may_have_happened_when_they_come_on_commit(error: Exception) -> None:
    assert isinstance(verdict(error, committing=False), StoreRetryableError)
    assert isinstance(verdict(error, committing=True), OutcomeUnknownError)


@pytest.mark.parametrize(
    "values",
    [
        (None, b""),
        ("text", b""),
        (1, "text"),
        (2**63, b""),
        (1, ["a list"]),
        (1, "\ud800"),
        (1,),
    ],
)
@pytest.mark.parametrize("committing", [False, True])
def test_a_row_that_sqlite_does_not_take_is_to_blame_itself(
    db: sqlite3.Connection, values: tuple[object, ...], committing: bool
) -> None:
    with pytest.raises((sqlite3.Error, ValueError, OverflowError)) as caught:
        db.execute("INSERT INTO t VALUES (?, ?)", values)
    assert verdict(caught.value, committing=committing) is None


def test_an_extended_code_is_told_by_its_kind() -> None:
    assert primary_code(sqlite_error(sqlite3.SQLITE_IOERR_FSYNC)) == sqlite3.SQLITE_IOERR
    assert primary_code(ValueError()) == -1
