"""Who knows whom, in dicts."""

from __future__ import annotations

from collections.abc import Sequence

from ..config.clock import Clock
from ..config.ids import UserId
from ..config.units import SECONDS
from .memory_queue import MemoryQueue, check_record
from .records import Contact


class MemoryContacts(MemoryQueue):
    """`contacts.Contacts` in dicts."""

    def __init__(self, *, clock: Clock | None = None, commit_s: float = 0 * SECONDS) -> None:
        super().__init__(clock=clock, commit_s=commit_s)
        self._contacts: dict[tuple[UserId, UserId], Contact] = {}

    async def contact(self, user: UserId, peer: UserId) -> Contact | None:
        return await self._read(lambda: self._contacts.get((user, peer)))

    async def put_contact(self, contact: Contact) -> None:
        def put() -> None:
            check_record(contact)
            key = (contact.user, contact.peer)
            old = self._contacts.get(key)
            if old is None or old.lv <= contact.lv:
                self._contacts[key] = contact

        await self._write(put)

    async def contacts(self, user: UserId, after: str, limit: int) -> Sequence[Contact]:
        def read() -> list[Contact]:
            rows = [
                c for (of, peer), c in self._contacts.items() if of == user and peer > after
            ]  # fmt: skip
            return sorted(rows, key=lambda c: c.peer)[:limit]

        return await self._read(read)


__all__ = ["MemoryContacts"]
