"""Reads: bounded, of one moment, typed when they fail."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hubbub.config.errors import StoreRefusedError, StoreRetryableError
from hubbub.storage.sqlite.connection import open_database, open_reader, open_writer
from hubbub.storage.sqlite.readers import Readers

from .faulty import raiser, sqlite_error


class Place:
    """A database, and connections to it that are counted."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer = open_database(path, lambda: open_writer(path))
        self.opened = 0
        self.fails: list[Exception] = []

    def connect(self) -> sqlite3.Connection:
        if self.fails:
            raise self.fails.pop()
        self.opened += 1
        return open_reader(self.path)

    def write(self, name: str) -> None:
        self.writer.execute("INSERT INTO names (name) VALUES (?)", (name,))


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    place = Place(tmp_path / "hubbub.db")
    yield place
    place.writer.close()


@pytest.fixture
async def readers(place: Place) -> AsyncIterator[Readers]:
    readers = Readers(place.connect, threads=2, most_waiting=5)
    readers.start()
    yield readers
    await readers.stop()


def count(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM names").fetchone()[0])


async def test_a_read_sees_what_was_committed_before_it(place: Place, readers: Readers) -> None:
    for n in range(1, 20):
        place.write(f"{n}")
        assert await readers.run(count) == n
    assert place.opened <= 2


async def test_all_of_a_read_is_of_one_moment(place: Place, readers: Readers) -> None:
    def twice(db: sqlite3.Connection) -> tuple[int, int]:
        first = count(db)
        place.write("meanwhile")
        return first, count(db)

    assert await readers.run(twice) == (0, 0)
    assert await readers.run(count) == 1


async def test_too_many_reads_are_refused_and_later_ones_are_not(readers: Readers) -> None:
    go = threading.Event()

    def wait(db: sqlite3.Connection) -> str:
        assert go.wait(20)
        return "read"

    async def open_the_gate() -> None:
        go.set()

    outcomes = await asyncio.gather(
        *(readers.run(wait) for _ in range(7)), open_the_gate(), return_exceptions=True
    )
    assert outcomes[:5] == ["read"] * 5
    assert [type(outcome) for outcome in outcomes[5:7]] == [StoreRetryableError] * 2
    assert await readers.run(count) == 0


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (sqlite_error(sqlite3.SQLITE_IOERR), StoreRetryableError),
        (sqlite_error(sqlite3.SQLITE_CORRUPT), StoreRetryableError),
        (MemoryError(), StoreRetryableError),
        (OverflowError(), StoreRefusedError),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "private"), StoreRefusedError),
        (ZeroDivisionError(), ZeroDivisionError),
    ],
)
async def test_a_read_that_fails_is_told_by_what_is_known(
    readers: Readers, error: Exception, told: type[Exception]
) -> None:
    with pytest.raises(told) as caught:
        await readers.run(raiser(error))
    assert "private" not in str(caught.value)
    assert await readers.run(count) == 0


async def test_a_connection_that_cannot_be_opened_may_be_tried_again(
    place: Place, readers: Readers
) -> None:
    place.fails.append(sqlite_error(sqlite3.SQLITE_CANTOPEN))
    with pytest.raises(StoreRetryableError):
        await readers.run(count)
    assert await readers.run(count) == 0


async def test_stop_waits_for_reads_even_of_those_who_went_away(
    place: Place, readers: Readers
) -> None:
    go = threading.Event()
    seen: list[int] = []

    def wait(db: sqlite3.Connection) -> None:
        assert go.wait(20)
        seen.append(count(db))

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await readers.run(wait)
    asyncio.get_running_loop().call_soon(go.set)
    await readers.stop()
    assert not [t for t in threading.enumerate() if t.name.startswith("hubbub-sqlite-reader")]
    with pytest.raises(StoreRefusedError):
        await readers.run(count)
    with pytest.raises(StoreRefusedError):
        await readers.aside(lambda: None)


async def test_long_work_has_a_thread_of_its_own(readers: Readers) -> None:
    name = await readers.aside(lambda: threading.current_thread().name)
    assert name.startswith("hubbub-sqlite-aside")
    with pytest.raises(ZeroDivisionError):
        await readers.aside(raiser(ZeroDivisionError()))
