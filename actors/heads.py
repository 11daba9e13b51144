"""A user's list, page after page; and how far every conversation of it goes."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from ..config.ids import ConvId, DeviceId, UserId, self_log
from ..storage.contract import Memberships, Store
from ..storage.records import BriefHead
from .answers import HeadsAnswer

#: A version of the list that every line is older than, so that each comes short.
_NEWEST = (1 << 53) - 1
_PAGE = 200


async def list_pages(
    store: Store, user: UserId, device: DeviceId, since: int, limit: int
) -> AsyncGenerator[HeadsAnswer]:
    """What changed in a user's list since a version, for one device: at least one page.

    Raises:
        StoreError: Not readable just now.
    """
    # Read before the first page: what changes meanwhile is shown again by the next sync.
    lv, _ = await store.head(self_log(user))
    after: ConvId | None = None
    while True:
        page = await store.heads(user, device, since=since, after=after, limit=limit)
        after = page.after
        yield HeadsAnswer(lv, page.heads, page.gone, after is not None)
        if after is None:
            return


async def all_heads(memberships: Memberships, user: UserId) -> dict[ConvId, int]:
    """{conversation: its newest durable seq}, of those the user is in now: what may have been
    missed while nobody listened.

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


__all__ = ["all_heads", "list_pages"]
