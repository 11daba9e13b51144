"""What a SELECT takes of a partition."""

from __future__ import annotations

from typing import Any

import pytest

from hubbub.testkit.ring.cells import Row
from hubbub.testkit.ring.replica import Key, Mutation, Part, Replica
from hubbub.testkit.ring.selection import rows_of, wanted_by
from hubbub.testkit.ring.statements import Select, UnknownStatementError, read


def selected(cql: str, rows: dict[tuple[Any, ...], dict[str, Any]], *values: Any) -> list[Any]:
    """The rows, with these in the partition."""
    select = read(cql)
    assert isinstance(select, Select)
    assert select.partition is not None
    partition = tuple(term(values) for term in select.partition)
    at = select.table.name, partition
    replica = Replica()
    cells: dict[Key, Row] = {
        key: {name: (1, value) for name, value in {**row, "": True}.items()}
        for key, row in rows.items()
    }
    replica.apply(Mutation(at, cells))
    part: Part = replica.look(at, wanted_by(select, values))
    return rows_of(select, partition, part, values)


LOG: dict[tuple[Any, ...], dict[str, Any]] = {
    (seq,): {"body": bytes([seq])} for seq in (1, 2, 3, 5)
}
OF = "SELECT seq, body, bucket FROM log WHERE conv = ? AND bucket = ?"


@pytest.mark.parametrize(
    ("more", "values", "found"),
    [
        ("", (), [1, 2, 3, 5]),
        (" AND seq = ?", (3,), [3]),
        (" AND seq = ?", (4,), []),
        (" AND seq > ?", (2,), [3, 5]),
        (" AND seq >= ?", (2,), [2, 3, 5]),
        (" AND seq >= ? AND seq < ?", (2, 5), [2, 3]),
        (" AND seq > ? AND seq <= ?", (2, 5), [3, 5]),
        (" AND seq IN ?", ([5, 1, 4, 1],), [1, 5]),
        (" LIMIT ?", (2,), [1, 2]),
        (" AND seq <= ? ORDER BY seq DESC LIMIT 2", (3,), [3, 2]),
    ],
)
def test_ranges_of_rows(more: str, values: tuple[Any, ...], found: list[int]) -> None:
    rows = selected(OF + more, LOG, "c", 7, *values)
    assert rows == [(seq, bytes([seq]), 7) for seq in found]


def test_rows_follow_each_other_by_all_that_names_them() -> None:
    rows: dict[tuple[Any, ...], dict[str, Any]] = {
        ("a", "1"): {}, ("a", "2"): {}, ("b", "1"): {},
    }  # fmt: skip
    of = "SELECT key, user FROM search WHERE kind = ? AND start = ?"
    assert selected(f"{of} AND (key, user) > (?, ?)", rows, "k", "s", "a", "1") == [
        ("a", "2"),
        ("b", "1"),
    ]
    assert selected(f"{of} AND key >= ?", rows, "k", "s", "b") == [("b", "1")]
    assert selected(f"{of} AND key > ?", rows, "k", "s", "a") == [("b", "1")]


@pytest.mark.parametrize("more", ["user = 'x'", "key IN ? AND user = 'x'"])
def test_rows_that_do_not_follow_each_other_are_not_guessed_at(more: str) -> None:
    of = f"SELECT key FROM search WHERE kind = ? AND start = ? AND {more}"
    with pytest.raises(UnknownStatementError):
        selected(of, {}, "k", "s", ["a"])


def test_when_a_value_was_written_is_told_in_its_place() -> None:
    of = "SELECT seq, writetime(body), writetime(shown) FROM log WHERE conv = ? AND bucket = ?"
    assert selected(of, {(7,): {"body": b"x"}}, "c", 0) == [(7, 1, None)]


def test_a_row_of_nothing_but_tombstones_is_not_there() -> None:
    select = read("SELECT epoch FROM tips WHERE conv = ?")
    assert isinstance(select, Select)
    part = Part({(): {"epoch": (1, None)}}, [()], 0)
    assert rows_of(select, ("c",), part, ("c",)) == []
