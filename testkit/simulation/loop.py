"""An event loop without a world: its time is virtual, its order is a seed's.

Nothing waits: when no callback is ready, time jumps to the next timer. Callbacks that are ready at
the same moment run in an order drawn from the seed: neighbours change places now and then. That is
harsher than asyncio, which runs them as they came; nothing here may rely on that, for another loop,
or one more await in between, gives another order.

Its handles are its own: a seed has some fifty thousand, and asyncio's took a seventh of its time.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable
from contextvars import Context, copy_context
from heapq import heappop, heappush
from typing import Any, cast

from ..clock import StuckError

#: How often two neighbours in the ready queue change places.
SWAPS = 0.25


class SimLoop(asyncio.BaseEventLoop):
    """See the module.

    Attributes:
        steps: Callbacks that have run.
        limit: How many may run, so that a livelock ends.
    """

    # The base class's own, which it keeps to itself. Below, typeshed's TypeVarTuple says no more.
    _ready: deque[_Handle]
    _scheduled: list[_Handle]

    def __init__(self, rng: random.Random, *, limit: int = 3_000_000) -> None:
        super().__init__()
        self.steps = 0
        self.limit = limit
        self._now_s = 0.0
        self._draw = rng.random

    def time(self) -> float:
        """Virtual seconds."""
        return self._now_s

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """As any loop's."""
        handle = _Handle()
        handle.due = (context or copy_context(), callback, args)
        self._ready.append(handle)
        return cast("asyncio.Handle", handle)

    #: There are no threads.
    call_soon_threadsafe = call_soon  # type: ignore[assignment]

    def call_later(  # type: ignore[override]
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """As any loop's."""
        return self.call_at(self._now_s + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """As any loop's."""
        timer = _Handle(when)
        timer.due = (context or copy_context(), callback, args)
        heappush(self._scheduled, timer)
        return cast("asyncio.TimerHandle", timer)

    def _process_events(self, event_list: Any) -> None:
        """There are no sockets."""

    def _run_once(self) -> None:
        ready, timers, draw = self._ready, self._scheduled, self._draw
        while timers and timers[0].due is None:
            heappop(timers)
        if not ready:
            if not timers:
                raise StuckError(f"nothing will ever happen after {self._now_s:.3f} s")
            self._now_s = max(self._now_s, timers[0].when())
        now_s = self._now_s
        while timers and timers[0] <= now_s:
            timer = heappop(timers)
            if timer.due is not None:
                ready.append(timer)
        count = len(ready)
        self.steps += count
        if self.steps > self.limit:
            raise StuckError(f"still busy after {self.steps} callbacks, at {self._now_s:.3f} s")
        while count:
            count -= 1
            handle = ready.popleft()
            if count and draw() < SWAPS:
                # The next one goes by, and this one is first again afterwards.
                first, handle = handle, ready.popleft()
                ready.appendleft(first)
            if handle.due is not None:
                context, call, args = handle.due
                try:
                    context.run(call, *args)
                except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  # a loop's edge
                    what = getattr(call, "__qualname__", type(call).__qualname__)
                    self.call_exception_handler(
                        {"message": f"Exception in {what}", "exception": error}
                    )


class _Handle(float):
    """As much of an asyncio.TimerHandle as anybody asks for.

    It is its own time, so that the heap compares numbers and makes no calls.

    Attributes:
        due: (where it runs, what, with what); None once it is cancelled.
    """

    __slots__ = ("due",)

    due: tuple[Context, Callable[..., object], tuple[Any, ...]] | None

    def when(self) -> float:
        return float(self)

    def cancel(self) -> None:
        self.due = None

    def cancelled(self) -> bool:
        return self.due is None


__all__ = ["SWAPS", "SimLoop"]
