"""How often a child may be restarted, and how long to wait for one that does not start."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from ..config.units import MILLISECONDS, SECONDS


@dataclass(frozen=True, slots=True)
class Intensity:
    """At most so many restarts in a period; the defaults are OTP's.

    Attributes:
        restarts: 0 gives up at the first crash.
        period_s: Seconds, more than 0.
    """

    restarts: int = 1
    period_s: float = 5 * SECONDS


class History:
    """The restarts of late, to be held against an intensity."""

    __slots__ = ("_intensity", "_times")

    def __init__(self, intensity: Intensity) -> None:
        self._intensity = intensity
        self._times: deque[float] = deque()

    def allows(self, now_s: float) -> bool:
        """Note a restart at this time, and say whether it is within the intensity."""
        self._times.append(now_s)
        while now_s - self._times[0] >= self._intensity.period_s:
            self._times.popleft()
        return len(self._times) <= self._intensity.restarts

    def is_over(self, now_s: float) -> bool:
        """Whether all of it is so long ago that it no longer counts."""
        return not self._times or now_s - self._times[-1] >= self._intensity.period_s


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits between the tries to start a child that fails at its start.

    Failures to start do not count against the intensity: they come with a wait of their own.

    Attributes:
        first_s: The first wait; each further one is twice as long.
        longest_s: But never longer than this.
        tries: Waits before the child is given up.
    """

    first_s: float = 100 * MILLISECONDS
    longest_s: float = 5 * SECONDS
    tries: int = 6

    def wait_s(self, failures: int) -> float | None:
        """How long to wait after this many failures in a row, from 1; None is give up."""
        if failures > self.tries:
            return None
        return min(self.longest_s, self.first_s * 2.0 ** (failures - 1))


__all__ = ["Backoff", "History", "Intensity"]
