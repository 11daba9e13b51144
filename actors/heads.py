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


async def all_heads(
    memberships: Memberships, user: UserId, *, gone_since: int | None = None
) -> dict[ConvId, int]:
    """{conversation: its newest durable seq}, of those the user is in now: what may have been
    missed while nobody listened.

    Args:
        gone_since: Those that were left after this version of the list are there too, up to where
            the user sees them; None leaves them out.

    Raises:
        StoreError: Not readable just now.
    """
    heads: dict[ConvId, int] = {}
    since = _NEWEST if gone_since is None else gone_since
    after: ConvId | None = None
    while True:
        page = await memberships.heads(user, DeviceId(""), since=since, after=after, limit=_PAGE)
        for h in page.heads:
            heads[h.conv if isinstance(h, BriefHead) else h.membership.conv] = h.head
        heads.update({gone.conv: gone.until for gone in page.gone})
        after = page.after
        if after is None:
            return heads


__all__ = ["all_heads", "list_pages"]
