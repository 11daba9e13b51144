"""Names what holds the loop: nothing may block it (design, invariant 8).

The loop stamps the time by a timer; a thread looks at the stamp and, when it is too old, at the
stack of the loop's thread, so the log says which line held it and not only that one did.
"""

from __future__ import annotations

import sys
import threading
import traceback
from types import FrameType

import structlog

from ..config.clock import Clock, Timer
from ..config.metrics import Metrics
from ..config.units import MILLISECONDS

log = structlog.get_logger(__name__)


class Watchdog:
    """A service beside one loop.

    Args:
        held_s: How long a callback may hold the loop before it is named, in seconds.
    """

    def __init__(self, clock: Clock, metrics: Metrics, held_s: float = 100 * MILLISECONDS) -> None:
        self._clock = clock
        self._metrics = metrics
        self._held_s = held_s
        self._stamp = 0.0
        self._timer: Timer | None = None
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._watched = 0

    async def start(self) -> None:
        """Watch the loop that runs this."""
        self._watched = threading.get_ident()
        self._stopped.clear()
        self._beat()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Leave no thread and no timer."""
        self._stopped.set()
        if self._timer is not None:
            self._timer.cancel()
        if self._thread is not None:
            self._thread.join()

    def _beat(self) -> None:
        self._stamp = self._clock.monotonic()
        self._timer = self._clock.call_later(self._held_s / 2, self._beat)

    def _watch(self) -> None:
        named = 0.0
        while not self._stopped.wait(self._held_s / 2):
            stamp = self._stamp
            held = self._clock.monotonic() - stamp - self._held_s / 2
            if held < self._held_s:
                continue
            if stamp != named:
                named = stamp
                log.warning("loop_held", at=self._where())
            self._metrics.loop_held.inc(self._held_s / 2)

    def _where(self) -> str:
        frame: FrameType | None = sys._current_frames().get(self._watched)
        if frame is None:
            return "unknown"
        innermost = traceback.extract_stack(frame)[-3:]
        return " < ".join(f"{f.filename}:{f.lineno} {f.name}" for f in reversed(innermost))


__all__ = ["Watchdog"]
