"""A user's list, page after page; and how far every conversation of it goes."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from ..config.ids import ConvId, DeviceId, UserId, self_log
from ..storage.contract import Store
from ..storage.records import BriefHead
from .answers import HeadsAnswer

#: How many of the newest changes of a list are looked at for conversations that were left: who
#: missed the push of it has them still on the screen, and no later push will tell.
_RECENT = 32
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


async def all_heads(store: Store, user: UserId) -> dict[ConvId, int]:
    """{conversation: its newest durable seq}, of those the user is in now, and the last seq of
    those that the user left lately: what may have been missed while nobody listened.

    Raises:
        StoreError: Not readable just now.
    """
    heads: dict[ConvId, int] = {}
    lv, _ = await store.head(self_log(user))
    since = max(0, lv - _RECENT)
    after: ConvId | None = None
    while True:
        page = await store.heads(user, DeviceId(""), since=since, after=after, limit=_PAGE)
        heads.update({gone.conv: gone.until for gone in page.gone})
        for h in page.heads:
            heads[h.conv if isinstance(h, BriefHead) else h.membership.conv] = h.head
        after = page.after
        if after is None:
            return heads


__all__ = ["all_heads", "list_pages"]
