"""The ready queue: whose turn it is, and when sockets get theirs.

    ready(ref) -> [ref, ref, ...] -> turn(ref) -> turn(ref) -> ... -> end of the slice

One call of the loop works through the queue until it is empty or a slice is spent; then the
sockets and timers have their turn, and the next slice follows. A slice ends by time, and by a
count of messages too, so that it also ends, and always at the same place, under a clock that
stands still.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

import structlog

from ...config.clock import Clock
from .ref import LoopActorRef

#: Messages in a slice, whatever the time says.
SLICE_MESSAGES = 8192

log = structlog.get_logger(__name__)


class Dispatcher:
    """Gives actors their turns.

    Attributes:
        turn: Runs one actor; set by the system.
        budget: What is left of the running turn, in messages; in-place runs count.
        running: Whether a slice is under way.
        turns: How many there were.
    """

    turn: Callable[[LoopActorRef[Any]], None]

    def __init__(
        self,
        clock: Clock,
        turn_budget: int,
        slice_budget_s: float,
        shuffle: Callable[[list[Any]], None] | None,
    ) -> None:
        self._clock = clock
        self._turn_budget = turn_budget
        self._slice_budget_s = slice_budget_s
        self._shuffle = shuffle
        self._loop: asyncio.AbstractEventLoop | None = None
        self._queue: deque[LoopActorRef[Any]] = deque()
        self._scheduled = False
        self._at_end: list[Callable[[], object]] = []
        self._left = SLICE_MESSAGES
        self.budget = turn_budget
        self.running = False
        self.turns = 0

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Run on this loop."""
        self._loop = loop

    @property
    def busy(self) -> bool:
        """Whether an actor, or the end of a slice, waits."""
        return bool(self._queue or self._at_end)

    def ready(self, ref: LoopActorRef[Any]) -> None:
        """This actor has something to do."""
        self._queue.append(ref)
        if not self._scheduled:
            self._wake()

    def at_turn_end(self, callback: Callable[[], object]) -> None:
        """Call once, at the end of this slice; soon, if none is under way.

        What such a call asks for comes right after; what that asks for, after the next slice.
        """
        self._at_end.append(callback)
        if not self._scheduled:
            self._wake()

    def may_run_in_place(self) -> bool:
        """Whether the slice has room for one more message; always, outside of a slice."""
        return not self.running or self._left + self.budget > self._turn_budget

    def lend(self) -> int:
        """A turn within a turn begins; `restore` takes what this returns."""
        lent = self.budget
        self.budget = self._turn_budget
        return lent

    def restore(self, lent: int) -> None:
        """It is over; what it used counts for the outer turn."""
        self.budget = lent - (self._turn_budget - self.budget)

    def _wake(self) -> None:
        if self._loop is not None:
            self._scheduled = True
            self._loop.call_soon(self._run)

    def _run(self) -> None:
        queue = self._queue
        monotonic = self._clock.monotonic
        full = self._turn_budget
        self._left = SLICE_MESSAGES
        deadline = monotonic() + self._slice_budget_s
        round_left = 0
        self.running = True
        try:
            while queue:
                if self._shuffle is not None:
                    if round_left == 0:
                        waiting = list(queue)
                        self._shuffle(waiting)
                        queue.clear()
                        queue.extend(waiting)
                        round_left = len(waiting)
                    round_left -= 1
                self.budget = full
                self.turns += 1
                self.turn(queue.popleft())
                self._left -= max(1, full - self.budget)
                if self._left <= 0 or monotonic() > deadline:
                    break
        finally:
            # Also when a KeyboardInterrupt goes by: the others have their turns all the same.
            self.budget = full
            self.running = False
            self.end()
            if queue or self._at_end:
                self._wake()
            else:
                self._scheduled = False

    def end(self) -> None:
        """Make the calls that wait for the end of a slice, and those that they ask for in turn;
        what they raise is logged."""
        for _ in range(2):
            calls, self._at_end = self._at_end, []
            for call in calls:
                try:
                    call()
                except Exception:
                    log.exception("turn_end_failed")


__all__ = ["SLICE_MESSAGES", "Dispatcher"]
