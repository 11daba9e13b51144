"""When a User reads its heads again: soon, and perhaps once more later. Each by one alarm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..config.clock import Timer
from ..config.units import SECONDS

#: Heads are read again within so many seconds, so that not all users read at once.
REREAD_S = 1 * SECONDS


@dataclass(frozen=True, slots=True)
class ReadHeads:
    """Time to read the heads again; `later`: for the second time."""

    later: bool


class Rereading:
    """A User's; there is none while nothing is to be read again."""

    __slots__ = ("_alarm", "_later", "_soon")

    def __init__(self, alarm: Callable[[float, ReadHeads], Timer]) -> None:
        """Nothing is set.

        Args:
            alarm: Has the User told this after so many seconds.
        """
        self._alarm = alarm
        self._soon: Timer | None = None
        self._later: Timer | None = None

    def set(self, jitter_s: float, again_s: float) -> None:
        """Read after the jitter, unless that is set; and `again_s` later once more, if not 0."""
        if self._soon is None:
            self._soon = self._alarm(jitter_s, ReadHeads(later=False))
        if again_s:
            self.set_later(again_s + jitter_s)

    def set_later(self, delay_s: float) -> None:
        """Read after this; a second reading that was set before is not needed any more."""
        if self._later is not None:
            self._later.cancel()
        self._later = self._alarm(delay_s, ReadHeads(later=True))

    def rang(self, m: ReadHeads) -> bool:
        """It is time; False when nothing else is set."""
        if m.later:
            self._later = None
        else:
            self._soon = None
        return self._soon is not None or self._later is not None


__all__ = ["REREAD_S", "ReadHeads", "Rereading"]
