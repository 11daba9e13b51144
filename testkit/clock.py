"""Virtual time: a loop that jumps to its next timer when nothing is ready, and the clocks.

    VirtualLoop    an asyncio loop whose time is virtual: `asyncio.sleep(3600)` takes no time
    VirtualClock   a `config.clock.Clock` on a VirtualLoop
    ManualClock    a `config.clock.Clock` on any loop, which stands still until it is moved

On a VirtualLoop everything is virtual: the actors' alarms, `asyncio.sleep`, `asyncio.timeout`. The
loop looks for input first; only when there is none, and nothing is ready, does it jump. So a test
on it is as deterministic as what it runs, and nobody has to move the time.
"""

from __future__ import annotations

import asyncio
import heapq
import selectors
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from itertools import count
from typing import Any

from ..config.clock import Timer
from ..config.units import SECONDS

#: 2026-01-01 in ms: where the wall clock of a test begins.
EPOCH_MS = 1_767_225_600_000

#: How long a loop waits, really, for a thread or a socket.
PATIENCE_S = 30 * SECONDS

#: How long a loop works, really, at one virtual moment: what goes on for ever ends here.
MOMENT_S = 60 * SECONDS

#: How far a loop goes: a test that waits for ever beside a heartbeat ends here.
HORIZON_S = 7 * 24 * 3600 * SECONDS


