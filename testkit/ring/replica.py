"""One copy of everything: partitions of rows in order, changed by mutations in any order."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from .cells import DELETED, INSERTED, Row, merged, shown
from .statements import Batch

Key = tuple[Any, ...]
#: Picks rows out of all of a partition, which are in order.
Wanted = Callable[[list[Key]], list[Key]]
#: (table, what names the partition)
PartitionKey = tuple[str, Key]


@dataclass(frozen=True, slots=True)
class Mutation:
    """What a write does to one partition, at each copy alike; twice is as once.

    Attributes:
        rows: {row: cells}, to be merged.
        deleted: Everything up to this stamp goes; 0 for nothing.
    """

    at: PartitionKey
    rows: dict[Key, Row]
    deleted: int = 0


@dataclass(slots=True)
class Part:
    """A partition, or some rows of one.

    Attributes:
        rows: {row: cells}; a row is replaced when it changes, never changed.
        keys: All and only those of `rows`, in order.
        deleted: Cells up to this stamp are no more.
    """

    rows: dict[Key, Row] = field(default_factory=dict[Key, Row])
    keys: list[Key] = field(default_factory=list[Key])
    deleted: int = 0

    def take(self, rows: dict[Key, Row], deleted: int) -> None:
        """Merge what another copy, or a writer, knows."""
        self.deleted = max(self.deleted, deleted)
        for key, row in rows.items():
            had = self.rows.get(key)
            if had is None:
                insort(self.keys, key)
                self.rows[key] = row
            elif had is not row:
                self.rows[key] = merged(had, row)

    def shown(self, key: Key) -> dict[str, object] | None:
        """What is to be seen of a row; None for nothing."""
        row = self.rows.get(key)
        return None if row is None else shown(row, self.deleted)


class Replica:
    """See the module."""

    def __init__(self) -> None:
        self._parts: dict[PartitionKey, Part] = {}

    def apply(self, mutation: Mutation) -> None:
        """Take a mutation, whenever it comes."""
        part = self._parts.get(mutation.at)
        if part is None:
            part = self._parts[mutation.at] = Part()
        part.take(mutation.rows, mutation.deleted)

    def look(self, at: PartitionKey, wanted: Wanted) -> Part:
        """The rows of a partition that are wanted, as they are now."""
        part = self._parts.get(at)
        if part is None:
            return Part()
        keys = wanted(part.keys)
        return Part({key: part.rows[key] for key in keys}, keys, part.deleted)

    def partitions(self, table: str) -> Iterator[Key]:
        """What names the partitions of a table."""
        return (key for name, key in list(self._parts) if name == table)


def mutation_of(batch: Batch, values: Sequence[Any], stamp: int = 0) -> Mutation:
    """What a batch does with these values.

    Args:
        stamp: Of what is written without one.

    Raises:
        ValueError: It is of several partitions.
    """
    at: PartitionKey | None = None
    rows: dict[Key, Row] = {}
    deleted = 0
    for write in batch.writes:
        here = write.table.name, tuple(term(values) for term in write.partition)
        if at not in (None, here):
            raise ValueError(f"a batch of {at} and {here}")
        at = here
        when: int = stamp if write.stamp is None else write.stamp(values)
        if write.row is None:
            deleted = max(deleted, when)
            continue
        row: Row = {name: (when, term(values)) for name, term in write.cells}
        if write.inserts:
            row[INSERTED] = (when, True)
        if write.deletes:
            row[DELETED] = (when, None)
        key = tuple(term(values) for term in write.row)
        rows[key] = merged(rows[key], row) if key in rows else row
    assert at is not None
    return Mutation(at, rows, deleted)


__all__ = ["Key", "Mutation", "Part", "PartitionKey", "Replica", "Wanted", "mutation_of"]
