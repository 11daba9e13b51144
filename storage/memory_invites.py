"""Invite links in a dict."""

from __future__ import annotations

from ..config.clock import Clock
from ..config.errors import StoreRefusedError
from ..config.ids import ConvId
from ..config.units import SECONDS
from .memory_queue import MemoryQueue, check_record
from .records import Invite


class MemoryInvites(MemoryQueue):
    """`invites.Invites` in a dict."""

    def __init__(self, *, clock: Clock | None = None, commit_s: float = 0 * SECONDS) -> None:
        super().__init__(clock=clock, commit_s=commit_s)
        self._invites: dict[str, Invite] = {}

    async def add_invite(self, invite: Invite, limit: int, now_ms: int) -> bool:
        def add() -> bool:
            check_record(invite)
            for known in self._invites.values():
                if known.id == invite.id or known.digest == invite.digest:
                    raise StoreRefusedError(f"{invite.id} exists already")
            here = self._of(invite.conv, now_ms)
            if len(here) >= limit:
                return False
            for known in list(self._invites.values()):
                if known.conv == invite.conv and known not in here:
                    del self._invites[known.id]
            self._invites[invite.id] = invite
            return True

        return await self._write(add)

    async def invite(self, digest: bytes, now_ms: int) -> Invite | None:
        def read() -> Invite | None:
            every = self._invites.values()
            return next((i for i in every if i.digest == digest and i.expires_ms > now_ms), None)

        return await self._read(read)

    async def invites(self, conv: ConvId, now_ms: int) -> list[Invite]:
        return await self._read(lambda: self._of(conv, now_ms))

    async def revoke_invite(self, conv: ConvId, invite: str) -> bool:
        def revoke() -> bool:
            known = self._invites.get(invite)
            if known is None or known.conv != conv:
                return False
            del self._invites[invite]
            return True

        return await self._write(revoke)

    def _of(self, conv: ConvId, now_ms: int) -> list[Invite]:
        found = [i for i in self._invites.values() if i.conv == conv and i.expires_ms > now_ms]
        return sorted(found, key=lambda i: (i.created_ms, i.id))


__all__ = ["MemoryInvites"]
