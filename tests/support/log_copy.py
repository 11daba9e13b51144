"""A client's copy of one conversation's log: the contiguous prefix, and what is held beyond it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Frame = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """A message as a client saw it. `ts` is the server's."""

    sender: str
    device: str
    cid: int
    ts: int
    body: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, msg: Frame) -> Line:
        """From a `msg`, pushed or in a page."""
        return cls(msg["from"], msg["dev"], msg["cid"], msg["ts"], body_of(msg["b"]))


def body_of(body: Frame) -> tuple[tuple[str, str], ...]:
    """A body that can be compared and counted."""
    return tuple(sorted((k, str(v)) for k, v in body.items()))


@dataclass(slots=True)
class LogCopy:
    """See the module.

    Attributes:
        last: Everything up to here has come, or is known to be hidden.
        wanted: The head that somebody spoke of.
    """

    c: str
    last: int = 0
    wanted: int = 0
    #: {seq: Line}: all that has come.
    lines: dict[int, Line] = field(default_factory=dict[int, Line])

    def take(self, s: int, line: Line) -> None:
        """A message came; coming again, it must be the same."""
        known = self.lines.setdefault(s, line)
        assert known == line, f"{self.c} {s} was {known} and is now {line}"
        self.wanted = max(self.wanted, s)
        while self.last + 1 in self.lines:
            self.last += 1

    def covered(self, to: int) -> None:
        """A page said that nothing visible is missing up to here."""
        self.last = max(self.last, to)
        while self.last + 1 in self.lines:
            self.last += 1

    @property
    def behind(self) -> bool:
        """Something is known to exist that has not come."""
        return self.last < self.wanted


__all__ = ["Line", "LogCopy", "body_of"]
