"""Invite links in Cassandra: a group's links are one document; a row finds each by its token."""

from __future__ import annotations

from dataclasses import astuple, dataclass, field

from ...config.errors import OutcomeUnknownError, StoreRefusedError
from ...config.ids import ConvId
from ..memory_queue import check_storable
from ..records import Invite
from .base import CassandraBase
from .documents import Changed, Documents

_TAKE = "INSERT INTO link_names (name, conv, id) VALUES (?, ?, ?) IF NOT EXISTS"
_WHOSE = "SELECT conv, id FROM link_names WHERE name = ?"
_FREE = "DELETE FROM link_names WHERE name = ? IF EXISTS"


@dataclass(frozen=True, slots=True)
class Links:
    """The links of one group, the oldest first."""

    links: list[Invite] = field(default_factory=list[Invite])

    def at(self, now_ms: int) -> list[Invite]:
        """Those that are worth something."""
        return [link for link in self.links if link.expires_ms > now_ms]


class CassandraInvites(CassandraBase):
    """`invites.Invites` in Cassandra."""

    _links: Documents[Links]

    async def add_invite(self, invite: Invite, limit: int, now_ms: int) -> bool:
        check_storable(*astuple(invite))
        self._check_open()

        def add(found: Links | None) -> Changed[Links, list[Invite] | None]:
            links = found or Links()
            if any(link.id == invite.id for link in links.links):
                raise StoreRefusedError(f"{invite.id} exists already")
            here = links.at(now_ms)
            if len(here) >= limit:
                return Changed(None)
            new = sorted([*here, invite], key=lambda link: (link.created_ms, link.id))
            return Changed([link for link in links.links if link not in here], Links(new))

        async with self._turn(("links", invite.conv)):
            taken: list[bytes] = []
            for name in _names(invite):
                if not await self._take(name, invite):
                    await self._free(taken)
                    raise StoreRefusedError(f"{invite.id} exists already")
                taken.append(name)
            gone, _ = await self._links.change(invite.conv, add)
            if gone is None:
                await self._free(taken)
                return False
            for link in gone:
                await self._free(_names(link))
            return True

    async def invite(self, digest: bytes, now_ms: int) -> Invite | None:
        rows = await self._rows(_WHOSE, b"d" + digest)
        if not rows:
            return None
        links = await self._links.get(rows[0][0]) or Links()
        return next((link for link in links.at(now_ms) if link.digest == digest), None)

    async def invites(self, conv: ConvId, now_ms: int) -> list[Invite]:
        self._check_open()
        return (await self._links.get(conv) or Links()).at(now_ms)

    async def revoke_invite(self, conv: ConvId, invite: str) -> bool:
        self._check_open()

        def revoke(found: Links | None) -> Changed[Links, list[Invite]]:
            links = (found or Links()).links
            gone = [link for link in links if link.id == invite]
            kept = [link for link in links if link.id != invite]
            return Changed(gone, Links(kept) if gone else None)

        async with self._turn(("links", conv)):
            gone, _ = await self._links.change(conv, revoke)
            for link in gone:
                await self._free(_names(link))
        return bool(gone)

    async def _take(self, name: bytes, invite: Invite) -> bool:
        try:
            if (await self._rows(_TAKE, name, invite.conv, invite.id))[0][0]:
                return True
        except OutcomeUnknownError:
            pass
        # One that was taken for this very link by an attempt that was cut short is its own.
        rows = await self._rows(_WHOSE, name, serial=True)
        if not rows:
            raise OutcomeUnknownError("whose the link's name is")
        return tuple(rows[0]) == (invite.conv, invite.id)

    async def _free(self, names: list[bytes]) -> None:
        for name in names:
            await self._rows(_FREE, name)


def _names(invite: Invite) -> list[bytes]:
    return [b"i" + invite.id.encode(), b"d" + invite.digest]


__all__ = ["CassandraInvites", "Links"]
