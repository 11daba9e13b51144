"""One group commit: rows are gathered, then written with as few statements as possible."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from ...config.errors import (
    LowerViewError,
    OwnedError,
    SealedError,
    SeqMismatchError,
    StaleEpochError,
    StoreRefusedError,
)
from ...config.ids import ConvId, shard_of
from ..records import Entry
from .tips import Tip, Tips

_COLUMNS = 11
_INSERT = (
    "INSERT INTO log (conv, seq, epoch, count, device, cid, sender, ts, kind, target, body) VALUES "
)
#: Up to so many rows go in one statement, whatever their number; larger groups in these parts.
#: Each statement lets go of the GIL and gets it back from a busy loop, which costs more than the
#: rows do (`executemany` would let go at every row).
_EXACT = 64
_LARGE = 256

_OF_A_LOG = ("log", "snapshots", "snapshot_cids", "projections", "unfinished")


@cache
def _insert_of(rows: int) -> str:
    """The statement that inserts so many rows."""
    return _INSERT + ",".join(["(" + ",".join("?" * _COLUMNS) + ")"] * rows)


class Transaction:
    """What the works of one batch write, as one.

    What fits one statement is written without BEGIN: the statement is the transaction.

    Attributes:
        committing: What runs now makes it durable: a failure here leaves the outcome unknown.
        rows: How many entries were added.
        erased: Text was erased; its bytes are in the write-ahead log until that is emptied.
    """

    def __init__(self, db: sqlite3.Connection, tips: Tips) -> None:
        self._db = db
        self._tips = tips
        self._values: list[Any] = []
        self._begun = False
        self.committing = False
        self.rows = 0
        self.erased = False

    def add_entries(self, conv: ConvId, epoch: int, entries: Sequence[Entry]) -> None:
        """Add entries to a log.

        Raises:
            SeqMismatchError: They do not continue the log.
            StaleEpochError: The shard has another epoch.
            StoreRefusedError: An entry names another epoch than its owner's.
        """
        tip = self.owned(conv, epoch)
        seq = tip.head
        for entry in entries:
            seq += 1
            if entry.seq != seq:
                raise SeqMismatchError(entry.seq, seq)
            if entry.epoch != epoch:
                raise StoreRefusedError(f"an entry of epoch {entry.epoch}, written in {epoch}")
        if not entries:
            return
        number = self.numbered(conv, tip)
        names, add = self._tips.names, self._values.extend
        for e in entries:
            try:
                device, sender, kind = names[e.device], names[e.sender], names[e.kind]
            except KeyError:
                device, sender, kind = (self.number(n) for n in (e.device, e.sender, e.kind))
            row = (number, e.seq, epoch, e.count, device, e.cid, sender, e.ts, kind, e.target)
            add((*row, e.body))
        self.rows += len(entries)
        self._tips.move(tip, seq)

    def owned(self, conv: ConvId, epoch: int) -> Tip:
        """The log's tip, for its owner.

        Raises:
            StaleEpochError: The shard has another epoch.
        """
        tip = self._tips.tip(self._db, conv)
        self._check(tip.shard, epoch)
        return tip

    def check_owner(self, conv: ConvId, epoch: int) -> None:
        """Hold an owner's epoch against the shard's; the log's tip is not read for it.

        Raises:
            StaleEpochError: The shard has another epoch.
        """
        self._check(shard_of(conv), epoch)

    def _check(self, shard: int, epoch: int) -> None:
        current = self._tips.epoch(self._db, shard)
        if current != epoch or not epoch:
            raise StaleEpochError(epoch, current)

    def head(self, conv: ConvId) -> int:
        """The seq of the log's newest entry, as this transaction leaves it."""
        return self._tips.tip(self._db, conv).head

    def claim(self, shard: int, owner: str = "", view: tuple[int, int] = (0, 0)) -> int:
        """A new epoch for a shard.

        Raises:
            OwnedError, LowerViewError, SealedError: See `contract.Logs.claim`.
        """
        if owner and self.read("SELECT 1 FROM sealed WHERE owner = ?", (owner,)):
            raise SealedError(owner)
        rows = self.read("SELECT owner, generation, n FROM shards WHERE shard = ?", (shard,))
        for had, *last in rows:
            # First of all: in a lower view an owner may be missing that has just come in.
            if view < (claimed := (last[0], last[1])):
                raise LowerViewError(view, claimed)
            if had is not None and had != owner:
                raise OwnedError(shard, had)
        epoch = self._tips.epoch(self._db, shard) + 1
        self.write(
            "INSERT OR REPLACE INTO shards (shard, epoch, owner, generation, n)"
            " VALUES (?, ?, ?, ?, ?)",
            (shard, epoch, owner, *view),
        )
        self._tips.set_epoch(shard, epoch)
        return epoch

    def release(self, shard: int, owner: str) -> None:
        """The owner's epoch of a shard is over."""
        if self.read("SELECT 1 FROM shards WHERE shard = ? AND owner = ?", (shard, owner)):
            epoch = self._tips.epoch(self._db, shard) + 1
            self.write("UPDATE shards SET epoch = ?, owner = NULL WHERE shard = ?", (epoch, shard))
            self._tips.set_epoch(shard, epoch)

    def seal(self, owner: str) -> None:
        """The owner's epochs are over, and it gets no other."""
        self.write("INSERT OR IGNORE INTO sealed (owner) VALUES (?)", (owner,))
        for (shard,) in self.read("SELECT shard FROM shards WHERE owner = ?", (owner,)):
            self.release(shard, owner)

    def number(self, name: str) -> int:
        """The number that stands for a name, given to it now if it has none."""
        number = self._tips.known_number(self._db, name)
        if not number and name:
            number = self._tips.new_number(self._db, name)
            self.write("INSERT INTO names (number, name) VALUES (?, ?)", (number, name))
        return number

    def numbered(self, conv: ConvId, tip: Tip) -> int:
        """The log's number, given to it now if it has none."""
        if not tip.number:
            self._tips.set_number(tip, self.number(conv))
        return tip.number

    def read(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """The rows of a query. It sees what was written, but entries only after `write_entries`."""
        return self._db.execute(sql, values).fetchall()

    def write(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run a statement that changes something; how many rows it changed."""
        self._begin()
        return self._db.execute(sql, values).rowcount

    def write_entries(self) -> None:
        """Hand gathered entries to SQLite, for a statement to come that changes them."""
        if self._values:
            self._begin()
            self._insert(self._values)
            self._values = []

    def remove_log(self, conv: ConvId) -> None:
        """Remove everything of a log; it is empty then, as one that was never written."""
        tip = self._tips.tip(self._db, conv)
        self.write_entries()
        for table in _OF_A_LOG:
            self.write(f"DELETE FROM {table} WHERE conv = ?", (tip.number,))
        self._tips.move(tip, 0)
        self.erased = True

    def commit(self) -> None:
        """Make it durable."""
        values, self._values = self._values, []
        rows = len(values) // _COLUMNS
        if not self._begun and 0 < rows <= _EXACT:
            self.committing = True
            self._insert(values)
        elif self._begun or values:
            self._begin()
            self._insert(values)
            self.committing = True
            self._db.execute("COMMIT")
        self.committing = False

    def _begin(self) -> None:
        if not self._begun:
            self._db.execute("BEGIN IMMEDIATE")
            self._begun = True

    def _insert(self, values: list[Any]) -> None:
        start = 0
        for rows in _parts(len(values) // _COLUMNS):
            end = start + rows * _COLUMNS
            part = values if end - start == len(values) else values[start:end]
            self._db.execute(_insert_of(rows), part)
            start = end


def _parts(rows: int) -> Iterator[int]:
    for size in (_LARGE, _EXACT):
        while rows >= size:
            yield size
            rows -= size
    if rows:
        yield rows


__all__ = ["Transaction"]
