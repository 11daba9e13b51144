"""Invite links in SQLite."""

from __future__ import annotations

import sqlite3
from typing import Any

from ...config.errors import StoreRefusedError
from ...config.ids import ConvId
from ..records import Invite
from .base import SqliteBase
from .transaction import Transaction

_COLUMNS = "id, conv, maker, digest, made_at, created_ms, expires_ms"
_SELECT = f"SELECT {_COLUMNS} FROM invites WHERE"


class SqliteInvites(SqliteBase):
    """`invites.Invites` in SQLite."""

    async def add_invite(self, invite: Invite, limit: int, now_ms: int) -> bool:
        return await self._write(lambda tx: _add(tx, invite, limit, now_ms))

    async def invite(self, digest: bytes, now_ms: int) -> Invite | None:
        found = await self._invites("digest = ? AND expires_ms > ?", (digest, now_ms))
        return found[0] if found else None

    async def invites(self, conv: ConvId, now_ms: int) -> list[Invite]:
        where = "conv = ? AND expires_ms > ? ORDER BY created_ms, id"
        return await self._invites(where, (conv, now_ms))

    async def _invites(self, where: str, values: tuple[Any, ...]) -> list[Invite]:
        def read(db: sqlite3.Connection) -> list[Invite]:
            return [Invite(*row) for row in db.execute(f"{_SELECT} {where}", values)]

        return await self._read(read)

    async def revoke_invite(self, conv: ConvId, invite: str) -> bool:
        sql = "DELETE FROM invites WHERE conv = ? AND id = ?"
        return await self._write(lambda tx: tx.write(sql, (conv, invite)) == 1)


def _add(tx: Transaction, i: Invite, limit: int, now_ms: int) -> bool:
    if tx.read("SELECT 1 FROM invites WHERE id = ? OR digest = ?", (i.id, i.digest)):
        raise StoreRefusedError(f"{i.id} exists already")
    live = "SELECT count(*) FROM invites WHERE conv = ? AND expires_ms > ?"
    if tx.read(live, (i.conv, now_ms))[0][0] >= limit:
        return False
    tx.write("DELETE FROM invites WHERE conv = ? AND expires_ms <= ?", (i.conv, now_ms))
    tx.write(
        f"INSERT INTO invites ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (i.id, i.conv, i.maker, i.digest, i.made_at, i.created_ms, i.expires_ms),
    )
    return True


__all__ = ["SqliteInvites"]
