"""People's documents, and how they are found: by id, by name, and when they were last seen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from ...config.errors import StoreRefusedError
from ...config.ids import DeviceId, UserId
from ..memory_queue import check_storable
from ..records import Account, Device
from .base import CassandraBase
from .documents import Changed, Documents
from .person import Person, name_digest

T = TypeVar("T")

_SEEN = "SELECT ms FROM seen WHERE id = ?"
_SAW = "INSERT INTO seen (id, ms) VALUES (?, ?) USING TIMESTAMP ?"
NAME = "SELECT user FROM names WHERE digest = ?"


class CassandraPeople(CassandraBase):
    """What accounts, devices and deletions share."""

    _people: Documents[Person]

    async def account(self, user: UserId) -> Account | None:
        self._check_open()
        seen = self._bridge.start(_SEEN, (user,))
        person = await self._people.get(user)
        if person is None or person.account is None:
            return None
        if person.pending:
            rows = await self._rows(NAME, name_digest(person.account.folded), serial=True)
            if not rows or rows[0][0] != user:
                return None
        account = person.account
        rows = await seen
        if person.going or not rows or rows[0][0] <= account.last_active_ms:
            return account
        return replace(account, last_active_ms=rows[0][0])

    async def account_by_name(self, folded: str) -> Account | None:
        rows = await self._rows(NAME, name_digest(folded))
        account = await self.account(UserId(rows[0][0])) if rows and rows[0][0] else None
        return account if account is not None and account.folded == folded else None

    async def accounts(self, users: Iterable[UserId]) -> dict[UserId, Account]:
        wanted = list(dict.fromkeys(users))
        found = await asyncio.gather(*(self.account(user) for user in wanted))
        return {account.id: account for account in found if account is not None}

    async def _change_person(
        self, user: UserId, decide: Callable[[Person], Changed[Person, T]]
    ) -> tuple[T, int]:
        """Change a person's document; there need not be one yet."""
        self._check_open()
        async with self._turn(("person", user)):
            return await self._people.change(user, lambda found: decide(found or Person()))

    async def _change_account(self, user: UserId, change: Callable[[Person], Person]) -> None:
        """Change somebody who has an account."""

        def decide(person: Person) -> Changed[Person, None]:
            if person.account is None:
                raise StoreRefusedError(f"there is no {user}")
            return Changed(None, change(person))

        await self._change_person(user, decide)

    async def _saw(self, id: UserId | DeviceId, ms: int) -> None:
        """Raise when it was last seen; the time is its own timestamp, so it never falls."""
        self._check_open()
        check_storable(ms)
        if ms > 0:
            await self._bridge.run(_SAW, (id, ms, ms))

    async def _with_seen(self, devices: Iterable[Device]) -> list[Device]:
        """Devices as they were last seen."""
        asked = [(device, self._bridge.start(_SEEN, (device.id,))) for device in devices]
        seen: list[Device] = []
        for device, answer in asked:
            rows = await answer
            ms = max(device.seen_ms, rows[0][0] if rows else 0)
            seen.append(replace(device, seen_ms=ms))
        return seen


__all__ = ["NAME", "CassandraPeople"]
