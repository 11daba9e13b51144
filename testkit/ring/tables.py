"""The tables of the store, read from its own migrations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from ...storage.cassandra.schema import MIGRATIONS

_TABLE = re.compile(r"CREATE TABLE IF NOT EXISTS (\w+) \((.*)\)(?: WITH .*)?$")
_KEY = re.compile(r",? PRIMARY KEY \((?:\(([^)]*)\)|(\w+))(?:, ([^)]*))?\)$")
_COLUMN = re.compile(r"(\w+) (?:frozen<[^>]*>>|\w+)( PRIMARY KEY)?(?:, |$)")


@dataclass(frozen=True, slots=True)
class Table:
    """A table: what names a partition, a row in it, and all columns."""

    name: str
    partition: tuple[str, ...]
    clustering: tuple[str, ...]
    columns: frozenset[str]


def table_of(cql: str) -> Table:
    """Read a CREATE TABLE.

    Raises:
        ValueError: It is none of the kind that migrations hold.
    """
    found = _TABLE.match(cql)
    if found is None:
        raise ValueError(f"no table is made by {cql}")
    name, inside = found.groups()
    key = _KEY.search(inside)
    columns = _COLUMN.findall(inside[: key.start()] if key else inside)
    if key is None:
        partition = tuple(column for column, primary in columns if primary)
        clustering: tuple[str, ...] = ()
    else:
        partition = _names(key[1] or key[2])
        clustering = _names(key[3] or "")
    return Table(name, partition, clustering, frozenset(column for column, _ in columns))


@cache
def tables() -> dict[str, Table]:
    """All of them, by name."""
    made = [table_of(cql) for migration in MIGRATIONS for cql in migration]
    return {table.name: table for table in made}


def _names(listed: str) -> tuple[str, ...]:
    return tuple(filter(None, listed.replace(" ", "").split(",")))


__all__ = ["Table", "table_of", "tables"]
