"""Messages nobody took: counted by reason, and told to whoever subscribes."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import structlog

#: Why a message found nobody: no actor of that name; the actor stopped, crashed or was killed
#: before it came to it; its supervisor holds the name and keeps no mailbox; its supervisor gave
#: up; the mailbox was full and nobody was there to be told.
Reason: TypeAlias = Literal[
    "unknown", "stopped", "crashed", "killed", "restarting", "given_up", "full"
]

#: How many of the latest are kept by type, for people who look.
RECENT = 100

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that found nobody. The message never shows in a repr or a log."""

    reason: Reason
    name: str
    message: Any = field(repr=False)


class DeadLetters:
    """Where undeliverable messages go.

    Attributes:
        counts: {reason: how many}
        recent: (reason, name, type of the message) of the latest; never a message.
    """

    def __init__(self) -> None:
        self.counts: Counter[Reason] = Counter()
        self.recent: deque[tuple[Reason, str, str]] = deque(maxlen=RECENT)
        self._subscribers: list[Callable[[DeadLetter], None]] = []

    def add(self, reason: Reason, name: str, message: Any) -> None:
        """Count one, and tell the subscribers; what they raise is logged."""
        self.counts[reason] += 1
        self.recent.append((reason, name, type(message).__name__))
        for subscriber in tuple(self._subscribers):
            try:
                subscriber(DeadLetter(reason, name, message))
            except Exception:
                log.exception("dead_letter_subscriber_failed")

    def subscribe(self, subscriber: Callable[[DeadLetter], None]) -> Callable[[], None]:
        """Hear of each from now on, at once.

        Returns: Ends the subscription; harmless twice.
        """
        self._subscribers.append(subscriber)

        def unsubscribe() -> None:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)

        return unsubscribe


__all__ = ["RECENT", "DeadLetter", "DeadLetters", "Reason"]