class StuckError(Exception):
    """Nothing will ever happen any more, or nothing but heartbeats, and the test still waits."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop that jumps to its next timer when it has nothing to do.

    `asyncio.Runner(loop_factory=VirtualLoop)`; it starts at 0.

    While work is out in a thread (`run_in_executor`, `asyncio.to_thread`) it waits for it instead;
    for threads of other kinds, `held` says so.

    Attributes:
        horizon_s: Virtual time after which it gives up.
        moment_s: Real time after which it does, if no virtual time passes.
        jumps: How often it jumped.
    """

    def __init__(self) -> None:
        self.horizon_s = HORIZON_S
        self.moment_s = MOMENT_S
        self.jumps = 0
        self._now_s = 0.0
        self._held = 0
        self._strangers = set(threading.enumerate())
        self._moment_began = time.monotonic()
        super().__init__(_JumpingSelector(self._idle, self._busy))

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._now_s

    @contextmanager
    def held(self) -> Generator[None]:
        """No jump within: something outside of the loop is at work, and will wake it."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1

    def run_in_executor(  # type: ignore[override]  # typeshed's TypeVarTuple says no more
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """As any loop; time stands still until it is done."""
        future: asyncio.Future[Any] = super().run_in_executor(executor, func, *args)
        self._held += 1
        future.add_done_callback(self._released)
        return future

    async def shutdown_default_executor(self, *args: Any, **kwargs: Any) -> None:
        """As any loop; time stands still until it is done."""
        with self.held():
            await super().shutdown_default_executor(*args, **kwargs)

    def _released(self, _future: asyncio.Future[Any]) -> None:
        self._held -= 1

    def _idle(self, timeout_s: float | None) -> float:
        """Nothing is ready: how long to wait, really, for input. Jumps, and says 0, if it can."""
        if self._held or (timeout_s is None and self._may_be_woken()):
            return PATIENCE_S
        if timeout_s is None:
            raise StuckError("nothing will ever happen any more" + self._waiting())
        if self._now_s > self.horizon_s:
            raise StuckError(f"still waiting after {self._now_s:.0f} virtual s" + self._waiting())
        self._now_s += timeout_s
        self.jumps += 1
        self._moment_began = time.monotonic()
        return 0.0

    def _busy(self) -> None:
        """Something is ready."""
        if time.monotonic() - self._moment_began > self.moment_s and not self._held:
            self._moment_began = time.monotonic()
            raise StuckError(f"busy for ever at {self._now_s:.3f} virtual s" + self._waiting())

    def _may_be_woken(self) -> bool:
        # Each loop listens to one socket of its own, by which threads wake it. Those that were
        # there before the loop are somebody else's; who uses one of them has `held` to say so.
        begun = set(threading.enumerate()) - self._strangers
        return bool(begun) or len(self._selector.get_map()) > 1  # type: ignore[attr-defined] # pyright: ignore

    def _waiting(self) -> str:
        lines = [f"\n    {task.get_name()}: {_where(task)}" for task in asyncio.all_tasks(self)]
        return "; these wait:" + "".join(sorted(lines)) if lines else ""


class _JumpingSelector(selectors.DefaultSelector):
    """Asks, when there is no input, how long to wait for some."""

    def __init__(self, idle: Callable[[float | None], float], busy: Callable[[], None]) -> None:
        super().__init__()
        self._idle = idle
        self._busy = busy

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if found or (timeout is not None and timeout <= 0):
            self._busy()
            return found
        wait_s = self._idle(timeout)
        if not wait_s:
            return found
        found = super().select(wait_s)
        if not found:
            raise StuckError(f"no thread and no socket woke the loop in {wait_s:.0f} s")
        return found


def done(future: asyncio.Future[None]) -> None:
    """Resolve it, if nobody has."""
    if not future.done():
        future.set_result(None)


def _where(task: asyncio.Task[Any]) -> str:
    frames = task.get_stack(limit=1)
    if not frames:
        return "not begun"
    code = frames[-1].f_code
    return f"{code.co_qualname} ({code.co_filename}:{frames[-1].f_lineno})"


class VirtualClock:
    """The time of the running VirtualLoop. Several may share it, each with a wall of its own.

    Attributes:
        shift_ms: How far the wall clock is from the truth; it may be changed at any time, either
            way, as an operator or NTP does it.
    """

    def __init__(self, *, shift_ms: int = 0) -> None:
        self.shift_ms = shift_ms

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def now_ms(self) -> int:
        return EPOCH_MS + self.shift_ms + round(self.monotonic() * 1000)

    def call_later(self, delay_s: float, call: Callable[[], object]) -> Timer:
        return asyncio.get_running_loop().call_later(delay_s, call)

    async def sleep(self, seconds: float) -> None:
        """Let this much time pass, and all that is due on the way happen."""
        await asyncio.sleep(seconds)


class ManualTimer:
    """A timer of a ManualClock."""

    def __init__(self, call: Callable[[], object]) -> None:
        self.call: Callable[[], object] | None = call

    def cancel(self) -> None:
        """Keep it from happening."""
        self.call = None


class ManualClock:
    """A clock that stands still until `advance`.

    Timers run inside of `advance`, each at its own time. What they only set going (an actor's
    message) has to be let happen in between: advance in steps, with `await system.settle()`.

    Attributes:
        shift_ms: As a VirtualClock's.
    """

    def __init__(self) -> None:
        self.shift_ms = 0
        self._now_s = 0.0
        self._timers: list[tuple[float, int, ManualTimer]] = []
        self._order = count()

    def monotonic(self) -> float:
        return self._now_s

    def now_ms(self) -> int:
        return EPOCH_MS + self.shift_ms + round(self._now_s * 1000)

    def call_later(self, delay_s: float, call: Callable[[], object]) -> ManualTimer:
        timer = ManualTimer(call)
        heapq.heappush(self._timers, (self._now_s + delay_s, next(self._order), timer))
        return timer

    @property
    def pending(self) -> int:
        """Timers that are still to happen."""
        return sum(timer.call is not None for _, _, timer in self._timers)

    def next_at(self) -> float | None:
        """When the next timer is due; None if none is."""
        while self._timers and self._timers[0][2].call is None:
            heapq.heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    def advance(self, seconds: float) -> None:
        """Let this much time pass, and everything happen that is due on the way."""
        until = self._now_s + seconds
        while self._timers and self._timers[0][0] <= until:
            at, _, timer = heapq.heappop(self._timers)
            self._now_s = max(self._now_s, at)
            call, timer.call = timer.call, None
            if call is not None:
                call()
        self._now_s = max(self._now_s, until)


__all__ = [
    "EPOCH_MS",
    "HORIZON_S",
    "MOMENT_S",
    "PATIENCE_S",
    "ManualClock",
    "ManualTimer",
    "StuckError",
    "VirtualClock",
    "VirtualLoop",
    "done",
]
