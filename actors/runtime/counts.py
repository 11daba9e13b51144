"""What the runtime counts, for whoever publishes it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counts:
    """Running totals of one system.

    Attributes:
        crashes: {class name: crashed actors}
        restarts: {class name: actors and services that a supervisor started again}
        refusals: Refusals that answered nobody, because the message was told.
        full: Messages refused by a full mailbox.
        killed: Actors that were ended by force.
        peaks: {class name: the most messages that waited for one actor as its turn began}
    """

    crashes: Counter[str] = field(default_factory=Counter[str])
    restarts: Counter[str] = field(default_factory=Counter[str])
    refusals: int = 0
    full: int = 0
    killed: int = 0
    peaks: Counter[str] = field(default_factory=Counter[str])

    def waited(self, kind: str, messages: int) -> None:
        """So many messages waited for an actor of this class."""
        if messages > self.peaks[kind]:
            self.peaks[kind] = messages


__all__ = ["Counts"]
