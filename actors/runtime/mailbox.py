"""What waits for one actor, in order and bounded.

One message waits in a slot; only a second one makes a queue, and an emptied queue is dropped. So
an idle mailbox owns nothing, and the usual single message costs no allocation.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final, Protocol

from ...config.errors import MailboxFullError


class _Nothing:
    """Stands in an empty slot, since None is a message like any other."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING: Final = _Nothing()


class ReplyTo(Protocol):
    """Where an answer goes: any pykka.Future will do."""

    def set(self, value: Any = None) -> None: ...
    def set_exception(self, exc_info: Any = None) -> None: ...


class Ask:
    """A message whose sender waits for the answer."""

    __slots__ = ("message", "reply_to")

    def __init__(self, message: Any, reply_to: ReplyTo) -> None:
        self.message = message
        self.reply_to = reply_to

    def __repr__(self) -> str:
        # Never the message itself: it may hold somebody's words.
        return f"<Ask of {type(self.message).__name__}>"


class Mailbox:
    """A bounded queue of messages.

    Attributes:
        first: The next message, or NOTHING. Nothing waits behind an empty slot.
        rest: Those behind it; None rather than empty.
        limit: How many messages it holds, at least 1.
    """

    __slots__ = ("first", "limit", "rest")

    first: Any
    rest: deque[Any] | None
    limit: int

    def __len__(self) -> int:
        if self.first is NOTHING:
            return 0
        return 1 if self.rest is None else 1 + len(self.rest)

    def put(self, message: Any) -> None:
        """Add at the end.

        Raises:
            MailboxFullError: No room; nothing was added.
        """
        if self.first is NOTHING:
            self.first = message
        elif self.rest is None:
            if self.limit < 2:
                raise MailboxFullError(self.limit)
            self.rest = deque((message,))
        else:
            if len(self.rest) >= self.limit - 1:
                raise MailboxFullError(self.limit)
            self.rest.append(message)

    def put_anyway(self, message: Any) -> None:
        """Add at the end, full or not: for what the actor itself has under way."""
        if self.first is NOTHING:
            self.first = message
        elif self.rest is None:
            self.rest = deque((message,))
        else:
            self.rest.append(message)

    def put_first(self, message: Any) -> None:
        """Add before all others, full or not."""
        if self.first is not NOTHING:
            if self.rest is None:
                self.rest = deque((self.first,))
            else:
                self.rest.appendleft(self.first)
        self.first = message

    def take(self) -> Any:
        """Remove and return the next message, or NOTHING."""
        message = self.first
        rest = self.rest
        if rest is None:
            self.first = NOTHING
        else:
            self.first = rest.popleft()
            if not rest:
                self.rest = None
        return message

    def drain(self) -> list[Any]:
        """Remove and return everything, in order."""
        if self.first is NOTHING:
            return []
        waiting = [self.first, *(self.rest or ())]
        self.first = NOTHING
        self.rest = None
        return waiting


__all__ = ["NOTHING", "Ask", "Mailbox", "ReplyTo"]
