"""Measures the wall time that tests spend inside of sleeps on the real clock.

A test waits for something to happen, or lets virtual time pass; one that sleeps is slow where the
machine is quick, and fails where it is slow. Counted is each `time.sleep`, and each `asyncio.sleep`
on a loop whose time is real, that is called from a file of the tests: from its call to its end,
overlapping ones once. `asyncio.sleep(0)` is no sleep. What other packages do is not counted.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import FrameType
from typing import Any, SupportsIndex

TESTS = str(Path(__file__).resolve().parents[1])

#: Seconds that one test may sleep: none, but for what it takes to start and to end one.
SLEEP_S = 0.05

#: {file: why its tests may sleep, and how many seconds each}
MAY_SLEEP: dict[str, tuple[str, float]] = {
    "tests/faults/test_nodes.py": ("what a process is held up for is real time", 1.0),
    "tests/faults/test_quick.py": ("people talk to processes that die, in real time", 120.0),
    "tests/faults/test_kill.py": ("paces the load on a process, and kills it at any moment", 120.0),
    "tests/faults/test_redis.py": ("a real server is gone for longer than a lease", 20.0),
    "tests/supervision/test_clusters.py": ("waits for what comes over a real server", 20.0),
    "tests/transport/edge/test_bounded_http.py": ("uvicorn's own timers know no other clock", 0.5),
}


class SleepMeter:
    """See the module.

    Attributes:
        total_s: Of all tests.
        longest: (seconds, test) of those that slept most, the worst first.
    """

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self.total_s = 0.0
        self.longest: list[tuple[float, str]] = []
        self._now = now
        self._active = 0
        self._since = 0.0
        self._slept_s = 0.0
        self._sleep = time.sleep
        self._asyncio_sleep: Callable[..., Coroutine[Any, Any, Any]] = asyncio.sleep

    def install(self) -> None:
        """Measure from now on."""
        time.sleep = self._timed
        asyncio.sleep = self._awaited

    def uninstall(self) -> None:
        """Measure no more."""
        time.sleep = self._sleep
        asyncio.sleep = self._asyncio_sleep

    def begin(self) -> None:
        """A test begins."""
        self._slept_s = 0.0
        self._active = 0

    def end(self, test: str) -> float:
        """A test has ended. Returns: how long it slept."""
        if self._active:
            self._slept_s += self._now() - self._since
            self._active = 0
        self.total_s += self._slept_s
        if self._slept_s > 0:
            self.longest = sorted([*self.longest, (self._slept_s, test)], reverse=True)[:10]
        return self._slept_s

    def _timed(self, seconds: float | SupportsIndex, /) -> None:
        if not _is_a_tests(sys._getframe(1)):  # pyright: ignore[reportPrivateUsage]
            self._sleep(seconds)
            return
        self._enter()
        try:
            self._sleep(seconds)
        finally:
            self._leave()

    def _awaited(self, delay: float, result: Any = None) -> Coroutine[Any, Any, Any]:
        sleeping = self._asyncio_sleep(delay, result)
        caller = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
        if delay <= 0 or not _is_a_tests(caller):
            return sleeping
        return self._measured(sleeping)

    async def _measured(self, sleeping: Coroutine[Any, Any, Any]) -> Any:
        if type(asyncio.get_running_loop()).time is not asyncio.BaseEventLoop.time:
            return await sleeping
        self._enter()
        try:
            return await sleeping
        finally:
            self._leave()

    def _enter(self) -> None:
        if self._active == 0:
            self._since = self._now()
        self._active += 1

    def _leave(self) -> None:
        if self._active == 0:
            return  # It outlived its test, which has been charged.
        self._active -= 1
        if self._active == 0:
            self._slept_s += self._now() - self._since


def may_sleep_s(test: str) -> float:
    """How long the test of this id may sleep."""
    return MAY_SLEEP.get(test.partition("::")[0], ("", SLEEP_S))[1]


def _is_a_tests(caller: FrameType) -> bool:
    return caller.f_code.co_filename.startswith(TESTS)


__all__ = ["MAY_SLEEP", "SLEEP_S", "SleepMeter", "may_sleep_s"]
