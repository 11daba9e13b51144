"""One heap of alarms over the clock.

A million actors that look after themselves once a minute would be a million timers of the loop;
here they are entries of one heap with a single timer of the clock below it, which is all there is
to cancel at the end.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count
from typing import Any

import structlog

from ...config.clock import Clock, Timer

#: Cancelled alarms that are left in the heap without a thought.
LEFT_IN_PEACE = 64

log = structlog.get_logger(__name__)


class Alarm:
    """Something that will be called, unless it is cancelled: a `Timer`."""

    __slots__ = ("_args", "_call", "_timers")

    def __init__(self, timers: Timers, call: Callable[..., object], args: tuple[Any, ...]) -> None:
        self._timers = timers
        self._call: Callable[..., object] | None = call
        self._args = args

    @property
    def waiting(self) -> bool:
        """Whether it is still to happen."""
        return self._call is not None

    def cancel(self) -> None:
        """Keep it from happening; harmless when it has already happened."""
        if self._call is not None:
            self._call = None
            self._args = ()
            self._timers.cancelled()

    def ring(self) -> None:
        """Make the call, once; what it raises is logged."""
        call, args = self._call, self._args
        if call is None:
            return
        self._call = None
        self._args = ()
        try:
            call(*args)
        except Exception:
            log.exception("alarm_failed")


class Timers:
    """Alarms by the clock, the earliest first; those of one moment in the order they were set."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[tuple[float, int, Alarm]] = []
        self._order = count()
        self._cancelled = 0
        self._below: Timer | None = None
        self._below_at = 0.0

    def __len__(self) -> int:
        return len(self._heap) - self._cancelled

    def after(self, delay_s: float, call: Callable[..., object], *args: Any) -> Alarm:
        """Call after this many seconds; on the loop only."""
        alarm = Alarm(self, call, args)
        at = self._clock.monotonic() + delay_s
        heapq.heappush(self._heap, (at, next(self._order), alarm))
        self._reach(at)
        return alarm

    def cancelled(self) -> None:
        """An alarm was cancelled: sweep when most of the heap is dead."""
        self._cancelled += 1
        if self._cancelled > LEFT_IN_PEACE and self._cancelled * 2 > len(self._heap):
            self._heap = [entry for entry in self._heap if entry[2].waiting]
            heapq.heapify(self._heap)
            self._cancelled = 0

    def stop(self) -> None:
        """Drop all alarms and the clock's timer."""
        for _, _, alarm in self._heap:
            alarm.cancel()
        self._heap = []
        self._cancelled = 0
        if self._below is not None:
            self._below.cancel()
            self._below = None

    def _reach(self, at: float) -> None:
        if self._below is not None:
            if self._below_at <= at:
                return
            self._below.cancel()
        self._below_at = at
        self._below = self._clock.call_later(max(0.0, at - self._clock.monotonic()), self._ring)

    def _ring(self) -> None:
        self._below = None
        now = self._clock.monotonic()
        # Only those set before: an alarm that sets another for at once must not hold the loop. Such
        # a one stands behind all others that are due, so the first of them ends the round.
        last = next(self._order)
        while self._heap and self._heap[0][0] <= now and self._heap[0][1] < last:
            alarm = heapq.heappop(self._heap)[2]
            if alarm.waiting:
                alarm.ring()
            else:
                self._cancelled -= 1
        if self._heap:
            self._reach(self._heap[0][0])


__all__ = ["LEFT_IN_PEACE", "Alarm", "Timers"]
