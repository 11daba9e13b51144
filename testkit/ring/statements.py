"""The statements that the store sends, read once each. It is a closed set: others are an error.

INSERT INTO t (a, b) VALUES (?, 1) [IF NOT EXISTS] [USING TIMESTAMP ?]
UPDATE t [USING TIMESTAMP ?] SET a = ? WHERE .. [IF a = ? AND ..]
DELETE FROM t [USING TIMESTAMP ?] WHERE .. [IF EXISTS | IF a = ? AND ..]
BEGIN UNLOGGED BATCH ..; ..; APPLY BATCH
SELECT a, writetime(b) FROM t [WHERE a = ? AND b > ? AND (b, c) > (?, ?) AND b IN ?]
  [ORDER BY b DESC] [LIMIT ?]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from operator import itemgetter
from typing import Any, Literal

from .tables import Table, tables

#: Gets a value out of those that were sent along.
Term = Callable[[Sequence[Any]], Any]
Operator = Literal["=", ">", ">=", "<", "<=", "IN"]

#: How a column begins that shows when another one was written.
WRITTEN = "writetime("

_TOKEN = re.compile(r"\w+|'[^']*'|>=|<=|[?(),=<>;]|\S")
_OPERATORS: dict[str, Operator] = {
    "=": "=", ">": ">", ">=": ">=", "<": "<", "<=": "<=", "IN": "IN",
}  # fmt: skip


class UnknownStatementError(Exception):
    """The ring in memory does not know what this would do, and so does nothing."""


@dataclass(frozen=True, slots=True)
class Where:
    """A restriction: the columns at the left, and what they are held against."""

    columns: tuple[str, ...]
    operator: Operator
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """When a conditional write is done: `absent`, `present`, or these cells are as they say."""

    kind: Literal["absent", "present", "equal"]
    cells: tuple[tuple[str, Term], ...] = ()


@dataclass(frozen=True, slots=True)
class Write:
    """A change of one row, or the deletion of a partition (`row` is None).

    Attributes:
        inserts: The row is there afterwards, whatever its cells.
        stamp: Its timestamp; None for a conditional one, which gets its own.
    """

    table: Table
    partition: tuple[Term, ...]
    row: tuple[Term, ...] | None
    cells: tuple[tuple[str, Term], ...]
    inserts: bool
    deletes: bool
    stamp: Term | None
    condition: Condition | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Writes that take effect together at each copy; all of one partition."""

    writes: tuple[Write, ...]


@dataclass(frozen=True, slots=True)
class Select:
    """Rows of one partition, or of all (`partition` is None).

    Attributes:
        columns: What is shown of each, in order: a value, or when it was written.
        fetched: The columns that it is taken from.
    """

    table: Table
    columns: tuple[str, ...]
    fetched: frozenset[str]
    partition: tuple[Term, ...] | None
    where: tuple[Where, ...]
    backwards: bool
    limit: Term | None


Statement = Batch | Select


@cache
def read(cql: str) -> Statement:
    """What a statement does.

    Raises:
        UnknownStatementError: It is none of those above.
    """
    try:
        reader = _Reader(_TOKEN.findall(cql))
        statement = reader.statement()
    except (IndexError, KeyError, ValueError) as error:
        raise UnknownStatementError(f"{cql}: {error!r}") from error
    return statement


