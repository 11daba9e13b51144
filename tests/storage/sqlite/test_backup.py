"""Copies of a store in use."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hubbub.config.errors import StoreRefusedError, StoreRetryableError
from hubbub.storage.records import Projection
from hubbub.storage.sqlite.backup import back_up
from hubbub.storage.sqlite.connection import open_reader
from hubbub.storage.sqlite.store import SqliteStore
from hubbub.testkit.contracts.hands import PHONE, Log, Outcomes, conv_id

from .faulty import raiser, sqlite_error

TEA, CAKE = conv_id("tea"), conv_id("cake")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(tmp_path / "hubbub.db")
    await store.open()
    yield store
    await store.close()


async def test_a_copy_opens_as_a_store_with_everything_in_it(
    store: SqliteStore, tmp_path: Path
) -> None:
    log = await Log.claim(store, TEA)
    entries = await log.say("1", "2", "3")
    target = tmp_path / "copy.db"
    await store.backup(target)
    await log.say("4, after the copy")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    copy = SqliteStore(target)
    await copy.open()
    there = Log(copy, TEA, log.epoch, head=3)
    assert [m.entry for m in await there.read()] == entries
    await there.say("goes on")
    await copy.close()
    assert not (tmp_path / "copy.db-wal").exists()
    assert not (tmp_path / "copy.db.partial").exists()


async def test_a_copy_made_while_writing_is_of_one_moment(
    store: SqliteStore, tmp_path: Path
) -> None:
    tea, cake = await Log.claim(store, TEA), await Log.claim(store, CAKE)
    outcomes = Outcomes()

    async def write() -> None:
        for n in range(1, 400):
            for log in (tea, cake):
                name = f"{n} {log.conv}"
                store.append(
                    log.conv, log.epoch, [log.entry(b"x" * 500, seq=n)], outcomes.hear(name)
                )
            await outcomes.of(f"{n} {cake.conv}")

    await asyncio.gather(write(), *(store.backup(tmp_path / f"copy {n}") for n in range(4)))
    for n in range(4):
        copy = SqliteStore(tmp_path / f"copy {n}")
        await copy.open()
        heads = [await copy.head(conv) for conv in (TEA, CAKE)]
        await copy.close()
        assert heads[0][0] - heads[1][0] in (0, 1), "each entry of tea is followed by one of cake"
        for log, (head, _) in zip((tea, cake), heads, strict=True):
            assert len(await Log(store, log.conv, log.epoch).read(1, head)) == head
    assert all(error is None for _, error in outcomes.order)


async def test_a_copy_of_an_erased_text_does_not_hold_it(
    store: SqliteStore, tmp_path: Path
) -> None:
    log = await Log.claim(store, TEA)
    await log.add(log.entry("plain TOPSECRET text", dev=PHONE))
    await log.project(Projection(1, 1, deleted=True))
    await store.backup(tmp_path / "copy")
    assert b"TOPSECRET" not in (tmp_path / "copy").read_bytes()


async def test_an_existing_file_is_not_overwritten(store: SqliteStore, tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("precious")
    with pytest.raises(StoreRefusedError, match="exists"):
        await store.backup(target)
    assert target.read_text() == "precious"


async def test_a_place_that_cannot_be_written_is_refused(
    store: SqliteStore, tmp_path: Path
) -> None:
    with pytest.raises(StoreRefusedError, match="cannot be written"):
        await store.backup(tmp_path / "missing" / "copy")


async def test_what_a_killed_copy_left_is_no_hindrance(store: SqliteStore, tmp_path: Path) -> None:
    (tmp_path / "copy.partial").write_text("half a copy")
    await store.backup(tmp_path / "copy")
    assert not (tmp_path / "copy.partial").exists()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (sqlite_error(sqlite3.SQLITE_FULL), StoreRetryableError),
        (sqlite3.OperationalError("odd"), StoreRetryableError),
        (ZeroDivisionError(), ZeroDivisionError),
    ],
)
def test_a_copy_that_fails_leaves_nothing(
    tmp_path: Path, error: Exception, told: type[Exception]
) -> None:
    with pytest.raises(told):
        back_up(raiser(error), tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []


def test_a_copy_of_a_broken_file_leaves_nothing(tmp_path: Path) -> None:
    source = tmp_path / "source"
    sqlite3.connect(source).close()
    source.write_bytes(b"SQLite format 3\x00" + b"\x01" * 5000)
    with pytest.raises(StoreRetryableError):
        back_up(lambda: open_reader(source), tmp_path / "copy")
    assert [p.name for p in tmp_path.iterdir()] == ["source"]


async def test_a_closed_store_makes_no_copy(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "hubbub.db")
    with pytest.raises(StoreRefusedError, match="closed"):
        await store.backup(tmp_path / "copy")


async def test_close_waits_for_a_copy_under_way(store: SqliteStore, tmp_path: Path) -> None:
    copying, _ = await asyncio.gather(
        store.backup(tmp_path / "copy"), store.close(), return_exceptions=True
    )
    assert copying is None
    assert (tmp_path / "copy").stat().st_size > 4096
