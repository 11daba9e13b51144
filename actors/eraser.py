"""The actor of an account that goes: it takes the user out of every conversation, then the rest.

    begin_deletion -> Erase -> Depart to each conversation -> the user's list shows it
                                                           -> Forget to the User -> finish_deletion

It holds nothing: whoever starts it again, after a crash or a restart of the node, it goes on from
what the store says. A deletion that has begun ends, however often that is.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import structlog

from ..config.errors import NotFoundError, StoreError, UnavailableError
from ..config.ids import ConvId, UserId
from ..config.units import SECONDS
from ..storage.contract import Memberships
from .asker import Asker
from .gate_commands import Depart, Erase, Forget
from .runtime.actor import LoopActor

#: How long it waits for lists to follow: at first, and at most.
FIRST_WAIT_S = 0.1 * SECONDS
LONGEST_WAIT_S = 5 * SECONDS

_PAGE = 100

log = structlog.get_logger(__name__)


class _Over:
    """Nothing is left to do."""


class EraserActor(LoopActor):
    """`erase:ID`, while the deletion of that user's account is not finished."""

    def __init__(self, user: UserId, memberships: Memberships, asker: Asker) -> None:
        super().__init__()
        self._user = user
        self._memberships = memberships
        self._asker = asker
        self._wait_s = FIRST_WAIT_S
        self._over = False

    def on_start(self) -> None:
        """Go on by itself in a while, should what started it be lost in a crash."""
        self.after(LONGEST_WAIT_S, Erase())

    def on_receive(self, message: Any) -> Awaitable[None] | None:
        """There is only one thing to do here, until it is done."""
        match message:
            case Erase():
                return None if self._over else self._erase()
            case _Over():
                self.passivate()
            case _:
                raise TypeError(f"an eraser knows no {type(message).__name__}")
        return None

    async def _erase(self) -> None:
        try:
            if await self._leaves_all():
                await self._asker.request(f"user:{self._user}", Forget)
                log.info("account_deleted", user=self._user)
                self._over = True
                # In a turn of its own: who is suspended cannot leave.
                self.actor_ref.tell_if_alive(_Over())
                return
        except (StoreError, UnavailableError) as error:
            log.warning("deletion_delayed", user=self._user, error=type(error).__name__)
        self.after(self._wait_s, Erase())
        self._wait_s = min(2 * self._wait_s, LONGEST_WAIT_S)

    async def _leaves_all(self) -> bool:
        """Have every conversation let the user go. True when the user's list shows all of it."""
        done, after = True, None
        while rows := await self._memberships.memberships(self._user, after=after, limit=_PAGE):
            for row in rows:
                if row.until is None and await self._leaves(row.conv):
                    done = False
            after = rows[-1].conv
        return done

    async def _leaves(self, conv: ConvId) -> bool:
        """Have one let the user go; False when it never had the user."""
        try:
            await self._asker.request(f"conv:{conv}", lambda to: Depart(to, self._user))
        except NotFoundError:
            return False
        return True


__all__ = ["FIRST_WAIT_S", "LONGEST_WAIT_S", "EraserActor"]
