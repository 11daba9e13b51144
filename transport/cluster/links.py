"""What was sent and what arrived, by the link: one sender's incarnation to one receiver's. Pure.

Sent       numbers what goes out; the numbers are published with each renewal of the lease
Arrived    next number         in order
           lower               again: dropped
           higher              a hole: something before it is lost
           published, and still not here a renewal later: a hole, too, though nothing follows

An incarnation that is out may come back in when everything shared was forgotten, so both ends keep
their numbers as long as they live: ends that count differently would take news for repetitions.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Sent:
    """What a node sent, by the receiver's incarnation."""

    #: {receiver's incarnation: the number of the last one}
    counts: dict[str, int] = field(default_factory=dict[str, int])

    def next(self, receiver: str) -> int:
        """The number of what goes out now, from 1; it is used up whatever becomes of it."""
        number = self.counts[receiver] = self.counts.get(receiver, 0) + 1
        return number

    def to(self, receivers: frozenset[str]) -> dict[str, int]:
        """What there is to publish, for those who can receive."""
        return {r: n for r, n in self.counts.items() if r in receivers}


@dataclass(slots=True)
class _Link:
    """Attributes:
    last: The number of the last that arrived.
    published: What its sender had sent when it last said so.
    healed: Up to here a loss is known and dealt with.
    """

    last: int = 0
    published: int = 0
    healed: int = 0


@dataclass(slots=True)
class Arrived:
    """What reached a node, by the sender's incarnation."""

    _links: dict[str, _Link] = field(default_factory=dict[str, _Link])

    def take(self, sender: str, number: int) -> tuple[bool, bool]:
        """(whether it is to be handled, whether something before it was lost and not yet healed)"""
        link = self._links.setdefault(sender, _Link())
        if number <= link.last:
            return False, False
        hole = number > link.last + 1 and link.healed < number - 1
        link.last = number
        link.healed = max(link.healed, number - 1) if hole else link.healed
        return True, hole

    def published(self, counts: dict[str, int]) -> list[str]:
        """What senders say they have sent; whose loss shows: said before, and still not here."""
        lost: list[str] = []
        for sender, count in counts.items():
            link = self._links.setdefault(sender, _Link())
            if link.published > max(link.last, link.healed):
                lost.append(sender)
                link.healed = link.published
            link.published = max(link.published, count)
        return lost


__all__ = ["Arrived", "Sent"]
