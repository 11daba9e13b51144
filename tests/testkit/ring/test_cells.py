"""The last timestamp wins; a tombstone, or else the greater bytes, among equal ones."""

from __future__ import annotations

import pytest

from hubbub.testkit.ring.cells import DELETED, INSERTED, Row, merged, of_columns, shown, wins


@pytest.mark.parametrize(
    ("less", "more"),
    [(1, 2), ("a", "b"), (b"a", b"b"), (False, True), ({"a": 1}, {"a": 2}), ("z", "ä")],
)
def test_among_equal_timestamps_the_greater_bytes_win(less: object, more: object) -> None:
    assert wins((1, more), (1, less))
    assert not wins((1, less), (1, more))
    assert not wins((1, more), (1, more))


def test_a_later_timestamp_wins_and_a_tombstone_among_equal_ones() -> None:
    assert wins((2, "a"), (1, "b"))
    assert not wins((1, "b"), (2, "a"))
    assert wins((1, None), (1, "b"))
    assert not wins((1, "b"), (1, None))
    assert wins((2, "b"), (1, None))


def test_two_copies_merge_alike_whichever_is_asked_first() -> None:
    one: Row = {"a": (1, "old"), "b": (3, "x")}
    other: Row = {"a": (2, "new"), INSERTED: (1, True)}
    both = {"a": (2, "new"), "b": (3, "x"), INSERTED: (1, True)}
    assert merged(one, other) == merged(other, one) == both
    assert one == {"a": (1, "old"), "b": (3, "x")}


def test_cells_of_some_columns_come_with_those_that_stand_for_the_row() -> None:
    row: Row = {"a": (1, "x"), "b": (2, "y"), INSERTED: (1, True), DELETED: (0, None)}
    assert of_columns(row, frozenset({"b", "c"})) == {
        "b": (2, "y"), INSERTED: (1, True), DELETED: (0, None),
    }  # fmt: skip


def test_what_was_deleted_up_to_a_stamp_is_not_seen_and_what_came_later_is() -> None:
    row: Row = {"a": (1, "x"), "b": (5, "y"), "c": (6, None), DELETED: (3, None)}
    assert shown(row, 0) == {"b": "y"}
    assert shown(row, 5) is None
    assert shown({INSERTED: (1, True), "a": (1, None)}, 0) == {INSERTED: True}
