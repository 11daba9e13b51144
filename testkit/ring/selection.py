"""What a SELECT takes of a partition."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any

from .replica import Key, Part, Wanted
from .statements import WRITTEN, Select, UnknownStatementError


def wanted_by(select: Select, values: Sequence[Any]) -> Wanted:
    """Picks the rows that are meant out of a partition's, which are in order.

    Raises:
        UnknownStatementError: They do not follow each other.
    """
    names = select.table.clustering
    if len(select.where) == 1 and select.where[0].operator == "IN":
        (given,) = (term(values) for term in select.where[0].terms)
        chosen = {(each,) for each in given}
        return lambda keys: [key for key in keys if key in chosen]
    low: tuple[Key, bool] | None = None
    high: tuple[Key, bool] | None = None
    for where in select.where:
        key = tuple(term(values) for term in where.terms)
        if where.columns != names[: len(key)]:
            raise UnknownStatementError(f"a range of {where.columns} in {select.table.name}")
        match where.operator:
            case "=":
                low = high = (key, True)
            case ">" | ">=":
                low = (key, where.operator == ">=")
            case "<" | "<=":
                high = (key, where.operator == "<=")
            case "IN":
                raise UnknownStatementError(f"IN and more in {select.table.name}")

    def wanted(keys: list[Key]) -> list[Key]:
        first = 0 if low is None else _place(keys, *low)
        last = len(keys) if high is None else _place(keys, high[0], not high[1])
        return keys[first:last]

    return wanted


def _place(keys: list[Key], bound: Key, before: bool) -> int:
    """Where a bound stands: before all that begin with it, or behind them."""
    size = len(bound)
    place = bisect_left if before else bisect_right
    return place(keys, bound, key=lambda key: key[:size])


def rows_of(
    select: Select, partition: Key, part: Part, values: Sequence[Any]
) -> list[tuple[Any, ...]]:
    """The rows that are to be seen, in order, as the statement wants them."""
    limit: int | None = None if select.limit is None else select.limit(values)
    table = select.table
    names = dict(zip(table.partition, partition, strict=True))
    rows: list[tuple[Any, ...]] = []
    for key in reversed(part.keys) if select.backwards else part.keys:
        if limit is not None and len(rows) >= limit:
            break
        found = part.shown(key)
        if found is not None:
            for column in select.columns:
                if column.startswith(WRITTEN) and (of := column[len(WRITTEN) : -1]) in found:
                    found[column], _ = part.rows[key][of]
            found.update(names)
            found.update(zip(table.clustering, key, strict=True))
            rows.append(tuple([found.get(column) for column in select.columns]))
    return rows


__all__ = ["rows_of", "wanted_by"]
