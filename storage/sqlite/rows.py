"""From rows to values, on the reading side."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec

from ...config.ids import UserId
from ..records import Entry, Projection

#: Names kept in mind; about 120 bytes each.
MOST_NAMES = 100_000

ENTRY = "l.seq, l.epoch, l.count, l.device, l.cid, l.sender, l.ts, l.kind, l.target, l.body"
PROJECTION = "p.changed_at, p.deleted, p.reactions, p.body"

_reactions = msgspec.msgpack.Decoder(dict[str, list[str]])


class Names:
    """The names behind numbers; a number never changes its name, so threads can share this."""

    def __init__(self) -> None:
        self._known: dict[int, str] = {0: ""}

    def name(self, db: sqlite3.Connection, number: int) -> str:
        """The name that a number stands for."""
        name = self._known.get(number)
        if name is None:
            row = db.execute("SELECT name FROM names WHERE number = ?", (number,)).fetchone()
            if len(self._known) >= MOST_NAMES:
                self._known = {0: ""}
            name = self._known[number] = row[0]
        return name

    def entry(self, db: sqlite3.Connection, row: tuple[Any, ...]) -> Entry:
        """The entry that begins a row of ENTRY."""
        seq, epoch, count, device, cid, sender, ts, kind, target, body = row[:10]
        known = self._known
        try:
            return Entry(
                seq, epoch, known[device], cid, known[sender], ts, known[kind], body, count, target
            )
        except KeyError:
            device, sender, kind = (self.name(db, n) for n in (device, sender, kind))
            return Entry(seq, epoch, device, cid, sender, ts, kind, body, count, target)


def number_of(db: sqlite3.Connection, name: str) -> int:
    """The number of a name, 0 if it has none."""
    row = db.execute("SELECT number FROM names WHERE name = ?", (name,)).fetchone()
    return row[0] if row else 0


def projection(seq: int, row: tuple[Any, ...]) -> Projection | None:
    """The projection in a row of PROJECTION, None when the join found none."""
    changed_at, deleted, reactions, body = row
    if changed_at is None:
        return None
    return Projection(seq, changed_at, body, bool(deleted), unpack_reactions(reactions))


def pack_reactions(reactions: dict[str, list[UserId]]) -> bytes | None:
    """Reactions as a column; NULL for none."""
    return msgspec.msgpack.encode(reactions) if reactions else None


def unpack_reactions(packed: bytes | None) -> dict[str, list[UserId]]:
    """The inverse of `pack_reactions`."""
    if packed is None:
        return {}
    return {emoji: [UserId(u) for u in users] for emoji, users in _reactions.decode(packed).items()}


__all__ = [
    "ENTRY",
    "PROJECTION",
    "Names",
    "number_of",
    "pack_reactions",
    "projection",
    "unpack_reactions",
]
