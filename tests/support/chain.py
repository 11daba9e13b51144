"""One device's sends to one conversation, by the rules of the protocol (item 4). Pure.

add -> Waiting -> due() -> sent -> acked            the seq is on record
                    ^        |-> again               unavailable, rate_limited, resend, silence
                    |________|
                             |-> refused            definitely: it uses up nothing
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

#: The most that may be unacknowledged (protocol, item 4).
WINDOW = 16


@dataclass(slots=True, eq=False)
class Sent:
    """A send of the client's, from its making to its fate.

    Attributes:
        cid: Its number; it names this content for ever.
        under_way: It was sent on this connection and has no answer yet.
        tries: How often it was sent.
        ack: (c, s, ts), once acknowledged.
        refused: The code of a definite refusal.
    """

    cid: int
    body: dict[str, Any]
    under_way: bool = False
    tries: int = 0
    ack: tuple[str, int, int] | None = None
    refused: str | None = None


@dataclass(slots=True)
class Chain:
    """What waits, in the order of its cids, and what became of the rest."""

    waiting: list[Sent] = field(default_factory=list[Sent])
    done: list[Sent] = field(default_factory=list[Sent])
    last_cid: int = 0
    #: The last cid that is known to be committed here.
    last_acked: int = 0

    def add(self, body: dict[str, Any]) -> Sent:
        """A new send, at the end."""
        self.last_cid += 1
        sent = Sent(self.last_cid, body)
        self.waiting.append(sent)
        return sent

    def due(self) -> list[tuple[Sent, int]]:
        """What to send now, with its `prev`; it is under way from now on."""
        found: list[tuple[Sent, int]] = []
        prev = self.last_acked
        for sent in self.waiting[:WINDOW]:
            if not sent.under_way:
                sent.under_way = True
                sent.tries += 1
                found.append((sent, prev))
            prev = sent.cid
        return found

    def acked(self, sent: Sent, c: str, s: int, ts: int) -> None:
        """It is durable."""
        assert sent.ack in (None, (c, s, ts)), f"two acks of {sent.cid}: {sent.ack}, {(c, s, ts)}"
        if sent.ack is None:
            sent.ack = (c, s, ts)
            self.last_acked = max(self.last_acked, sent.cid)
            self.waiting.remove(sent)
            self.done.append(sent)

    def refused(self, sent: Sent, code: str) -> None:
        """It is not to be, and used up nothing."""
        if sent in self.waiting:
            sent.refused = code
            self.waiting.remove(sent)
            self.done.append(sent)

    def again_from(self, cid: int) -> None:
        """This one and those behind it must be sent once more."""
        for sent in self.waiting:
            if sent.cid >= cid:
                sent.under_way = False


__all__ = ["WINDOW", "Chain", "Sent"]
