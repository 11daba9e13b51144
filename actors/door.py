"""Whether somebody may begin a direct conversation, and as what it arrives."""

from __future__ import annotations

from typing import Literal

from ..config.ids import UserId
from ..storage.contract import Store

#: "open": as any message; "request": to be accepted first; "closed": not at all.
Door = Literal["open", "request", "closed"]


async def door_of(store: Store, host: UserId, guest: UserId) -> Door:
    """How the `host` receives the `guest`'s first message.

    Raises:
        StoreError: Not readable just now.
    """
    account = await store.account(host)
    if account is None or account.write == "nobody":
        return "closed"
    row = await store.contact(host, guest)
    if row is not None and row.mine:
        return "open"
    return "request" if account.write == "everyone" else "closed"


__all__ = ["Door", "door_of"]
