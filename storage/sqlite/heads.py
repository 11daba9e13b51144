"""The lines of a user's list: one query finds the tips, whole lines take a few more."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Any

from ...config.ids import ConvId, DeviceId, UserId
from ..records import HIDDEN_KINDS, BriefHead, Cursors, Gone, Head, HeadsPage, Membership, Message
from .log_reader import LogReader
from .rows import ENTRY, PROJECTION, number_of

COLUMNS = "user, conv, kind, lv, conv_seq, title, role, peer, since, until, request, mute"
_WIDTH = 12

_LINES = (
    "SELECT {}, m.recv, m.read, e.seq, n.number, l.seq, l.count FROM memberships m"
    " LEFT JOIN ended e ON e.conv = m.conv AND e.user = m.user AND e.seq > m.conv_seq"
    " LEFT JOIN names n ON n.name = m.conv"
    " LEFT JOIN log l ON l.conv = n.number"
    "  AND l.seq = (SELECT max(seq) FROM log WHERE conv = n.number)"
    " WHERE m.user = ? AND m.conv > ? AND (m.until IS NULL OR m.lv > ? OR e.seq IS NOT NULL)"
    " ORDER BY m.conv LIMIT ?"
).format(", ".join(f"m.{column}" for column in COLUMNS.split(", ")))
# Changes of earlier entries stand behind the last message, mostly few.
_LAST = (
    f"SELECT {ENTRY}, {PROJECTION}, EXISTS (SELECT 1 FROM log d WHERE d.conv = l.conv"
    "  AND d.target = l.seq AND d.target > 0"
    "  AND d.kind = (SELECT number FROM names WHERE name = 'delete'))"
    " FROM log l LEFT JOIN projections p ON p.conv = l.conv AND p.seq = l.seq"
    " WHERE l.conv = ? AND l.target = 0"
    " AND l.kind NOT IN (SELECT number FROM names WHERE name IN ({}))"
    " ORDER BY l.seq DESC LIMIT 1"
).format(", ".join(f"'{kind}'" for kind in HIDDEN_KINDS))
# The tail after a snapshot is short, so it is looked through; an index on cid would double the
# cost of every append.
_MINE_IN_TAIL = (
    "SELECT cid FROM log WHERE conv = ?1 AND device = ?2"
    " AND seq > coalesce((SELECT seq FROM snapshots WHERE conv = ?1), 0)"
    " ORDER BY seq DESC LIMIT 1"
)
_MINE_IN_SNAPSHOT = "SELECT cid FROM snapshot_cids WHERE conv = ? AND device = ?"
_SHOWN = "SELECT display, name, colour FROM accounts WHERE id = ?"


class HeadsReader:
    """Reads pages of a user's list, each in one read transaction."""

    def __init__(self, logs: LogReader) -> None:
        self._logs = logs

    def page(
        self,
        db: sqlite3.Connection,
        user: UserId,
        device: DeviceId,
        since: int,
        after: ConvId | None,
        limit: int,
    ) -> HeadsPage:
        """Lines after a conversation; a line that was left before `since` takes no room."""
        limit = max(1, limit)
        rows = db.execute(_LINES, (user, after or "", since, limit + 1)).fetchall()
        more = len(rows) > limit
        del rows[limit:]
        heads: list[Head | BriefHead] = []
        gone: list[Gone] = []
        device_number = number_of(db, device)
        for row in rows:
            membership = membership_of(row)
            recv, read, ended, number, head, count = row[_WIDTH:]
            head, count = head or 0, count or 0
            until = ended or membership.until
            if until is not None:
                gone.append(Gone(membership.conv, until))
            elif membership.lv <= since:
                heads.append(BriefHead(membership.conv, head, count))
            else:
                heads.append(
                    Head(
                        membership,
                        Cursors(recv, read),
                        head,
                        count,
                        self._count_at(db, number, head, count, read),
                        self._mine(db, number, device_number),
                        self._last(db, number),
                        *self._shown(db, membership.peer),
                    )
                )
        return HeadsPage(heads, gone, ConvId(rows[-1][1]) if more else None)

    def _count_at(
        self, db: sqlite3.Connection, number: int, head: int, count: int, seq: int
    ) -> int:  # fmt: skip
        if seq >= head:
            return count
        row = db.execute("SELECT count FROM log WHERE conv = ? AND seq = ?", (number, seq))
        found = row.fetchone()
        return found[0] if found else 0

    def _last(self, db: sqlite3.Connection, number: int | None) -> Message | None:
        row = db.execute(_LAST, (number,)).fetchone()
        if row is None:
            return None
        message = self._logs.message(db, row[:-1])
        return replace(message, entry=replace(message.entry, body=b"")) if row[-1] else message

    def _mine(self, db: sqlite3.Connection, number: int, device: int) -> int:
        for sql in (_MINE_IN_TAIL, _MINE_IN_SNAPSHOT) if device else ():
            row = db.execute(sql, (number, device)).fetchone()
            if row is not None:
                return int(row[0])
        return 0

    def _shown(self, db: sqlite3.Connection, user: UserId | None) -> tuple[str, str]:
        """A name to show, and the chosen colour."""
        row = db.execute(_SHOWN, (user,)).fetchone()
        return (row[0] or row[1], row[2]) if row else ("", "")


def membership_of(row: tuple[Any, ...]) -> Membership:
    """The membership that begins a row of COLUMNS."""
    user, conv, kind, lv, conv_seq, title, role, peer, since, until, request, mute = row[:_WIDTH]
    return Membership(
        user, conv, kind, lv, conv_seq, title, role, peer, since, until, bool(request), mute
    )


__all__ = ["COLUMNS", "HeadsReader", "membership_of"]
