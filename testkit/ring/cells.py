"""Rows made of cells, as a ring keeps them: each cell has a timestamp, and the last one wins.

{"seq": (stamp, 7), "body": (stamp, None)}      None is a tombstone
{"": (stamp, True)}                             the row itself was inserted
{"-": (stamp, None)}                            everything up to this stamp was deleted
"""

from __future__ import annotations

import struct

import msgspec

Cell = tuple[int, object]
Row = dict[str, Cell]

#: The cells that stand for the whole row.
INSERTED, DELETED = "", "-"


def wins(one: Cell, other: Cell) -> bool:
    """Whether a cell replaces another: later, or deleted, or else of the greater bytes."""
    if one[0] != other[0]:
        return one[0] > other[0]
    if one[1] is None or other[1] is None:
        return one[1] is None
    return one[1] != other[1] and _bytes(one[1]) > _bytes(other[1])


def merged(one: Row, other: Row) -> Row:
    """A row that two copies know differently; neither is changed."""
    both = dict(one)
    for column, cell in other.items():
        had = both.get(column)
        if had is None or wins(cell, had):
            both[column] = cell
    return both


def of_columns(row: Row, columns: frozenset[str]) -> Row:
    """These cells of a row, and those that stand for the whole of it."""
    kept = columns | {INSERTED, DELETED}
    return {column: cell for column, cell in row.items() if column in kept}


def shown(row: Row, deleted: int) -> dict[str, object] | None:
    """What is to be seen of a row, in a partition deleted up to a stamp; None for nothing."""
    gone = row.get(DELETED)
    if gone is not None and gone[0] > deleted:
        deleted = gone[0]
    values: dict[str, object] = {
        column: value
        for column, (stamp, value) in row.items()
        if value is not None and stamp > deleted
    }
    return values or None


def _bytes(value: object) -> bytes:
    match value:
        case bool():
            return bytes([value])
        case int():
            return struct.pack(">q", value)
        case str():
            return value.encode()
        case bytes():
            return value
        case _:
            return msgspec.msgpack.encode(value)


__all__ = ["DELETED", "INSERTED", "Cell", "Row", "merged", "of_columns", "shown", "wins"]
