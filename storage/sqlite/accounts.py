"""People, devices, tokens and recovery codes in SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any, Literal

from ...config.errors import NameTakenError, StoreRefusedError
from ...config.ids import DeviceId, UserId
from ..records import Account, Device, Presence, Write
from .base import SqliteBase
from .deletions import name_digest
from .transaction import Transaction

_ACCOUNT = (
    "id, name, folded, created_ms, password, display, sought, about, presence, colour, findable,"
    " disabled, last_active_ms, write"
)
_DEVICE = "id, user, label, created_ms, seen_ms, refresh, previous, refresh_expires_ms, revoked"
_SELECT_ACCOUNT = f"SELECT {_ACCOUNT} FROM accounts WHERE"
_SELECT_DEVICE = f"SELECT {_DEVICE} FROM devices WHERE"
#: The last code point there is: no name holds it, so all that begin with a text stand before it.
_LAST = "\U0010ffff"
_FIND = (
    f"SELECT {_ACCOUNT} FROM accounts"
    " WHERE findable = 1 AND disabled = 0 AND {0} >= ?1 AND {0} < ?2 ORDER BY {0}, id LIMIT ?3"
)
_FIND_BY = (_FIND.format("folded"), _FIND.format("sought"))
_REVOKE_ALL = "UPDATE devices SET revoked = 1 WHERE user = ? AND revoked = 0"


class SqliteAccounts(SqliteBase):
    """`accounts.Accounts` in SQLite."""

    async def create_account(self, account: Account, recovery: Sequence[bytes]) -> None:
        digests = list(recovery)
        await self._write(lambda tx: _create(tx, account, digests))

    async def account(self, user: UserId) -> Account | None:
        found = await self._accounts("id = ?", (user,))
        return found[0] if found else None

    async def account_by_name(self, folded: str) -> Account | None:
        found = await self._accounts("folded = ?", (folded,))
        return found[0] if found else None

    async def accounts(self, users: Sequence[UserId]) -> dict[UserId, Account]:
        listed = json.dumps(list(users))
        found = await self._accounts("id IN (SELECT value FROM json_each(?))", (listed,))
        return {account.id: account for account in found}

    async def list_accounts(self, after: str, limit: int) -> list[Account]:
        return await self._accounts(
            "folded > ? AND name <> '' ORDER BY folded LIMIT ?", (after, limit)
        )

    async def _accounts(self, where: str, values: tuple[Any, ...]) -> list[Account]:
        def read(db: sqlite3.Connection) -> list[Account]:
            return [_account(row) for row in db.execute(f"{_SELECT_ACCOUNT} {where}", values)]

        return await self._read(read)

    async def set_password(self, user: UserId, password: str) -> None:
        def change(tx: Transaction) -> None:
            _change_account(tx, user, "password = ?", password)
            tx.write(_REVOKE_ALL, (user,))

        await self._write(change)

    async def set_disabled(self, user: UserId, disabled: bool) -> None:
        def change(tx: Transaction) -> None:
            _change_account(tx, user, "disabled = ?", disabled)
            if disabled:
                tx.write(_REVOKE_ALL, (user,))

        await self._write(change)

    async def find_accounts(self, prefix: str, limit: int) -> list[Account]:
        def read(db: sqlite3.Connection) -> list[Account]:
            # Each half stops at the limit, so it costs no more the more people are alike.
            rows = [row for sql in _FIND_BY for row in db.execute(sql, (prefix, end, limit))]
            return list({row[0]: _account(row) for row in rows}.values())[:limit]

        end = prefix + _LAST
        return await self._read(read)

    async def set_profile(
        self,
        user: UserId,
        display: str,
        about: str,
        presence: Presence,
        *,
        sought: str,
        colour: str,
        findable: bool,
    ) -> None:
        assignments = "display = ?, about = ?, presence = ?, sought = ?, colour = ?, findable = ?"
        values = (display, about, presence, sought, colour, findable)
        await self._write(lambda tx: _change_account(tx, user, assignments, *values))

    async def set_write(self, user: UserId, write: Write) -> None:
        await self._write(lambda tx: _change_account(tx, user, "write = ?", write))

    async def put_last_active(self, user: UserId, ms: int) -> None:
        sql = "UPDATE accounts SET last_active_ms = max(last_active_ms, ?) WHERE id = ?"
        await self._write(lambda tx: tx.write(sql, (ms, user)))

    async def set_recovery(self, user: UserId, digests: Sequence[bytes]) -> None:
        fresh = list(digests)

        def replace(tx: Transaction) -> None:
            if not tx.read("SELECT 1 FROM accounts WHERE id = ?", (user,)):
                raise StoreRefusedError(f"there is no {user}")
            tx.write("DELETE FROM recovery WHERE user = ?", (user,))
            _add_recovery(tx, user, fresh)

        await self._write(replace)

    async def use_recovery(self, user: UserId, digest: bytes) -> bool:
        sql = "DELETE FROM recovery WHERE user = ? AND digest = ?"
        return await self._write(lambda tx: tx.write(sql, (user, digest)) == 1)

    async def add_device(self, device: Device, limit: int) -> list[DeviceId]:
        return await self._write(lambda tx: _add_device(tx, device, limit))

    async def device(self, device: DeviceId) -> Device | None:
        found = await self._devices("id = ?", device)
        return found[0] if found else None

    async def devices(self, user: UserId) -> list[Device]:
        return await self._devices("user = ? AND revoked = 0 ORDER BY created_ms, id", user)

    async def _devices(self, where: str, value: str) -> list[Device]:
        def read(db: sqlite3.Connection) -> list[Device]:
            return [_device(row) for row in db.execute(f"{_SELECT_DEVICE} {where}", (value,))]

        return await self._read(read)

    async def touch_device(self, device: DeviceId, seen_ms: int) -> None:
        sql = "UPDATE devices SET seen_ms = max(seen_ms, ?) WHERE id = ?"
        await self._write(lambda tx: tx.write(sql, (seen_ms, device)))

    async def label_device(self, user: UserId, device: DeviceId, label: str) -> bool:
        sql = "UPDATE devices SET label = ? WHERE id = ? AND user = ? AND revoked = 0"
        return await self._write(lambda tx: tx.write(sql, (label, device, user)) == 1)

    async def revoke_device(self, user: UserId, device: DeviceId) -> bool:
        sql = "UPDATE devices SET revoked = 1 WHERE id = ? AND user = ? AND revoked = 0"
        return await self._write(lambda tx: tx.write(sql, (device, user)) == 1)

    async def rotate_refresh(
        self, device: DeviceId, presented: bytes, fresh: bytes, expires_ms: int, now_ms: int
    ) -> Literal["rotated", "reused", "gone"]:
        return await self._write(
            lambda tx: _rotate(tx, device, presented, fresh, expires_ms, now_ms)
        )

    async def secret(self, name: str, fresh: bytes) -> bytes:
        def keep(tx: Transaction) -> bytes:
            found = tx.read("SELECT secret FROM secrets WHERE name = ?", (name,))
            if found:
                return bytes(found[0][0])
            tx.write("INSERT INTO secrets (name, secret) VALUES (?, ?)", (name, fresh))
            return fresh

        return await self._write(keep)


def _create(tx: Transaction, a: Account, digests: list[bytes]) -> None:
    if tx.read("SELECT 1 FROM accounts WHERE folded = ?", (a.folded,)) or tx.read(
        "SELECT 1 FROM retired_names WHERE digest = ?", (name_digest(a.folded),)
    ):
        raise NameTakenError(f"The name {a.name} is taken.")
    if tx.read("SELECT 1 FROM accounts WHERE id = ?", (a.id,)):
        raise StoreRefusedError(f"{a.id} exists already")
    tx.write(
        f"INSERT INTO accounts ({_ACCOUNT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            a.id, a.name, a.folded, a.created_ms, a.password, a.display, a.sought, a.about,
            a.presence, a.colour, a.findable, a.disabled, a.last_active_ms, a.write,
        ),
    )  # fmt: skip
    _add_recovery(tx, a.id, digests)


def _add_recovery(tx: Transaction, user: UserId, digests: list[bytes]) -> None:
    for digest in digests:
        tx.write("INSERT OR IGNORE INTO recovery (user, digest) VALUES (?, ?)", (user, digest))


def _change_account(tx: Transaction, user: UserId, assignments: str, *values: Any) -> None:
    if not tx.read("SELECT 1 FROM accounts WHERE id = ?", (user,)):
        raise StoreRefusedError(f"there is no {user}")
    tx.write(f"UPDATE accounts SET {assignments} WHERE id = ?", (*values, user))


def _add_device(tx: Transaction, d: Device, limit: int) -> list[DeviceId]:
    if tx.read("SELECT 1 FROM devices WHERE id = ?", (d.id,)):
        raise StoreRefusedError(f"{d.id} exists already")
    tx.write(
        f"INSERT INTO devices ({_DEVICE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            d.id, d.user, d.label, d.created_ms, d.seen_ms,
            d.refresh, d.previous, d.refresh_expires_ms, d.revoked,
        ),
    )  # fmt: skip
    others = tx.read(
        "SELECT id FROM devices WHERE user = ? AND revoked = 0 AND id <> ?"
        " ORDER BY seen_ms DESC, created_ms DESC, id DESC",
        (d.user, d.id),
    )
    over = [DeviceId(row[0]) for row in others[max(0, limit - 1) :]]
    for device in over:
        tx.write("UPDATE devices SET revoked = 1 WHERE id = ?", (device,))
    return over


def _rotate(
    tx: Transaction, device: DeviceId, presented: bytes, fresh: bytes, expires_ms: int, now_ms: int
) -> Literal["rotated", "reused", "gone"]:
    found = [_device(row) for row in tx.read(f"{_SELECT_DEVICE} id = ?", (device,))]
    if not found or found[0].revoked or found[0].refresh_expires_ms <= now_ms:
        return "gone"
    known = found[0]
    if presented and presented in (known.refresh, known.previous):
        tx.write(
            "UPDATE devices SET refresh = ?, previous = ?, refresh_expires_ms = ? WHERE id = ?",
            (fresh, presented, expires_ms, device),
        )
        return "rotated"
    tx.write("UPDATE devices SET revoked = 1 WHERE id = ?", (device,))
    return "reused"


def _account(row: tuple[Any, ...]) -> Account:
    user, name, folded, created, password, *profile, findable, disabled, active, write = row
    display, sought, about, presence, colour = profile
    return Account(
        user, name, folded, created, password, display, sought, about, presence, colour,
        bool(findable), bool(disabled), active, write,
    )  # fmt: skip


def _device(row: tuple[Any, ...]) -> Device:
    device, user, label, created, seen, refresh, previous, expires, revoked = row
    return Device(device, user, label, created, seen, refresh, previous, expires, bool(revoked))


__all__ = ["SqliteAccounts"]
