"""Who may see when a user is online.

mutual contacts                        told at once
fellows, if the user shows them        told at once in small conversations, asked for in large
anybody who is blocked, or blocks      never, wherever else they meet
"""

from __future__ import annotations

from typing import Literal

from ..config.ids import UserId
from ..storage.contract import Store

#: "told": of every change; "asked": when asked for; "hidden": never.
Sight = Literal["told", "asked", "hidden"]


async def sight_of(store: Store, user: UserId, asker: UserId, push_limit: int) -> Sight:
    """How much of `user` the `asker` may see.

    Args:
        push_limit: Members of the largest conversation whose members are told of every change.

    Raises:
        StoreError: Not readable just now.
    """
    if asker == user:
        return "told"
    account = await store.account(user)
    if account is None or account.presence == "nobody":
        return "hidden"
    mine, theirs = await store.contact(user, asker), await store.contact(asker, user)
    if (mine is not None and mine.blocked) or (theirs is not None and theirs.blocked):
        return "hidden"
    if mine is not None and mine.state == "mutual":
        return "told"
    if account.presence == "contacts":
        return "hidden"
    size = await store.smallest_shared(user, asker)
    if not size:
        return "hidden"
    return "told" if size <= push_limit else "asked"


__all__ = ["Sight", "sight_of"]
