"""A clock that only the test moves."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count

#: 2026-01-01 in ms: where the wall clock of a ManualClock begins.
EPOCH_MS = 1_767_225_600_000


class ManualTimer:
    """A timer of a ManualClock."""

    def __init__(self, call: Callable[[], object]) -> None:
        self.call: Callable[[], object] | None = call

    def cancel(self) -> None:
        """Keep it from happening."""
        self.call = None


class ManualClock:
    """A `hubbub.config.clock.Clock` that stands still until `advance`.

    Timers run inside of `advance`, each at its own time. What they only set going (an actor's
    message) has to be let happen in between: advance in steps, with `await system.settle()`.
    """

    def __init__(self) -> None:
        self._now_s = 0.0
        self._timers: list[tuple[float, int, ManualTimer]] = []
        self._order = count()

    def monotonic(self) -> float:
        return self._now_s

    def now_ms(self) -> int:
        return EPOCH_MS + round(self._now_s * 1000)

    def call_later(self, delay_s: float, call: Callable[[], object]) -> ManualTimer:
        timer = ManualTimer(call)
        heapq.heappush(self._timers, (self._now_s + delay_s, next(self._order), timer))
        return timer

    @property
    def pending(self) -> int:
        """Timers that are still to happen."""
        return sum(timer.call is not None for _, _, timer in self._timers)

    def advance(self, seconds: float) -> None:
        """Let this much time pass, and everything happen that is due on the way."""
        until = self._now_s + seconds
        while self._timers and self._timers[0][0] <= until:
            at, _, timer = heapq.heappop(self._timers)
            self._now_s = max(self._now_s, at)
            call, timer.call = timer.call, None
            if call is not None:
                call()
        self._now_s = until


__all__ = ["EPOCH_MS", "ManualClock", "ManualTimer"]
