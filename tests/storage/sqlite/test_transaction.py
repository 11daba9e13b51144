"""Rows are written with few statements, and in the order that later statements need."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from hubbub.config.errors import SeqMismatchError, StaleEpochError
from hubbub.config.ids import shard_of
from hubbub.storage.records import Entry
from hubbub.storage.sqlite.schema import migrate
from hubbub.storage.sqlite.tips import Tips
from hubbub.storage.sqlite.transaction import Transaction
from hubbub.testkit.contracts.hands import ANN, PHONE, TS, conv_id

TEA = conv_id("tea")


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrate(db)
        yield db


@pytest.fixture
def tips(db: sqlite3.Connection) -> Tips:
    """Tips of a store in which TEA has an owner, and one entry."""
    tips = Tips()
    tx = Transaction(db, tips)
    tx.claim(shard_of(TEA))
    tx.add_entries(TEA, 1, entries(1, 1))
    tx.commit()
    tips.keep()
    return tips


def entries(first: int, count: int) -> list[Entry]:
    seqs = range(first, first + count)
    return [Entry(seq, 1, PHONE, seq, ANN, TS, "text", b"%d" % seq, seq) for seq in seqs]


@pytest.mark.parametrize(
    ("count", "inserts"),
    [(1, 1), (2, 1), (63, 1), (64, 1), (65, 2), (128, 2), (256, 1), (257, 2), (600, 4)],
)
def test_many_rows_take_few_statements(
    db: sqlite3.Connection, tips: Tips, count: int, inserts: int
) -> None:
    statements: list[str] = []
    db.set_trace_callback(statements.append)
    tx = Transaction(db, tips)
    tx.add_entries(TEA, 1, entries(2, count))
    tx.commit()
    assert tx.rows == count
    kinds = [statement.split(" ")[0] for statement in statements]
    assert kinds.count("INSERT") == inserts
    assert (
        kinds.count("BEGIN") == kinds.count("COMMIT") == (0 if inserts == 1 and count <= 64 else 1)
    )
    rows = db.execute("SELECT seq, body FROM log ORDER BY seq").fetchall()
    assert rows == [(seq, b"%d" % seq) for seq in range(1, count + 2)]


def test_a_refused_group_adds_no_row(db: sqlite3.Connection, tips: Tips) -> None:
    tx = Transaction(db, tips)
    first, _, third = entries(2, 3)
    with pytest.raises(SeqMismatchError):
        tx.add_entries(TEA, 1, [first, third])
    with pytest.raises(StaleEpochError):
        tx.add_entries(TEA, 2, [first])
    tx.add_entries(TEA, 1, [first])
    tx.commit()
    assert tx.head(TEA) == 2
    assert db.execute("SELECT count(*) FROM log").fetchone() == (2,)


def test_gathered_entries_are_there_for_a_statement_that_changes_them(
    db: sqlite3.Connection, tips: Tips
) -> None:
    tx = Transaction(db, tips)
    tx.write_entries()
    tx.add_entries(TEA, 1, entries(2, 3))
    assert tx.read("SELECT count(*) FROM log") == [(1,)]
    tx.write_entries()
    assert tx.write("UPDATE log SET body = x'' WHERE seq = 3") == 1
    tx.add_entries(TEA, 1, entries(5, 1))
    tx.commit()
    rows = db.execute("SELECT seq, body FROM log ORDER BY seq").fetchall()
    assert rows == [(1, b"1"), (2, b"2"), (3, b""), (4, b"4"), (5, b"5")]


def test_a_name_gets_one_number(db: sqlite3.Connection, tips: Tips) -> None:
    tx = Transaction(db, tips)
    number = tx.number("a new name")
    assert tx.number("a new name") == number
    assert tx.number("") == 0
    tx.commit()
    rows = db.execute("SELECT number FROM names WHERE name = 'a new name'").fetchall()
    assert rows == [(number,)]


def test_an_owner_is_known_by_the_epoch_alone(db: sqlite3.Connection) -> None:
    """Of a log that is only read, nothing is kept in mind."""
    tips = Tips()
    tx = Transaction(db, tips)
    tx.claim(shard_of(TEA))
    seen: list[str] = []
    db.set_trace_callback(seen.append)
    tx.check_owner(TEA, 1)
    with pytest.raises(StaleEpochError):
        tx.check_owner(TEA, 2)
    assert seen == []
    with pytest.raises(StaleEpochError):
        Transaction(db, Tips()).check_owner(conv_id("unclaimed"), 0)
