"""The kit's clock: virtual on whatever asyncio loop a test runs.

    on a VirtualLoop     the loop's own time; asyncio's sleeps and time-outs are virtual with it
    on any other loop    time of its own, which jumps when the actors have been quiet for a while

The second is for tests that another plugin runs on its own loop. What such a loop does beside the
actors (a thread, a socket, `asyncio.sleep`) it cannot see: hold it (`held`) while that matters.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager

from ..config.clock import Timer
from .clock import HORIZON_S, ManualClock, ManualTimer, VirtualClock, VirtualLoop, done

#: Passes of the loop in which nothing may move before time jumps.
QUIET_PASSES = 25


class JumpingClock(ManualClock):
    """A manual clock that moves itself to its next timer when all has been quiet for a while."""

    def __init__(self, busy: Callable[[], object]) -> None:
        """
        Args:
            busy: What it returns changes while somebody is at work.
        """
        super().__init__()
        self._busy = busy
        self._seen: object = None
        self._quiet = 0
        self._pumping = False
        self.holds = 0

    def call_later(self, delay_s: float, call: Callable[[], object]) -> ManualTimer:
        timer = super().call_later(delay_s, call)
        self.pump()
        return timer

    def pump(self) -> None:
        """Look again whether time may jump."""
        if not self._pumping and not self.holds:
            self._pumping = True
            self._quiet = 0
            asyncio.get_running_loop().call_soon(self._pass)

    def _pass(self) -> None:
        at = self.next_at()
        if at is None or self.holds or at > HORIZON_S:
            self._pumping = False
            return
        seen = self._busy()
        self._quiet = self._quiet + 1 if seen == self._seen else 0
        self._seen = seen
        if self._quiet >= QUIET_PASSES:
            self._quiet = 0
            self.advance(max(0.0, at - self.monotonic()))
        asyncio.get_running_loop().call_soon(self._pass)


class _Counted:
    """A timer of the loop's, and whether it is still to happen."""

    def __init__(self, waiting: set[_Counted], call: Callable[[], object]) -> None:
        self._waiting = waiting
        self._call = call
        self._handle: asyncio.TimerHandle | None = None
        waiting.add(self)

    def set(self, delay_s: float) -> None:
        """Let it happen."""
        self._handle = asyncio.get_running_loop().call_later(delay_s, self._ring)

    def _ring(self) -> None:
        self._waiting.discard(self)
        self._call()

    def cancel(self) -> None:
        """Keep it from happening."""
        self._waiting.discard(self)
        if self._handle is not None:
            self._handle.cancel()


class AutoClock:
    """See the module. It may be made before there is a loop; then it shows 0.

    Attributes:
        shift_ms: How far the wall clock is off; may be set at any time, either way.
    """

    def __init__(self, busy: Callable[[], object]) -> None:
        self._busy = busy
        self._shift_ms = 0
        self._inner: VirtualClock | JumpingClock | None = None
        self._waiting: set[_Counted] = set()

    @property
    def shift_ms(self) -> int:
        """See the class."""
        return self._shift_ms

    @shift_ms.setter
    def shift_ms(self, value: int) -> None:
        self._shift_ms = value
        if self._inner is not None:
            self._inner.shift_ms = value

    @property
    def pending(self) -> int:
        """Timers that are still to happen."""
        inner = self._inner
        return inner.pending if isinstance(inner, JumpingClock) else len(self._waiting)

    def monotonic(self) -> float:
        return 0.0 if self._inner is None else self._inner.monotonic()

    def now_ms(self) -> int:
        return self._on_loop().now_ms()

    def call_later(self, delay_s: float, call: Callable[[], object]) -> Timer:
        inner = self._on_loop()
        if isinstance(inner, JumpingClock):
            return inner.call_later(delay_s, call)
        timer = _Counted(self._waiting, call)
        timer.set(delay_s)
        return timer

    async def sleep(self, seconds: float) -> None:
        """Let this much time pass, and all that is due on the way happen."""
        came: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        timer = self.call_later(seconds, lambda: done(came))
        try:
            await came
        finally:
            timer.cancel()

    @contextmanager
    def held(self) -> Generator[None]:
        """No jump within: something outside of the actors is at work."""
        inner = self._on_loop()
        if isinstance(inner, JumpingClock):
            inner.holds += 1
            try:
                yield
            finally:
                inner.holds -= 1
                inner.pump()
        else:
            loop = asyncio.get_running_loop()
            assert isinstance(loop, VirtualLoop)
            with loop.held():
                yield

    def _on_loop(self) -> VirtualClock | JumpingClock:
        if self._inner is None:
            virtual = isinstance(asyncio.get_running_loop(), VirtualLoop)
            self._inner = VirtualClock() if virtual else JumpingClock(self._busy)
            self._inner.shift_ms = self._shift_ms
        return self._inner


__all__ = ["QUIET_PASSES", "AutoClock", "JumpingClock"]
