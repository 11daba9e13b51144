"""What the writer keeps in mind agrees with the file, whatever fails."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from hubbub.config.ids import shard_of
from hubbub.storage.sqlite import tips as tips_module
from hubbub.storage.sqlite.schema import migrate
from hubbub.storage.sqlite.tips import Tips


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrate(db)
        yield db


def write_log(db: sqlite3.Connection, number: int, name: str, head: int) -> None:
    db.execute("INSERT INTO names VALUES (?, ?)", (number, name))
    for seq in range(1, head + 1):
        db.execute("INSERT INTO log VALUES (?, ?, 1, 1, 0, 0, 0, 0, 0, 0, x'')", (number, seq))


def test_a_tip_is_read_once(db: sqlite3.Connection) -> None:
    write_log(db, 7, "c", 3)
    tips = Tips()
    tip = tips.tip(db, "c")
    assert (tip.number, tip.head, tip.shard) == (7, 3, shard_of("c"))
    db.execute("DELETE FROM log")
    assert tips.tip(db, "c") is tip
    unknown = tips.tip(db, "unknown")
    assert (unknown.number, unknown.head) == (0, 0)


def test_an_undone_transaction_leaves_everything_as_it_was(db: sqlite3.Connection) -> None:
    write_log(db, 7, "c", 3)
    tips = Tips()
    tip, new = tips.tip(db, "c"), tips.tip(db, "new")
    assert tips.epoch(db, 5) == 0
    tips.move(tip, 4)
    tips.move(tip, 9)
    tips.set_epoch(5, 1)
    tips.set_epoch(5, 2)
    tips.set_number(new, tips.new_number(db, "new"))
    tips.move(new, 1)
    assert (tip.head, tips.epoch(db, 5), new.number, new.head) == (9, 2, 8, 1)
    tips.undo()
    assert (tip.head, tips.epoch(db, 5), new.number, new.head) == (3, 0, 0, 0)
    assert tips.known_number(db, "new") == 0


def test_a_kept_transaction_is_not_undone_later(db: sqlite3.Connection) -> None:
    write_log(db, 7, "c", 3)
    tips = Tips()
    tip = tips.tip(db, "c")
    tips.move(tip, 4)
    assert tips.new_number(db, "name") == 8
    tips.keep()
    tips.move(tip, 5)
    tips.undo()
    assert tip.head == 4
    assert tips.known_number(db, "name") == 8


def test_after_forgetting_everything_is_read_again(db: sqlite3.Connection) -> None:
    write_log(db, 7, "c", 3)
    db.execute("INSERT INTO shards (shard, epoch) VALUES (5, 4)")
    tips = Tips()
    tips.move(tips.tip(db, "c"), 9)
    tips.epoch(db, 5)
    tips.set_epoch(5, 9)
    assert tips.new_number(db, "other") == 8
    tips.forget()
    assert tips.tip(db, "c").head == 3
    assert tips.epoch(db, 5) == 4
    assert tips.known_number(db, "other") == 0
    assert tips.known_number(db, "") == 0
    assert tips.new_number(db, "another") == 8


def test_the_oldest_go_when_there_are_too_many(
    db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tips_module, "MOST_TIPS", 8)
    monkeypatch.setattr(tips_module, "MOST_NAMES", 8)
    tips = Tips()
    for n in range(20):
        write_log(db, n + 1, f"c{n}", 1)
        tips.tip(db, f"c{n}")
        tips.keep()
        assert len(tips.names) <= 9
    assert tips.names[""] == 0
    assert tips.tip(db, "c0").head == 1
