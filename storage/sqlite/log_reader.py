"""What is asked of a log: pages, tails, the head."""

from __future__ import annotations

import sqlite3
from typing import Any

from ...config.ids import ConvId, UserId
from ..records import Activation, Cursors, Message, Snapshot
from .rows import ENTRY, PROJECTION, Names, number_of, projection

_PAGE = (
    f"SELECT {ENTRY}, {PROJECTION} FROM log l"
    " LEFT JOIN projections p ON p.conv = l.conv AND p.seq = l.seq"
    " WHERE l.conv = (SELECT number FROM names WHERE name = ?) AND l.seq BETWEEN ? AND ?"
    " ORDER BY l.seq {} LIMIT ?"
)
_FORWARDS = _PAGE.format("ASC")
_BACKWARDS = _PAGE.format("DESC")
_TAIL = f"SELECT {ENTRY} FROM log l WHERE l.conv = ? AND l.seq > ? ORDER BY l.seq"
_HEAD = (
    "SELECT seq, count FROM log WHERE conv = (SELECT number FROM names WHERE name = ?)"
    " ORDER BY seq DESC LIMIT 1"
)


class LogReader:
    """Reads of one log. Each method runs in one read transaction."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def activation(self, db: sqlite3.Connection, conv: ConvId) -> Activation:
        """The newest snapshot, the tail, the cursors."""
        names = self._names
        number = number_of(db, conv)
        snapshot = self.snapshot(db, conv)
        tail = db.execute(_TAIL, (number, snapshot.seq if snapshot else 0)) if number else ()
        cursors = db.execute("SELECT user, recv, read FROM memberships WHERE conv = ?", (conv,))
        return Activation(
            snapshot,
            [names.entry(db, row) for row in tail],
            {UserId(user): Cursors(recv, read) for user, recv, read in cursors},
        )

    def snapshot(self, db: sqlite3.Connection, conv: ConvId) -> Snapshot | None:
        """The newest snapshot."""
        number = number_of(db, conv)
        row = db.execute("SELECT seq, state FROM snapshots WHERE conv = ?", (number,)).fetchone()
        if row is None:
            return None
        cids = db.execute("SELECT device, cid FROM snapshot_cids WHERE conv = ?", (number,))
        return Snapshot(row[0], row[1], {self._names.name(db, d): cid for d, cid in cids})

    def page(
        self,
        db: sqlite3.Connection,
        conv: ConvId,
        first: int,
        last: int,
        limit: int,
        max_bytes: int,
        backwards: bool,
    ) -> list[Message]:
        """Entries of a range, folded, in rising seq."""
        sql = _BACKWARDS if backwards else _FORWARDS
        messages: list[Message] = []
        size = 0
        for row in db.execute(sql, (conv, first, last, max(1, limit))):
            message = self.message(db, row)
            shown = message.projection.body if message.projection else None
            size += len(message.entry.body if shown is None else shown)
            if messages and size > max_bytes:
                break
            messages.append(message)
        if backwards:
            messages.reverse()
        return messages

    def message(self, db: sqlite3.Connection, row: tuple[Any, ...]) -> Message:
        """The message in a row of ENTRY and PROJECTION."""
        return Message(self._names.entry(db, row), projection(row[0], row[10:]))

    def head(self, db: sqlite3.Connection, conv: ConvId) -> tuple[int, int]:
        """(seq, count) of the newest entry."""
        row = db.execute(_HEAD, (conv,)).fetchone()
        return (row[0], row[1]) if row else (0, 0)

    def unfinished(self, db: sqlite3.Connection) -> list[ConvId]:
        """Logs with effects to do."""
        rows = db.execute("SELECT name FROM unfinished JOIN names ON number = conv ORDER BY name")
        return [ConvId(name) for (name,) in rows]


__all__ = ["LogReader"]
