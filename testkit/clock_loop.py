"""The kit's time in other shapes: as a loop, and as the time of the world around the nodes.

Whatever loop runs the test, `call_later` here is virtual.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from ..config.clock import Clock, Timer


class WorldClock:
    """The time of what is nobody's: bytes and envelopes under way. They end with the world."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: set[Timer] = set()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def now_ms(self) -> int:
        return self._clock.now_ms()

    def call_later(self, delay_s: float, call: Callable[[], object]) -> Timer:
        def ring() -> None:
            self._waiting.discard(timer)
            call()

        timer = self._clock.call_later(delay_s, ring)
        self._waiting.add(timer)
        return _WorldTimer(timer, self._waiting)

    def end(self) -> None:
        """What is under way never arrives."""
        for timer in list(self._waiting):
            timer.cancel()
        self._waiting.clear()


class _WorldTimer:
    __slots__ = ("_timer", "_waiting")

    def __init__(self, timer: Timer, waiting: set[Timer]) -> None:
        self._timer = timer
        self._waiting = waiting

    def cancel(self) -> None:
        """See `Timer`."""
        self._waiting.discard(self._timer)
        self._timer.cancel()


class ClockHandle:
    """As much of an `asyncio.TimerHandle` as anybody asks for."""

    __slots__ = ("_at_s", "_cancelled", "_timer")

    def __init__(self, timer: Timer, at_s: float) -> None:
        self._timer = timer
        self._at_s = at_s
        self._cancelled = False

    def cancel(self) -> None:
        """Keep it from happening."""
        self._cancelled = True
        self._timer.cancel()

    def cancelled(self) -> bool:
        """Whether it was."""
        return self._cancelled

    def when(self) -> float:
        """When it is due."""
        return self._at_s


class ClockLoop:
    """A clock in the shape of a loop, for what takes its time from one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def time(self) -> float:
        """Virtual seconds."""
        return self._clock.monotonic()

    def call_later(self, delay: float, callback: Callable[..., object], *args: Any) -> ClockHandle:
        """As a loop's, in virtual time."""
        timer = self._clock.call_later(max(0.0, delay), partial(callback, *args))
        return ClockHandle(timer, self.time() + delay)

    def call_at(self, when: float, callback: Callable[..., object], *args: Any) -> ClockHandle:
        """As a loop's, in virtual time."""
        return self.call_later(when - self.time(), callback, *args)

    def call_soon(self, callback: Callable[..., object], *args: Any) -> asyncio.Handle:
        """The running loop's own."""
        return asyncio.get_running_loop().call_soon(callback, *args)

    def as_loop(self) -> asyncio.AbstractEventLoop:
        """For whoever asks for a whole one and uses no more than this."""
        return cast("asyncio.AbstractEventLoop", self)


__all__ = ["ClockHandle", "ClockLoop", "WorldClock"]
