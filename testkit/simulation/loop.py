"""An event loop without a world: its time is virtual, its order is a seed's.

Nothing waits: when no callback is ready, time jumps to the next timer. Callbacks that are ready at
the same moment run in an order drawn from the seed: neighbours change places now and then. That is
harsher than asyncio, which runs them as they came; nothing here may rely on that, for another loop,
or one more await in between, gives another order.
"""

from __future__ import annotations

import asyncio
import heapq
import random
from collections import deque
from typing import Any

from ..clock import StuckError

#: How often two neighbours in the ready queue change places.
SWAPS = 0.25


class SimLoop(asyncio.BaseEventLoop):
    """See the module.

    Attributes:
        steps: Callbacks that have run.
        limit: How many may run, so that a livelock ends.
    """

    def __init__(self, rng: random.Random, *, limit: int = 3_000_000) -> None:
        super().__init__()
        self.steps = 0
        self.limit = limit
        self._now_s = 0.0
        self._draw = rng.random

    def time(self) -> float:
        """Virtual seconds."""
        return self._now_s

    def _process_events(self, event_list: Any) -> None:
        """There are no sockets."""

    def _write_to_self(self) -> None:
        """Nobody sleeps."""

    def _run_once(self) -> None:
        inner: Any = self  # the base class keeps its queues to itself
        ready: deque[Any] = inner._ready
        timers: list[Any] = inner._scheduled
        while timers and timers[0]._cancelled:
            _forget(inner, timers)
        if not ready:
            if not timers:
                raise StuckError(f"nothing will ever happen after {self._now_s:.3f} s")
            self._now_s = max(self._now_s, timers[0]._when)
        while timers and timers[0]._when <= self._now_s:
            timer = _forget(inner, timers)
            if not timer._cancelled:
                ready.append(timer)
        count = len(ready)
        self.steps += count
        if self.steps > self.limit:
            raise StuckError(f"still busy after {self.steps} callbacks, at {self._now_s:.3f} s")
        draw = self._draw
        while count:
            count -= 1
            handle = ready.popleft()
            if count and draw() < SWAPS:
                # The next one goes by, and this one is first again afterwards.
                first, handle = handle, ready.popleft()
                ready.appendleft(first)
            if not handle._cancelled:
                handle._run()


def _forget(loop: Any, timers: list[Any]) -> Any:
    timer = heapq.heappop(timers)
    if timer._cancelled:
        loop._timer_cancelled_count -= 1
    timer._scheduled = False
    return timer


__all__ = ["SWAPS", "SimLoop"]
