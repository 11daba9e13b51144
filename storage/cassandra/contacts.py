"""Who knows whom in Cassandra; a row's timestamp is its `lv`, so an older one never wins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple

from ...config.errors import StoreRefusedError
from ...config.ids import UserId
from ..memory_queue import check_storable
from ..records import Contact
from .base import CassandraBase
from .memberships import FOR_EVER

_COLUMNS = "user, peer, lv, mine, theirs, theirs_at, dismissed, blocked"
_PUT = f"INSERT INTO contacts ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?"
_PUT_OF = "INSERT INTO contacts_of (peer, user, lv) VALUES (?, ?, ?) USING TIMESTAMP ?"
_ONE = f"SELECT {_COLUMNS} FROM contacts WHERE user = ? AND peer = ?"
_LIST = f"SELECT {_COLUMNS} FROM contacts WHERE user = ? AND peer > ? LIMIT ?"
_PEERS = "SELECT peer FROM contacts WHERE user = ?"
_USERS = "SELECT user FROM contacts_of WHERE peer = ?"
_WIPE = "DELETE FROM contacts USING TIMESTAMP ? WHERE user = ? AND peer = ?"
_WIPE_OF = "DELETE FROM contacts_of USING TIMESTAMP ? WHERE peer = ? AND user = ?"


class CassandraContacts(CassandraBase):
    """`contacts.Contacts` in Cassandra."""

    async def contact(self, user: UserId, peer: UserId) -> Contact | None:
        rows = await self._rows(_ONE, user, peer)
        return Contact(*rows[0]) if rows else None

    async def put_contact(self, contact: Contact) -> None:
        values = astuple(contact)
        check_storable(*values)
        if not 0 <= contact.lv < FOR_EVER:
            raise StoreRefusedError(f"a row cannot be stored (version {contact.lv})")
        self._check_open()
        user, peer, lv = values[:3]
        # First that which finds it: a row that nobody finds would outlive its peer.
        await self._bridge.run(_PUT_OF, (peer, user, lv, lv))
        await self._bridge.run(_PUT, (*values, lv))

    async def contacts(self, user: UserId, after: str, limit: int) -> Sequence[Contact]:
        return [Contact(*row) for row in await self._rows(_LIST, user, after, limit)]

    async def _wipe_contacts(self, user: UserId) -> None:
        """Remove what a user holds of others, and they of the user."""
        pairs = [(user, peer) for (peer,) in await self._rows(_PEERS, user)]
        pairs += [(other, user) for (other,) in await self._rows(_USERS, user)]
        for cql in (_WIPE, _WIPE_OF):
            answers = [
                self._bridge.start(cql, (FOR_EVER, *(pair if cql == _WIPE else pair[::-1])))
                for pair in pairs
            ]
            for answer in answers:
                await answer


__all__ = ["CassandraContacts"]