@dataclass(slots=True)
class _Reader:
    """Goes along the tokens."""

    tokens: list[str]
    at: int = 0
    given: int = 0
    columns: list[str] = field(default_factory=list[str])

    def statement(self) -> Statement:
        match self.tokens[0]:
            case "SELECT":
                statement: Statement = self._select()
            case "BEGIN":
                self._must("BEGIN", "UNLOGGED", "BATCH")
                writes: list[Write] = []
                while not self._skip("APPLY"):
                    writes.append(self._write())
                    self._must(";")
                self._must("BATCH")
                statement = Batch(tuple(writes))
            case _:
                statement = Batch((self._write(),))
        if self.at != len(self.tokens):
            raise ValueError(f"what is {self.tokens[self.at :]}")
        return statement

    def _select(self) -> Select:
        self._must("SELECT")
        columns = self._shown()
        self._must("FROM")
        table = tables()[self._next()]
        fetched = [column.removeprefix(WRITTEN).removesuffix(")") for column in columns]
        self._known(table, fetched)
        where = self._where(table) if self._skip("WHERE") else []
        partition = self._split(table.partition, where) if where else None
        backwards = False
        if self._skip("ORDER", "BY"):
            self._must(table.clustering[0], "DESC")
            backwards = True
        limit = self._term() if self._skip("LIMIT") else None
        if any(set(each.columns) - set(table.clustering) for each in where):
            raise ValueError("only rows of a partition can be told apart")
        return Select(table, columns, frozenset(fetched), partition, tuple(where), backwards, limit)

    def _shown(self) -> tuple[str, ...]:
        names: list[str] = []
        while not names or self._skip(","):
            name = self._next()
            if name == "writetime":
                self._must("(")
                name = f"{WRITTEN}{self._next()})"
                self._must(")")
            names.append(name)
        return tuple(names)

    def _write(self) -> Write:
        match self._next():
            case "INSERT":
                return self._insert()
            case "UPDATE":
                return self._update()
            case "DELETE":
                return self._delete()
            case other:
                raise ValueError(other)

    def _insert(self) -> Write:
        self._must("INTO")
        table = tables()[self._next()]
        self._must("(")
        columns = self._list()
        self._known(table, columns)
        self._must(")", "VALUES", "(")
        terms = dict(zip(columns, self._terms(), strict=True))
        condition = Condition("absent") if self._skip("IF", "NOT", "EXISTS") else None
        stamp = self._term() if self._skip("USING", "TIMESTAMP") else None
        partition = tuple(terms.pop(name) for name in table.partition)
        row = tuple(terms.pop(name) for name in table.clustering)
        cells = tuple(terms.items())
        return self._checked(Write(table, partition, row, cells, True, False, stamp, condition))

    def _update(self) -> Write:
        table = tables()[self._next()]
        stamp = self._term() if self._skip("USING", "TIMESTAMP") else None
        self._must("SET")
        cells = [self._cell(table)]
        while self._skip(","):
            cells.append(self._cell(table))
        self._must("WHERE")
        where = self._where(table)
        partition, row = self._split(table.partition, where), self._split(table.clustering, where)
        condition = self._condition(table)
        return self._checked(
            Write(table, partition, row, tuple(cells), False, False, stamp, condition)
        )

    def _delete(self) -> Write:
        self._must("FROM")
        table = tables()[self._next()]
        stamp = self._term() if self._skip("USING", "TIMESTAMP") else None
        self._must("WHERE")
        where = self._where(table)
        partition = self._split(table.partition, where)
        row = self._split(table.clustering, where) if where or not table.clustering else None
        condition = self._condition(table)
        return self._checked(Write(table, partition, row, (), False, True, stamp, condition))

    def _condition(self, table: Table) -> Condition | None:
        if self._skip("IF", "EXISTS"):
            return Condition("present")
        if not self._skip("IF"):
            return None
        cells = [self._cell(table)]
        while self._skip("AND"):
            cells.append(self._cell(table))
        return Condition("equal", tuple(cells))

    def _checked(self, write: Write) -> Write:
        # Without a stamp of ours it would have the time of somebody's clock.
        if (write.stamp is None) != (write.condition is not None):
            raise ValueError("a stamp or a condition, one of them")
        return write

    def _where(self, table: Table) -> list[Where]:
        found: list[Where] = []
        while True:
            if self._skip("("):
                columns = self._list()
                self._must(")")
            else:
                columns = (self._next(),)
            self._known(table, columns)
            operator = _OPERATORS[self._next()]
            terms = self._terms() if self._skip("(") else (self._term(),)
            found.append(Where(columns, operator, terms))
            if not self._skip("AND"):
                return found

    def _split(self, names: tuple[str, ...], where: list[Where]) -> tuple[Term, ...]:
        """Take the terms of these columns out, each held equal to one."""
        by_name = {each.columns[0]: each for each in where if each.operator == "="}
        for name in names:
            where.remove(by_name[name])
        return tuple(by_name[name].terms[0] for name in names)

    def _cell(self, table: Table) -> tuple[str, Term]:
        name = self._next()
        self._known(table, (name,))
        self._must("=")
        return name, self._term()

    def _known(self, table: Table, columns: Sequence[str]) -> None:
        if not set(columns) <= table.columns:
            raise ValueError(f"{columns} of {table.name}")

    def _list(self) -> tuple[str, ...]:
        names = [self._next()]
        while self._skip(","):
            names.append(self._next())
        return tuple(names)

    def _terms(self) -> tuple[Term, ...]:
        terms = [self._term()]
        while self._skip(","):
            terms.append(self._term())
        self._must(")")
        return tuple(terms)

    def _term(self) -> Term:
        word = self._next()
        if word == "?":
            self.given += 1
            return itemgetter(self.given - 1)
        constants: dict[str, object] = {"true": True, "false": False, "null": None}
        if word in constants:
            value = constants[word]
        else:
            value = word[1:-1] if word.startswith("'") else int(word)
        return lambda _: value

    def _next(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]

    def _skip(self, *words: str) -> bool:
        if tuple(self.tokens[self.at : self.at + len(words)]) != words:
            return False
        self.at += len(words)
        return True

    def _must(self, *words: str) -> None:
        if not self._skip(*words):
            raise ValueError(f"{words} are missing before {self.tokens[self.at :]}")


__all__ = [
    "WRITTEN",
    "Batch",
    "Condition",
    "Operator",
    "Select",
    "Statement",
    "Term",
    "UnknownStatementError",
    "Where",
    "Write",
    "read",
]
