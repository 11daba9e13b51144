"""What a store promises about the invite links of groups."""

from __future__ import annotations

from typing import Protocol

from ..config.ids import ConvId
from .records import Invite


class Invites(Protocol):
    """Links by which people join groups. Everything is durable on return.

    One that has expired is as good as none: no call shows it, and the next `add_invite` of its
    conversation removes it.
    """

    async def add_invite(self, invite: Invite, limit: int, now_ms: int) -> bool:
        """Add a link; False, and nothing done, when its conversation has `limit` already.

        Raises:
            StoreRefusedError: There is one of this id or this digest.
        """
        ...

    async def invite(self, digest: bytes, now_ms: int) -> Invite | None:
        """The link whose token has this digest."""
        ...

    async def invites(self, conv: ConvId, now_ms: int) -> list[Invite]:
        """The links of a conversation, oldest first."""
        ...

    async def revoke_invite(self, conv: ConvId, invite: str) -> bool:
        """End a link, if it is this conversation's; True when there was one."""
        ...


__all__ = ["Invites"]
