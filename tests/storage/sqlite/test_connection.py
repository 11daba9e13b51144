"""The file's modes, and one clear line for a place that cannot be used."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hubbub.config.errors import HubbubError, SchemaError, StartError
from hubbub.storage.sqlite.connection import open_database, open_reader, open_writer, prepare_file
from hubbub.storage.sqlite.store import SqliteStore

from .faulty import Faults, raiser, sqlite_error


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def refusal(path: Path) -> HubbubError:
    """What opening says; it is one line, and no thread stays."""
    store = SqliteStore(path)
    with pytest.raises((StartError, SchemaError)) as caught:
        await store.open()
    await store.close()
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    return caught.value


@pytest.fixture
def loose_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("loose_umask")
async def test_everything_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "deep" / "hubbub.db"
    store = SqliteStore(path)
    await store.open()
    await store.claim(1)
    assert mode(path.parent) == 0o700
    for name in ("hubbub.db", "hubbub.db-wal", "hubbub.db-shm"):
        assert mode(path.with_name(name)) == 0o600
    await store.close()
    assert [p.name for p in path.parent.iterdir()] == ["hubbub.db"]


async def test_files_that_others_may_read_are_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "hubbub.db"
    for name in ("hubbub.db", "hubbub.db-wal", "hubbub.db-shm"):
        path.with_name(name).touch(0o644)
    prepare_file(path)
    for name in ("hubbub.db", "hubbub.db-wal", "hubbub.db-shm"):
        assert mode(path.with_name(name)) == 0o600


async def test_a_directory_is_no_database(tmp_path: Path) -> None:
    assert isinstance(await refusal(tmp_path), StartError)


async def test_a_path_through_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert isinstance(await refusal(tmp_path / "file" / "hubbub.db"), StartError)


async def test_a_device_is_no_database() -> None:
    assert isinstance(await refusal(Path("/proc/version")), StartError)


async def test_a_file_of_something_else_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "hubbub.db"
    path.write_bytes(b"Dear diary, today I was mistaken for a database. " * 100)
    before = path.read_bytes()
    assert isinstance(await refusal(path), SchemaError)
    assert path.read_bytes() == before, "and it is left alone"


@pytest.mark.parametrize("where", [0.2, 0.5, 0.9])
async def test_a_damaged_database_is_told(tmp_path: Path, where: float) -> None:
    path = tmp_path / "hubbub.db"
    store = SqliteStore(path)
    await store.open()
    await asyncio.gather(*(store.secret(f"name {n}", b"x" * 100) for n in range(900)))
    await store.close()
    raw = bytearray(path.read_bytes())
    start = int(len(raw) * where) // 4096 * 4096
    raw[start : start + 4096] = os.urandom(4096)
    path.write_bytes(raw)
    error = await refusal(path)
    assert isinstance(error, SchemaError)
    assert "damaged" in str(error)


async def test_a_truncated_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "hubbub.db"
    store = SqliteStore(path)
    await store.open()
    await store.close()
    with path.open("r+b") as file:
        file.truncate(5 * 4096)
    assert isinstance(await refusal(path), SchemaError)


async def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "hubbub.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE recipes (name TEXT)")
    error = await refusal(path)
    assert isinstance(error, SchemaError)
    assert "another program" in str(error)


def test_a_file_system_without_a_shared_log_is_told(tmp_path: Path) -> None:
    def connect() -> sqlite3.Connection:
        return sqlite3.connect(":memory:", isolation_level=None)

    with pytest.raises(StartError, match="write-ahead log"):
        open_database(tmp_path / "hubbub.db", connect)


def test_a_failure_of_another_kind_is_told_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "hubbub.db"
    faults = Faults()
    faults.before("PRAGMA journal_mode", sqlite_error(sqlite3.SQLITE_BUSY))
    with pytest.raises(StartError, match="cannot be used"):
        open_database(path, faults.connect(path))
    with pytest.raises(ZeroDivisionError):
        open_database(path, raiser(ZeroDivisionError()))


@pytest.mark.parametrize("opener", [open_reader, open_writer])
def test_a_connection_that_cannot_be_set_up_is_closed(
    tmp_path: Path, opener: Callable[[Path], object]
) -> None:
    path = tmp_path / "hubbub.db"
    path.write_bytes(b"no database at all, but long enough to be looked at" * 20)
    with pytest.raises(sqlite3.DatabaseError):
        opener(path)


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    path = tmp_path / "hubbub.db"
    open_database(path, lambda: open_writer(path)).close()
    with (
        closing(open_reader(path)) as db,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        db.execute("INSERT INTO shards (shard, epoch) VALUES (1, 1)")


def test_a_commit_is_on_the_disk_and_what_is_deleted_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "hubbub.db"
    with closing(open_database(path, lambda: open_writer(path))) as db:
        pragmas = ("journal_mode", "synchronous", "secure_delete", "busy_timeout")
        values = [db.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas]
    assert values == ["wal", 2, 1, 5000]
