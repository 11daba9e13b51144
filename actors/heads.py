"""How far every conversation of a user goes: what may have been missed while nobody listened."""

from __future__ import annotations

from ..config.ids import ConvId, DeviceId, UserId
from ..storage.contract import Memberships
from ..storage.records import BriefHead

#: A version of the list that every line is older than, so that each comes short.
_NEWEST = (1 << 53) - 1
_PAGE = 200


async def all_heads(memberships: Memberships, user: UserId) -> dict[ConvId, int]:
    """{conversation: its newest durable seq}, of those the user is in now.

    Raises:
        StoreError: Not readable just now.
    """
    heads: dict[ConvId, int] = {}
    after: ConvId | None = None
    while True:
        page = await memberships.heads(user, DeviceId(""), since=_NEWEST, after=after, limit=_PAGE)
        heads.update({h.conv: h.head for h in page.heads if isinstance(h, BriefHead)})
        after = page.after
        if after is None:
            return heads


__all__ = ["all_heads"]
