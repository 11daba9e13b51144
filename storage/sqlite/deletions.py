"""Accounts that go, in SQLite."""

from __future__ import annotations

from hashlib import sha256

from ...config.ids import UserId, self_log
from .base import SqliteBase
from .transaction import Transaction

#: No name begins so; the column is unique.
_HOLLOW = (
    "UPDATE accounts SET folded = '=' || id, name = '', created_ms = 0, password = '',"
    " display = '', sought = '', about = '', presence = 'nobody', colour = '', findable = 0,"
    " disabled = 1, last_active_ms = 0, write = 'nobody' WHERE id = ?"
)


def name_digest(folded: str) -> bytes:
    """What is kept of a name that nobody can have again.

    A name can be guessed and tried, as by signing up; but the list of them cannot be read.
    """
    return sha256(folded.encode()).digest()


class SqliteDeletions(SqliteBase):
    """`deletions.Deletions` in SQLite."""

    async def begin_deletion(self, user: UserId) -> bool:
        return await self._write(lambda tx: _begin(tx, user))

    async def deletions(self) -> list[UserId]:
        sql = "SELECT user FROM deletions ORDER BY user"
        return await self._read(lambda db: [UserId(user) for (user,) in db.execute(sql)])

    async def finish_deletion(self, user: UserId) -> None:
        await self._write(lambda tx: _finish(tx, user))


def _begin(tx: Transaction, user: UserId) -> bool:
    found = tx.read("SELECT folded FROM accounts WHERE id = ?", (user,))
    if found and not _has_begun(tx, user):
        digest = name_digest(found[0][0])
        tx.write("INSERT OR IGNORE INTO retired_names (digest) VALUES (?)", (digest,))
        tx.write("INSERT INTO deletions (user) VALUES (?)", (user,))
        tx.write(_HOLLOW, (user,))
        _drop_devices(tx, user)
    return bool(found)


def _finish(tx: Transaction, user: UserId) -> None:
    if not _has_begun(tx, user):
        return
    tx.write("DELETE FROM deletions WHERE user = ?", (user,))
    tx.write("DELETE FROM accounts WHERE id = ?", (user,))
    tx.write("DELETE FROM memberships WHERE user = ?", (user,))
    tx.write("DELETE FROM contacts WHERE user = ?1 OR peer = ?1", (user,))
    _drop_devices(tx, user)
    tx.remove_log(self_log(user))


def _has_begun(tx: Transaction, user: UserId) -> bool:
    return bool(tx.read("SELECT 1 FROM deletions WHERE user = ?", (user,)))


def _drop_devices(tx: Transaction, user: UserId) -> None:
    tx.write("DELETE FROM devices WHERE user = ?", (user,))
    tx.write("DELETE FROM recovery WHERE user = ?", (user,))
    # Not only the rows: their bytes leave the file and its log too.
    tx.erased = True


__all__ = ["SqliteDeletions", "name_digest"]
