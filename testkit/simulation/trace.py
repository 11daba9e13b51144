"""What happened, in order: cheap to note, readable when needed, the same for the same seed."""

from __future__ import annotations

from collections.abc import Collection
from hashlib import blake2b
from typing import Any, NamedTuple

#: The most lines that a report shows of one story.
MOST_LINES = 120


class Event(NamedTuple):
    """One thing that happened.

    Attributes:
        at: Virtual seconds.
        who: A client, a node, or "world" for faults.
        what: A word.
        about: What else there is to say; conversations and devices by their ids.
    """

    at: float
    who: str
    what: str
    about: tuple[Any, ...]

    def __str__(self) -> str:
        return f"{self.at:9.3f} {self.who:10} {self.what:12} {' '.join(map(str, self.about))}"


class Trace:
    """The story of a run.

    Attributes:
        events: In order.
    """

    def __init__(self) -> None:
        self.events: list[Event] = []

    def note(self, at: float, who: str, what: str, *about: Any) -> None:
        """Something happened."""
        self.events.append(Event(at, who, what, about))

    def lines(self) -> list[str]:
        """All of it."""
        return [str(event) for event in self.events]

    def digest(self) -> str:
        """What tells two traces apart."""
        return blake2b("\n".join(self.lines()).encode(), digest_size=16).hexdigest()

    def story(self, *names: str, most: int = MOST_LINES) -> list[str]:
        """What concerns one of these names (conversations, devices, actors), and every fault.

        Bounded: the newest lines, but never without the first ones of each name.
        """
        wanted = [name for name in names if name]
        found = [str(e) for e in self.events if e.who == "world" or _concerns(e, wanted)]
        if len(found) <= most:
            return found
        head = most // 4
        left_out = len(found) - most
        return [*found[:head], f"... {left_out} lines ...", *found[head - most :]]


def _concerns(event: Event, names: Collection[str]) -> bool:
    return any(name == event.who or name in str(event.about) for name in names)


__all__ = ["MOST_LINES", "Event", "Trace"]
