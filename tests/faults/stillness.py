"""How long acknowledgements stood still: per conversation, while something waited for one. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

#: What is shorter is the ordinary time of an answer, and not kept.
NOTED_S = 0.1


class Still(NamedTuple):
    """A time in which something waited in a conversation, and nothing was acknowledged.

    Attributes:
        since, until: Seconds of the load's loop.
    """

    c: str
    since: float
    until: float

    @property
    def length_s(self) -> float:
        """How long it was."""
        return self.until - self.since


@dataclass(slots=True)
class Stillness:
    """See the module.

    Attributes:
        intervals: Those of some length, in the order they ended.
    """

    intervals: list[Still] = field(default_factory=list[Still])
    #: {conversation: (how many wait, since when nothing was acknowledged)}, while one waits.
    _waiting: dict[str, tuple[int, float]] = field(default_factory=dict[str, tuple[int, float]])

    def handed_in(self, c: str, at: float) -> None:
        """Something waits for its acknowledgement from now on."""
        count, since = self._waiting.get(c, (0, at))
        self._waiting[c] = (count + 1, since)

    def acknowledged(self, c: str, at: float) -> None:
        """One of those that waited is on record."""
        count, since = self._waiting.pop(c, (0, at))
        if at - since >= NOTED_S:
            self.intervals.append(Still(c, since, at))
        if count > 1:
            self._waiting[c] = (count - 1, at)

    def longest(self, since: float, now: float) -> Still | None:
        """The longest one that ended after `since`, or lasts still; None when none is noted."""
        lasting = [Still(c, at, now) for c, (_, at) in self._waiting.items() if now - at >= NOTED_S]
        found = [still for still in (*self.intervals, *lasting) if still.until > since]
        return max(found, key=lambda still: still.length_s, default=None)


__all__ = ["NOTED_S", "Still", "Stillness"]
