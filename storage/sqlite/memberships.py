"""Each user's list of conversations, and how far the user got in each."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from ...config.ids import ConvId, DeviceId, UserId
from ..records import Cursors, HeadsPage, Membership
from .base import SqliteBase
from .heads import COLUMNS, HeadsReader, membership_of
from .transaction import Transaction

# A rejoining member's cursors are lifted over what was said meanwhile: it must not count as unread.
_PUT = (
    f"INSERT INTO memberships ({COLUMNS}, recv, read)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, max(?9 - 1, 0), max(?9 - 1, 0))"
    " ON CONFLICT (user, conv) DO UPDATE SET kind = ?3, lv = ?4, conv_seq = ?5, title = ?6,"
    " role = ?7, peer = ?8, since = ?9, until = ?10, request = ?11, mute = ?12,"
    " recv = max(recv, ?9 - 1), read = max(read, ?9 - 1) WHERE conv_seq <= ?5 AND lv <= ?4"
)
_RAISE = (
    "UPDATE memberships SET recv = max(recv, ?1), read = max(read, ?2)"
    " WHERE user = ?3 AND conv = ?4 AND (recv < ?1 OR read < ?2)"
)
_SMALLEST = (
    "SELECT count(*) FROM memberships a JOIN memberships b ON b.user = ? AND b.conv = a.conv"
    " JOIN memberships c ON c.conv = a.conv AND c.until IS NULL"
    " WHERE a.user = ? AND a.until IS NULL AND a.request = 0 AND b.until IS NULL"
    " GROUP BY a.conv ORDER BY 1 LIMIT 1"
)
_HAVE_MET = (
    "SELECT 1 FROM memberships a JOIN memberships b ON b.user = ? AND b.conv = a.conv"
    " WHERE a.user = ? AND a.request = 0 LIMIT 1"
)


class SqliteMemberships(SqliteBase):
    """`contract.Memberships` in SQLite."""

    _heads_reader: HeadsReader

    async def membership(self, user: UserId, conv: ConvId) -> Membership | None:
        sql = f"SELECT {COLUMNS} FROM memberships WHERE user = ? AND conv = ?"
        rows = await self._read(lambda db: _memberships(db, sql, (user, conv)))
        return rows[0] if rows else None

    async def put_membership(self, membership: Membership) -> None:
        m = membership
        # fmt: off
        row = (
            m.user, m.conv, m.kind, m.lv, m.conv_seq, m.title, m.role, m.peer, m.since, m.until,
            m.request, m.mute,
        )
        # fmt: on
        await self._write(lambda tx: tx.write(_PUT, row))

    def put_cursors(self, conv: ConvId, cursors: Mapping[UserId, Cursors]) -> None:
        rows = [(c.recv, c.read, user, conv) for user, c in cursors.items()]
        self._write_behind("cursors", lambda tx: _raise_cursors(tx, rows))

    async def heads(
        self,
        user: UserId,
        device: DeviceId,
        *,
        since: int,
        after: ConvId | None,
        limit: int,
    ) -> HeadsPage:
        reader = self._heads_reader
        return await self._read(lambda db: reader.page(db, user, device, since, after, limit))

    async def memberships(
        self, user: UserId, *, after: ConvId | None, limit: int
    ) -> list[Membership]:
        sql = f"SELECT {COLUMNS} FROM memberships WHERE user = ? AND conv > ? ORDER BY conv LIMIT ?"
        return await self._read(lambda db: _memberships(db, sql, (user, after or "", limit)))

    async def members(self, conv: ConvId) -> list[Membership]:
        sql = f"SELECT {COLUMNS} FROM memberships WHERE conv = ? ORDER BY user"
        return await self._read(lambda db: _memberships(db, sql, (conv,)))

    async def smallest_shared(self, one: UserId, other: UserId) -> int:
        def read(db: sqlite3.Connection) -> int:
            row = db.execute(_SMALLEST, (other, one)).fetchone()
            return int(row[0]) if row else 0

        return await self._read(read)

    async def have_met(self, one: UserId, other: UserId) -> bool:
        return await self._read(lambda db: bool(db.execute(_HAVE_MET, (other, one)).fetchone()))


def _memberships(
    db: sqlite3.Connection, sql: str, values: tuple[Any, ...]
) -> list[Membership]:  # fmt: skip
    return [membership_of(row) for row in db.execute(sql, values)]


def _raise_cursors(tx: Transaction, rows: list[tuple[int, int, UserId, ConvId]]) -> None:
    for row in rows:
        tx.write(_RAISE, row)


__all__ = ["SqliteMemberships"]
