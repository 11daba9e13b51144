"""Who knows whom, in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from ...config.ids import UserId
from ..records import Contact
from .base import SqliteBase

_COLUMNS = "user, peer, lv, mine, theirs, theirs_at, dismissed, blocked"
_PUT = (
    f"INSERT INTO contacts ({_COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
    " ON CONFLICT (user, peer) DO UPDATE SET lv = ?3, mine = ?4, theirs = ?5, theirs_at = ?6,"
    " dismissed = ?7, blocked = ?8 WHERE lv <= ?3"
)


class SqliteContacts(SqliteBase):
    """`contacts.Contacts` in SQLite."""

    async def contact(self, user: UserId, peer: UserId) -> Contact | None:
        found = await self._rows("user = ? AND peer = ?", (user, peer))
        return found[0] if found else None

    async def put_contact(self, contact: Contact) -> None:
        c = contact
        row = (c.user, c.peer, c.lv, c.mine, c.theirs, c.theirs_at, c.dismissed, c.blocked)
        await self._write(lambda tx: tx.write(_PUT, row))

    async def contacts(self, user: UserId, after: str, limit: int) -> Sequence[Contact]:
        where = "user = ? AND peer > ? ORDER BY peer LIMIT ?"
        return await self._rows(where, (user, after, limit))

    async def _rows(self, where: str, values: tuple[Any, ...]) -> list[Contact]:
        sql = f"SELECT {_COLUMNS} FROM contacts WHERE {where}"

        def read(db: sqlite3.Connection) -> list[Contact]:
            return [_contact(row) for row in db.execute(sql, values)]

        return await self._read(read)


def _contact(row: tuple[Any, ...]) -> Contact:
    user, peer, lv, mine, theirs, theirs_at, dismissed, blocked = row
    return Contact(
        user, peer, lv, bool(mine), bool(theirs), theirs_at, bool(dismissed), bool(blocked)
    )


__all__ = ["SqliteContacts"]
