"""What is particular to SQLite about logs: an erased text leaves the files too."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hubbub.storage.records import Projection
from hubbub.storage.sqlite.store import SqliteStore
from hubbub.testkit.contracts.hands import Log, conv_id

from .faulty import Faults, soon

TEA = conv_id("tea")


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
async def store(tmp_path: Path, faults: Faults) -> AsyncIterator[SqliteStore]:
    path = tmp_path / "hubbub.db"
    store = SqliteStore(path, connect=faults.connect(path), erase_idle_s=0.01)
    await store.open()
    yield store
    await store.close()


def raw(path: Path) -> bytes:
    files = (path, path.with_name(path.name + "-wal"))
    return b"".join(file.read_bytes() for file in files if file.exists())


@pytest.mark.parametrize("size", [20, 3000, 90_000])
async def test_an_erased_text_is_in_no_file_soon_after(
    store: SqliteStore, tmp_path: Path, size: int
) -> None:
    path = tmp_path / "hubbub.db"
    log = await Log.claim(store, TEA)
    secret = b"TOPSECRET" * (size // 9)
    kept = b"INNOCENT" * (size // 8)
    for _ in range(20):
        await log.say(kept, secret)
        await log.add(log.entry(secret, kind="edit", target=log.head, count=log.head))
        projection = Projection(log.head - 1, log.head, secret)
        assert await log.project(projection) is None
    assert b"TOPSECRET" in raw(path)
    for seq in range(2, 61, 3):
        assert await log.project(Projection(seq, 60, deleted=True)) is None
    await soon(lambda: b"TOPSECRET" not in raw(path))
    assert b"INNOCENT" in raw(path)
    assert (await log.bodies()).count(kept) == 20


async def test_erasing_waits_for_a_long_read_and_is_done_after_it(
    store: SqliteStore, tmp_path: Path, faults: Faults
) -> None:
    path = tmp_path / "hubbub.db"
    log = await Log.claim(store, TEA)
    await log.say("TOPSECRET")
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM log").fetchone()
    await log.project(Projection(1, 1, deleted=True))
    emptying = "PRAGMA wal_checkpoint(TRUNCATE)"
    tries = faults.statements.count(emptying)
    await soon(lambda: faults.statements.count(emptying) >= tries + 2)
    assert b"TOPSECRET" in raw(path)
    reader.close()
    await soon(lambda: b"TOPSECRET" not in raw(path))


async def test_what_a_killed_process_left_in_the_log_is_cleaned_at_the_next_start(
    tmp_path: Path,
) -> None:
    path, copy = tmp_path / "hubbub.db", tmp_path / "killed.db"
    store = SqliteStore(path)
    await store.open()
    log = await Log.claim(store, TEA)
    await log.say("TOPSECRET")
    await log.project(Projection(1, 1, deleted=True))
    for suffix in ("", "-wal"):
        source = path.with_name(path.name + suffix)
        copy.with_name(copy.name + suffix).write_bytes(source.read_bytes())
    await store.close()
    assert b"TOPSECRET" in raw(copy)
    again = SqliteStore(copy)
    await again.open()
    assert b"TOPSECRET" not in raw(copy)
    assert await again.head(TEA) == (1, 1)
    await again.close()


async def test_erasing_looks_at_the_edits_of_that_entry_alone(
    store: SqliteStore, faults: Faults, tmp_path: Path
) -> None:
    log = await Log.claim(store, TEA)
    await log.say("text")
    await log.add(log.entry("edited", kind="edit", target=1))
    await log.project(Projection(1, 2, deleted=True))
    updates = [s for s in faults.statements if s.startswith("UPDATE log")]
    assert len(updates) == 2
    db = sqlite3.connect(tmp_path / "hubbub.db")
    plans = [
        row[3]
        for sql in updates
        for row in db.execute(f"EXPLAIN QUERY PLAN {sql}", (1,) * sql.count("?"))
    ]
    db.close()
    assert plans == [
        "SEARCH log USING INDEX sqlite_autoindex_log_1 (conv=? AND seq=?)",
        "SEARCH log USING INDEX log_targets (conv=? AND target=?)",
    ]
