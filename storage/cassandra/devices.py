"""Devices in Cassandra: they stand in their user's document, and a row tells whose each is."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import astuple, replace
from typing import Literal, TypeVar

from ...config.errors import OutcomeUnknownError, StoreRefusedError
from ...config.ids import DeviceId, UserId
from ..memory_queue import check_storable
from ..records import Device
from .documents import Changed
from .people import CassandraPeople
from .person import Person

T = TypeVar("T")

_WHOSE = "SELECT user FROM device_users WHERE device = ?"
_TAKE = "INSERT INTO device_users (device, user) VALUES (?, ?) IF NOT EXISTS"


class CassandraDevices(CassandraPeople):
    """What `accounts.Accounts` says about devices, in Cassandra."""

    async def add_device(self, device: Device, limit: int) -> list[DeviceId]:
        check_storable(*astuple(device))
        self._check_open()
        with suppress(OutcomeUnknownError):  # the read below tells
            await self._rows(_TAKE, device.id, device.user)
        whose = await self._rows(_WHOSE, device.id, serial=True)
        if whose and whose[0][0] != device.user:
            raise StoreRefusedError(f"{device.id} exists already")
        if not whose:
            raise OutcomeUnknownError(f"whose {device.id} is")
        person = await self._people.get(device.user)
        seen = {d.id: d.seen_ms for d in await self._with_seen(person.devices if person else ())}

        def add(person: Person) -> Changed[Person, list[DeviceId]]:
            if person.device(device.id) is not None:
                raise StoreRefusedError(f"{device.id} exists already")
            others = sorted(
                (d for d in person.devices if not d.revoked),
                key=lambda d: (seen.get(d.id, d.seen_ms), d.created_ms, d.id),
                reverse=True,
            )
            over = [d.id for d in others[max(0, limit - 1) :]]
            rest = person.ended(*over) if over else person
            return Changed(over, rest.with_device(device))

        return (await self._change_person(device.user, add))[0]

    async def device(self, device: DeviceId) -> Device | None:
        whose = await self._rows(_WHOSE, device)
        person = await self._people.get(whose[0][0]) if whose else None
        found = person.device(device) if person else None
        return (await self._with_seen([found]))[0] if found else None

    async def devices(self, user: UserId) -> list[Device]:
        self._check_open()
        person = await self._people.get(user)
        mine = [d for d in person.devices if not d.revoked] if person else []
        return sorted(await self._with_seen(mine), key=lambda d: (d.created_ms, d.id))

    async def touch_device(self, device: DeviceId, seen_ms: int) -> None:
        await self._saw(device, seen_ms)

    async def label_device(self, user: UserId, device: DeviceId, label: str) -> bool:
        check_storable(label)

        def call_it(person: Person) -> Changed[Person, bool]:
            known = person.device(device)
            if known is None or known.revoked:
                return Changed(False)
            return Changed(True, person.with_device(replace(known, label=label)))

        return (await self._change_person(user, call_it))[0]

    async def revoke_device(self, user: UserId, device: DeviceId) -> bool:
        def revoke(person: Person) -> Changed[Person, bool]:
            known = person.device(device)
            if known is None or known.revoked:
                return Changed(False)
            return Changed(True, person.ended(device))

        return (await self._change_person(user, revoke))[0]

    async def rotate_refresh(
        self, device: DeviceId, presented: bytes, fresh: bytes, expires_ms: int, now_ms: int
    ) -> Literal["rotated", "reused", "gone"]:
        check_storable(expires_ms)

        def rotate(person: Person) -> Changed[Person, Literal["rotated", "reused", "gone"]]:
            known = person.device(device)
            if known is None or known.revoked or known.refresh_expires_ms <= now_ms:
                return Changed("gone")
            if not presented or presented not in (known.refresh, known.previous):
                return Changed("reused", person.ended(device))
            new = replace(
                known, refresh=fresh, previous=presented, refresh_expires_ms=expires_ms
            )  # fmt: skip
            return Changed("rotated", person.with_device(new))

        whose = await self._rows(_WHOSE, device)
        if not whose:
            return "gone"
        return (await self._change_person(whose[0][0], rotate))[0]


__all__ = ["CassandraDevices"]
