"""How fast sockets are let in, so that a stampede takes seconds and is no collapse.

What stands in line costs its socket and nothing else: its request is kept, nothing is read.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from ...config.clock import Clock, Timer
from .token_bucket import TokenBucket

#: Upgrades a second, and at once after a quiet time. A sign-in costs about a millisecond in all.
RATE_PER_S: Final = 500.0
BURST: Final = 500


class Admission:
    """A line of those who wait to be let in, first come, first served.

    Its length is bounded by the edge's limit of connections, which counts those in line.
    """

    def __init__(self, clock: Clock, *, rate_per_s: float = RATE_PER_S, burst: int = BURST) -> None:
        self._clock = clock
        self._rate_per_s = rate_per_s
        self._burst = burst
        self._bucket = TokenBucket(burst)
        #: {who: what lets them in}, in order.
        self._line: OrderedDict[object, Callable[[], object]] = OrderedDict()
        self._timer: Timer | None = None

    def __len__(self) -> int:
        return len(self._line)

    def enter(self, who: object, let_in: Callable[[], object]) -> None:
        """Let somebody in, now or when it is their turn."""
        if not self._line and self._take() == 0:
            let_in()
            return
        self._line[who] = let_in
        if self._timer is None:
            self._timer = self._clock.call_later(1 / self._rate_per_s, self._next)

    def leave(self, who: object) -> None:
        """They wait no longer. Harmless for those who do not."""
        self._line.pop(who, None)
        if not self._line and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _take(self) -> int:
        return self._bucket.take(self._clock.monotonic(), self._rate_per_s, self._burst)

    def _next(self) -> None:
        self._timer = None
        while self._line:
            wait_ms = self._take()
            if wait_ms > 0:
                self._timer = self._clock.call_later(wait_ms / 1000, self._next)
                return
            _, let_in = self._line.popitem(last=False)
            let_in()


__all__ = ["BURST", "RATE_PER_S", "Admission"]
