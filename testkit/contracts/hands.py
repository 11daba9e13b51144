"""Hands for the tests of stores: make entries, append and wait, ids that look like ids."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...config.errors import StoreError
from ...config.ids import ConvId, DeviceId, UserId, letters, shard_of
from ...storage.contract import NOBODY, Logs
from ...storage.records import Account, Device, Entry, Membership, Message, Projection

TS = 1_790_000_000_000
ALL = 1 << 40


def conv_id(name: str) -> ConvId:
    return ConvId("g_" + letters(name.encode().ljust(16, b"."))[:26])


def user_id(name: str) -> UserId:
    return UserId("u_" + letters(name.encode().ljust(12, b"."))[:20])


def device_id(name: str) -> DeviceId:
    return DeviceId("v_" + letters(name.encode().ljust(12, b"."))[:20])


ANN, BOB, EVE = user_id("ann"), user_id("bob"), user_id("eve")
PHONE, LAPTOP = device_id("phone"), device_id("laptop")


def account(name: str, **fields: Any) -> Account:
    return replace(Account(user_id(name), name.title(), name, TS, f"hash of {name}"), **fields)


def device(name: str, user: UserId = ANN, **fields: Any) -> Device:
    return replace(
        Device(device_id(name), user, name, TS, TS, f"r-{name}".encode(), b"", TS + 1000), **fields
    )


def membership(user: UserId, conv: ConvId, lv: int = 1, **fields: Any) -> Membership:
    return replace(Membership(user, conv, "group", lv, 1, "Tea", "member", None, 1), **fields)


class Outcomes:
    """Hears `done` calls; each outcome can be awaited, and their order is kept."""

    def __init__(self) -> None:
        self.order: list[tuple[str, StoreError | None]] = []
        self._heard: dict[str, asyncio.Future[StoreError | None]] = {}

    def of(self, name: str) -> asyncio.Future[StoreError | None]:
        return self._heard.setdefault(name, asyncio.get_running_loop().create_future())

    def hear(self, name: str) -> Hear:
        return Hear(self, name)


class Hear:
    """A `Done`; a second call of it is an error."""

    def __init__(self, outcomes: Outcomes, name: str) -> None:
        self._outcomes = outcomes
        self._name = name

    def __call__(self, error: StoreError | None) -> None:
        self._outcomes.order.append((self._name, error))
        self._outcomes.of(self._name).set_result(error)


class Log:
    """Writes one log as its owner does."""

    def __init__(self, store: Logs, conv: ConvId, epoch: int, head: int = 0) -> None:
        self.store = store
        self.conv = conv
        self.epoch = epoch
        self.head = head

    @classmethod
    async def claim(cls, store: Logs, conv: ConvId, head: int = 0) -> Log:
        return cls(store, conv, await store.claim(shard_of(conv)), head)

    def entry(
        self,
        body: bytes | str,
        *,
        seq: int | None = None,
        dev: str = PHONE,
        sender: str = ANN,
        kind: str = "text",
        cid: int | None = None,
        count: int | None = None,
        target: int = 0,
    ) -> Entry:
        """The next entry; every entry counts, unless told otherwise."""
        seq = self.head + 1 if seq is None else seq
        raw = body.encode() if isinstance(body, str) else body
        return Entry(
            seq,
            self.epoch,
            dev,
            seq if cid is None else cid,
            sender,
            TS + seq,
            kind,
            raw,
            seq if count is None else count,
            target,
        )

    def entries(self, *bodies: bytes | str) -> list[Entry]:
        """The next entries, one for each body."""
        return [self.entry(body, seq=self.head + n) for n, body in enumerate(bodies, 1)]

    async def outcome(
        self,
        entries: Sequence[Entry],
        *,
        unfinished: bool = False,
        ended: Mapping[UserId, int] = NOBODY,
    ) -> StoreError | None:
        """Append, wait, and tell what came of it."""
        heard: asyncio.Future[StoreError | None] = asyncio.get_running_loop().create_future()
        self.store.append(
            self.conv, self.epoch, entries, heard.set_result, unfinished=unfinished, ended=ended
        )
        assert not heard.done(), "done may not be called from inside append"
        return await heard

    async def add(
        self, *entries: Entry, unfinished: bool = False, ended: Mapping[UserId, int] = NOBODY
    ) -> None:
        """Append entries that must be taken."""
        error = await self.outcome(entries, unfinished=unfinished, ended=ended)
        assert error is None, error
        self.head += len(entries)

    async def say(self, *bodies: bytes | str) -> list[Entry]:
        """Append texts that must be taken."""
        entries = self.entries(*bodies)
        await self.add(*entries)
        return entries

    async def project(self, projection: Projection) -> StoreError | None:
        """Put a projection, and tell what came of it."""
        heard: asyncio.Future[StoreError | None] = asyncio.get_running_loop().create_future()
        self.store.put_projection(self.conv, self.epoch, projection, heard.set_result)
        return await heard

    async def read(self, first: int = 1, last: int = ALL) -> list[Message]:
        """Everything in a range."""
        return await self.store.page(self.conv, first, last, limit=100_000, max_bytes=ALL)

    async def bodies(self) -> list[bytes]:
        """Every body, as written."""
        return [message.entry.body for message in await self.read()]


def texts(messages: Sequence[Message]) -> list[str]:
    return [message.entry.body.decode() for message in messages]


__all__ = [
    "ALL",
    "ANN",
    "BOB",
    "EVE",
    "LAPTOP",
    "PHONE",
    "TS",
    "Hear",
    "Log",
    "Outcomes",
    "account",
    "conv_id",
    "device",
    "device_id",
    "membership",
    "texts",
    "user_id",
]
