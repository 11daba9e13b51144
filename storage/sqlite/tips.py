"""What the writer keeps in mind, so that an append is checked without a query."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from itertools import islice
from typing import Any

from ...config.ids import shard_of

#: Logs and names kept in mind; about 200 and 120 bytes each.
MOST_TIPS = 100_000
MOST_NAMES = 200_000


class Tip:
    """The end of one log.

    Attributes:
        number: The log's number, 0 while nothing was ever written about it.
        shard: The shard it belongs to.
        head: The seq of its newest entry, 0 when it is empty.
    """

    __slots__ = ("head", "number", "shard")

    def __init__(self, number: int, shard: int, head: int) -> None:
        self.number = number
        self.shard = shard
        self.head = head


class Tips:
    """The tips, epochs and numbers of names, read once and kept in step with the transactions.

    Changes are made at once and noted, and `undo` takes them back when the transaction fails.
    It holds only while nobody else writes to the file, which the lock of the data directory keeps.

    Attributes:
        names: {name: number}, those in mind; for looking up alone.
    """

    def __init__(self) -> None:
        self.names: dict[str, int] = {"": 0}
        self._tips: dict[str, Tip] = {}
        self._epochs: dict[int, int] = {}
        self._next_number = 0
        self._moved: list[tuple[Tip, int]] = []
        self._undo: list[Callable[[], Any]] = []

    def tip(self, db: sqlite3.Connection, conv: str) -> Tip:
        """The end of a log."""
        tip = self._tips.get(conv)
        if tip is None:
            number = self.known_number(db, conv)
            head = 0
            if number:
                row = db.execute("SELECT max(seq) FROM log WHERE conv = ?", (number,)).fetchone()
                head = row[0] or 0
            tip = self._tips[conv] = Tip(number, shard_of(conv), head)
        return tip

    def move(self, tip: Tip, head: int) -> None:
        """The log's end is now at `head`."""
        self._moved.append((tip, tip.head))
        tip.head = head

    def epoch(self, db: sqlite3.Connection, shard: int) -> int:
        """The epoch in force, 0 when the shard was never claimed."""
        epoch = self._epochs.get(shard)
        if epoch is None:
            row = db.execute("SELECT epoch FROM shards WHERE shard = ?", (shard,)).fetchone()
            epoch = self._epochs[shard] = row[0] if row else 0
        return epoch

    def set_epoch(self, shard: int, epoch: int) -> None:
        """The shard was claimed."""
        before = self._epochs[shard]
        self._undo.append(lambda: self._epochs.__setitem__(shard, before))
        self._epochs[shard] = epoch

    def known_number(self, db: sqlite3.Connection, name: str) -> int:
        """The number of a name, 0 if it has none (and for "")."""
        number = self.names.get(name)
        if number is None:
            row = db.execute("SELECT number FROM names WHERE name = ?", (name,)).fetchone()
            if row is None:
                return 0
            number = self.names[name] = row[0]
        return number

    def new_number(self, db: sqlite3.Connection, name: str) -> int:
        """A number for a name that has none; the caller writes the row."""
        if not self._next_number:
            row = db.execute("SELECT max(number) FROM names").fetchone()
            self._next_number = (row[0] or 0) + 1
        number = self.names[name] = self._next_number
        self._next_number += 1
        self._undo.append(lambda: self.names.pop(name, None))
        return number

    def set_number(self, tip: Tip, number: int) -> None:
        """The log got its number."""
        self._undo.append(lambda: setattr(tip, "number", 0))
        tip.number = number

    def keep(self) -> None:
        """The transaction is durable; the oldest tips and names go when there are too many."""
        self._moved.clear()
        self._undo.clear()
        _shrink(self._tips, MOST_TIPS)
        if _shrink(self.names, MOST_NAMES):
            self.names[""] = 0

    def undo(self) -> None:
        """The transaction did not happen."""
        for tip, head in reversed(self._moved):
            tip.head = head
        for change in reversed(self._undo):
            change()
        self._moved.clear()
        self._undo.clear()

    def forget(self) -> None:
        """Nobody knows what happened: everything is to be read again."""
        self._tips.clear()
        self._epochs.clear()
        self.names = {"": 0}
        self._next_number = 0
        self._moved.clear()
        self._undo.clear()


def _shrink(cache: dict[Any, Any], most: int) -> bool:
    if len(cache) <= most:
        return False
    for key in list(islice(cache, most // 4)):
        del cache[key]
    return True


__all__ = ["Tip", "Tips"]
