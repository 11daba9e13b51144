"""From rows to values."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from hubbub.config.ids import UserId
from hubbub.storage.records import Projection
from hubbub.storage.sqlite import rows as rows_module
from hubbub.storage.sqlite.rows import (
    Names,
    number_of,
    pack_reactions,
    projection,
    unpack_reactions,
)
from hubbub.storage.sqlite.schema import migrate

ANN, BOB = UserId("u_ann"), UserId("u_bob")


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrate(db)
        for n in range(1, 30):
            db.execute("INSERT INTO names VALUES (?, ?)", (n, f"name {n}"))
        yield db


def test_a_name_is_read_once(db: sqlite3.Connection) -> None:
    names = Names()
    assert names.name(db, 3) == "name 3"
    db.execute("DELETE FROM names")
    assert names.name(db, 3) == "name 3"
    assert names.name(db, 0) == ""


def test_names_do_not_pile_up(db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "MOST_NAMES", 4)
    names = Names()
    for _ in range(2):
        assert [names.name(db, n) for n in range(1, 20)] == [f"name {n}" for n in range(1, 20)]
    row = (1, 1, 1, 20, 5, 21, 1700, 22, 0, b"x")
    entry = names.entry(db, row)
    assert (entry.device, entry.sender, entry.kind) == ("name 20", "name 21", "name 22")
    assert names.entry(db, row) == entry


def test_a_name_without_a_number_has_0(db: sqlite3.Connection) -> None:
    assert number_of(db, "name 7") == 7
    assert number_of(db, "unknown") == 0


@pytest.mark.parametrize("reactions", [{}, {"👍": [BOB, ANN]}, {"b": [ANN], "a": [BOB]}])
def test_reactions_come_back_in_their_order(reactions: dict[str, list[UserId]]) -> None:
    back = unpack_reactions(pack_reactions(reactions))
    assert list(back.items()) == list(reactions.items())


def test_a_join_without_a_projection_gives_none() -> None:
    assert projection(1, (None, None, None, None)) is None
    assert projection(1, (2, 1, None, None)) == Projection(1, 2, None, True, {})
