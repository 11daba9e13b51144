"""People, devices, tokens and recovery codes in dicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from ..config.clock import Clock
from ..config.errors import NameTakenError, StoreRefusedError
from ..config.ids import DeviceId, UserId
from ..config.units import SECONDS
from .memory_queue import MemoryQueue, check_record, check_storable
from .records import Account, Device, Presence, Write


class MemoryAccounts(MemoryQueue):
    """`accounts.Accounts` in dicts."""

    def __init__(self, *, clock: Clock | None = None, commit_s: float = 0 * SECONDS) -> None:
        super().__init__(clock=clock, commit_s=commit_s)
        self._accounts: dict[UserId, Account] = {}
        self._by_name: dict[str, UserId] = {}
        self._retired: set[str] = set()
        self._recovery: set[tuple[UserId, bytes]] = set()
        self._devices: dict[DeviceId, Device] = {}
        self._secrets: dict[str, bytes] = {}

    async def create_account(self, account: Account, recovery: Sequence[bytes]) -> None:
        digests = list(recovery)

        def create() -> None:
            check_record(account)
            check_storable(*digests)
            if account.folded in self._by_name or account.folded in self._retired:
                raise NameTakenError(f"The name {account.name} is taken.")
            if account.id in self._accounts:
                raise StoreRefusedError(f"{account.id} exists already")
            self._accounts[account.id] = account
            self._by_name[account.folded] = account.id
            self._recovery.update((account.id, digest) for digest in digests)

        await self._write(create)

    async def account(self, user: UserId) -> Account | None:
        return await self._read(lambda: self._accounts.get(user))

    async def account_by_name(self, folded: str) -> Account | None:
        def read() -> Account | None:
            user = self._by_name.get(folded)
            return None if user is None else self._accounts[user]

        return await self._read(read)

    async def accounts(self, users: Sequence[UserId]) -> dict[UserId, Account]:
        return await self._read(
            lambda: {user: self._accounts[user] for user in users if user in self._accounts}
        )

    async def list_accounts(self, after: str, limit: int) -> list[Account]:
        def read() -> list[Account]:
            names = sorted(name for name in self._by_name if name > after)
            return [self._accounts[self._by_name[name]] for name in names[:limit]]

        return await self._read(read)

    async def set_password(self, user: UserId, password: str) -> None:
        def change() -> None:
            self._change(user, password=password)
            self._revoke_all(user)

        await self._write(change)

    async def set_disabled(self, user: UserId, disabled: bool) -> None:
        def change() -> None:
            self._change(user, disabled=disabled)
            if disabled:
                self._revoke_all(user)

        await self._write(change)

    async def find_accounts(self, prefix: str, limit: int) -> list[Account]:
        def read() -> list[Account]:
            shown = [a for a in self._accounts.values() if a.findable and not a.disabled]
            by_name = [a for a in shown if a.folded.startswith(prefix)]
            others = [a for a in shown if a not in by_name and a.sought.startswith(prefix)]
            by_name.sort(key=lambda a: a.folded)
            others.sort(key=lambda a: (a.sought, a.id))
            return [*by_name, *others][:limit]

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
        await self._write(
            lambda: self._change(
                user,
                display=display,
                about=about,
                presence=presence,
                sought=sought,
                colour=colour,
                findable=findable,
            )
        )

    async def set_write(self, user: UserId, write: Write) -> None:
        await self._write(lambda: self._change(user, write=write))

    async def put_last_active(self, user: UserId, ms: int) -> None:
        def raise_it() -> None:
            check_storable(ms)
            account = self._accounts.get(user)
            if account is not None and account.last_active_ms < ms:
                self._accounts[user] = replace(account, last_active_ms=ms)

        await self._write(raise_it)

    def _change(self, user: UserId, **changes: Any) -> None:
        check_storable(*changes.values())
        if user not in self._accounts:
            raise StoreRefusedError(f"there is no {user}")
        self._accounts[user] = replace(self._accounts[user], **changes)

    async def set_recovery(self, user: UserId, digests: Sequence[bytes]) -> None:
        fresh = list(digests)

        def replace_them() -> None:
            check_storable(*fresh)
            self._change(user)
            self._recovery = {kept for kept in self._recovery if kept[0] != user}
            self._recovery.update((user, digest) for digest in fresh)

        await self._write(replace_them)

    async def use_recovery(self, user: UserId, digest: bytes) -> bool:
        def use() -> bool:
            known = (user, digest) in self._recovery
            self._recovery.discard((user, digest))
            return known

        return await self._write(use)

    async def add_device(self, device: Device, limit: int) -> list[DeviceId]:
        def add() -> list[DeviceId]:
            check_record(device)
            if device.id in self._devices:
                raise StoreRefusedError(f"{device.id} exists already")
            others = sorted(
                (d for d in self._devices.values() if d.user == device.user and not d.revoked),
                key=lambda d: (d.seen_ms, d.created_ms, d.id),
                reverse=True,
            )
            self._devices[device.id] = device
            over = [d.id for d in others[max(0, limit - 1) :]]
            for known in over:
                self._revoke(known)
            return over

        return await self._write(add)

    async def device(self, device: DeviceId) -> Device | None:
        return await self._read(lambda: self._devices.get(device))

    async def devices(self, user: UserId) -> list[Device]:
        def read() -> list[Device]:
            mine = [d for d in self._devices.values() if d.user == user and not d.revoked]
            return sorted(mine, key=lambda d: (d.created_ms, d.id))

        return await self._read(read)

    async def touch_device(self, device: DeviceId, seen_ms: int) -> None:
        def touch() -> None:
            check_storable(seen_ms)
            known = self._devices.get(device)
            if known is not None and known.seen_ms < seen_ms:
                self._devices[device] = replace(known, seen_ms=seen_ms)

        await self._write(touch)

    async def label_device(self, user: UserId, device: DeviceId, label: str) -> bool:
        def call_it() -> bool:
            check_storable(label)
            known = self._devices.get(device)
            if known is None or known.user != user or known.revoked:
                return False
            self._devices[device] = replace(known, label=label)
            return True

        return await self._write(call_it)

    async def revoke_device(self, user: UserId, device: DeviceId) -> bool:
        def revoke() -> bool:
            known = self._devices.get(device)
            if known is None or known.user != user or known.revoked:
                return False
            self._revoke(device)
            return True

        return await self._write(revoke)

    async def rotate_refresh(
        self, device: DeviceId, presented: bytes, fresh: bytes, expires_ms: int, now_ms: int
    ) -> Literal["rotated", "reused", "gone"]:
        def rotate() -> Literal["rotated", "reused", "gone"]:
            check_storable(expires_ms)
            known = self._devices.get(device)
            if known is None or known.revoked or known.refresh_expires_ms <= now_ms:
                return "gone"
            if not presented or presented not in (known.refresh, known.previous):
                self._revoke(device)
                return "reused"
            self._devices[device] = replace(
                known, refresh=fresh, previous=presented, refresh_expires_ms=expires_ms
            )
            return "rotated"

        return await self._write(rotate)

    async def secret(self, name: str, fresh: bytes) -> bytes:
        return await self._write(lambda: self._secrets.setdefault(name, fresh))

    def _revoke(self, device: DeviceId) -> None:
        self._devices[device] = replace(self._devices[device], revoked=True)

    def _revoke_all(self, user: UserId) -> None:
        for device in [d.id for d in self._devices.values() if d.user == user]:
            self._revoke(device)


__all__ = ["MemoryAccounts"]
