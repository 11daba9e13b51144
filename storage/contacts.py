"""What a store promises about who knows whom, and who blocks whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..config.ids import UserId
from .records import Contact


class Contacts(Protocol):
    """Each user's rows about other people. The user's own actor is their one writer."""

    async def contact(self, user: UserId, peer: UserId) -> Contact | None:
        """What `user` holds of `peer`."""
        ...

    async def put_contact(self, contact: Contact) -> None:
        """Write a row, durable on return; idempotent: one with a lower `lv` is ignored."""
        ...

    async def contacts(self, user: UserId, after: str, limit: int) -> Sequence[Contact]:
        """The user's rows by the peer's id, after this one ("" for the first)."""
        ...


__all__ = ["Contacts"]
