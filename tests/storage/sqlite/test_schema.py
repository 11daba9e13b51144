"""Migrations: every older schema is brought up to date, a newer one is refused."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hubbub.config.errors import SchemaError
from hubbub.config.ids import shard_of
from hubbub.storage.records import Account, Contact
from hubbub.storage.sqlite.connection import prepare_file
from hubbub.storage.sqlite.schema import APPLICATION_ID, MIGRATIONS, migrate
from hubbub.storage.sqlite.store import SqliteStore
from hubbub.testkit.contracts.hands import ANN, BOB, TS, Log, account, conv_id, membership, texts

TEA = conv_id("tea")
STEPS = ("CREATE TABLE a (x)", "ALTER TABLE a ADD COLUMN y; INSERT INTO a VALUES (1, 2)")


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        yield db


def version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def tables(db: sqlite3.Connection) -> set[str]:
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {name for (name,) in rows}


def test_an_empty_file_gets_every_migration(db: sqlite3.Connection) -> None:
    migrate(db)
    assert version(db) == len(MIGRATIONS)
    assert db.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert {"log", "accounts"} <= tables(db)
    migrate(db)
    assert version(db) == len(MIGRATIONS)


def test_an_older_file_gets_the_migrations_it_lacks(db: sqlite3.Connection) -> None:
    migrate(db, STEPS[:1])
    db.execute("INSERT INTO a VALUES (9)")
    migrate(db, STEPS)
    assert version(db) == 2
    assert db.execute("SELECT x, y FROM a ORDER BY x").fetchall() == [(1, 2), (9, None)]


def test_a_newer_file_is_refused_with_both_numbers(db: sqlite3.Connection) -> None:
    migrate(db, (*STEPS, "CREATE TABLE b (x)"))
    with pytest.raises(SchemaError, match=r"schema 3.*up to 2"):
        migrate(db, STEPS)
    assert version(db) == 3


def test_a_migration_that_fails_leaves_nothing_of_itself(db: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.OperationalError):
        migrate(db, (STEPS[0], "CREATE TABLE b (x); INSERT INTO nowhere VALUES (1)"))
    assert version(db) == 1
    assert tables(db) == {"a"}
    migrate(db, STEPS)
    assert version(db) == 2


def test_a_migration_that_cannot_begin_is_told(db: sqlite3.Connection, tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as other:
        other.execute("BEGIN IMMEDIATE")
        with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as mine:
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                migrate(mine, STEPS)
            other.execute("ROLLBACK")
            migrate(mine, STEPS)


@pytest.mark.parametrize("pragma", ["application_id = 7", "user_version = 1"])
def test_another_programs_file_is_refused(db: sqlite3.Connection, pragma: str) -> None:
    db.execute(f"PRAGMA {pragma}")
    with pytest.raises(SchemaError, match="another program"):
        migrate(db)


async def test_a_store_of_schema_1_opens_with_its_data(tmp_path: Path) -> None:
    path = tmp_path / "hubbub.db"
    prepare_file(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        migrate(db, MIGRATIONS[:1])
        db.executescript(
            f"""
            INSERT INTO names VALUES (1, '{TEA}'), (2, 'v_phone'), (3, '{ANN}'), (4, 'text');
            INSERT INTO log VALUES (1, 1, 1, 1, 2, 5, 3, 1700, 4, 0, x'6869');
            INSERT INTO shards VALUES ({shard_of(TEA)}, 1);
            INSERT INTO memberships
                VALUES ('{ANN}', '{TEA}', 'group', 1, 1, 'Tea', 'member', NULL, 1, NULL, 1, 0);
            """
        )
    store = SqliteStore(path)
    await store.open()
    log = Log(store, TEA, 1, head=1)
    (message,) = await log.read()
    assert (message.entry.device, message.entry.cid, message.entry.sender) == ("v_phone", 5, ANN)
    await log.say("more")
    assert texts(await log.read()) == ["hi", "more"]
    assert await store.membership(ANN, TEA) == membership(ANN, TEA)
    await store.create_account(account("ann"), [])
    await store.close()


async def test_a_store_of_schema_2_opens_with_its_people(tmp_path: Path) -> None:
    path = tmp_path / "hubbub.db"
    prepare_file(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        migrate(db, MIGRATIONS[:2])
        columns = "id, folded, name, created_ms, password, display, about, presence, disabled"
        db.execute(
            f"INSERT INTO accounts ({columns}, last_active_ms)"
            f" VALUES ('{ANN}', 'ann', 'Ann', {TS}, 'hash of ann', '', '', 'fellows', 0, 0)"
        )
    store = SqliteStore(path)
    await store.open()
    assert await store.account(ANN) == account("ann")
    assert await store.contacts(ANN, "", 9) == []
    await store.close()


async def test_people_of_schema_3_are_found_by_both_names(tmp_path: Path) -> None:
    path = tmp_path / "hubbub.db"
    prepare_file(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        migrate(db, MIGRATIONS[:3])
        db.execute(
            "INSERT INTO accounts"
            " VALUES (?, 'ann', 'Ann', 1, 'x', 'Lady A', '', 'contacts', 0, 7, 'nobody')",
            (ANN,),
        )
        db.execute("INSERT INTO contacts VALUES (?, ?, 4, 1, 0, 0, 0, 0)", (ANN, BOB))
    store = SqliteStore(path)
    await store.open()
    ann = Account(
        ANN,
        "Ann",
        "ann",
        1,
        "x",
        display="Lady A",
        sought="lady a",
        presence="contacts",
        last_active_ms=7,
        write="nobody",
    )
    assert await store.account(ANN) == ann
    assert await store.find_accounts("lady", 10) == await store.find_accounts("ann", 10) == [ann]
    assert await store.contact(ANN, BOB) == Contact(ANN, BOB, 4, mine=True)
    await store.close()


async def test_a_store_of_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "hubbub.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        migrate(db, (*MIGRATIONS, "CREATE TABLE of_the_future (x)"))
    newest = len(MIGRATIONS)
    with pytest.raises(SchemaError, match=rf"schema {newest + 1}.*up to {newest}"):
        await SqliteStore(path).open()
    with closing(sqlite3.connect(path)) as db:
        assert version(db) == newest + 1
