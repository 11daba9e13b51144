"""Virtual time passes when nothing else happens, and not before."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine
from functools import partial
from typing import Any, TypeVar

import pytest

from hubbub.testkit.clock import EPOCH_MS, ManualClock, StuckError, VirtualClock, VirtualLoop

T = TypeVar("T")


def run(coro: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(coro)


def test_a_day_of_sleep_takes_no_time() -> None:
    async def sleep() -> float:
        await asyncio.sleep(24 * 3600)
        return asyncio.get_running_loop().time()

    began = time.monotonic()
    assert run(sleep()) == 24 * 3600
    assert time.monotonic() - began < 5


def test_what_is_due_happens_in_order_and_at_its_time() -> None:
    async def alarms() -> list[tuple[str, float]]:
        rung: list[tuple[str, float]] = []
        loop = asyncio.get_running_loop()
        clock = VirtualClock()

        def ring(name: str) -> None:
            rung.append((name, loop.time()))

        for name, delay in (("late", 3.0), ("early", 1.0), ("middle", 2.0)):
            clock.call_later(delay, partial(ring, name))
        clock.call_later(2.5, partial(ring, "never")).cancel()
        await clock.sleep(10)
        return rung

    assert run(alarms()) == [("early", 1.0), ("middle", 2.0), ("late", 3.0)]


def test_a_timeout_is_virtual_too() -> None:
    async def wait() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(30):
                await asyncio.get_running_loop().create_future()
        return asyncio.get_running_loop().time()

    assert run(wait()) == 30


def test_time_stands_still_while_work_is_out_in_a_thread() -> None:
    go = threading.Event()

    async def work() -> tuple[str, float]:
        loop = asyncio.get_running_loop()
        loop.call_soon(go.set)
        async with asyncio.timeout(5):
            await asyncio.to_thread(go.wait)
        return "done", loop.time()

    assert run(work()) == ("done", 0)


def test_time_stands_still_while_it_is_held() -> None:
    async def work() -> float:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        came = loop.create_future()
        thread = threading.Thread(
            target=lambda: loop.call_soon_threadsafe(came.set_result, None), name="worker"
        )
        with loop.held():
            async with asyncio.timeout(5):
                thread.start()
                await came
        thread.join()
        return loop.time()

    assert run(work()) == 0


def test_a_thread_that_was_there_before_wakes_nobody() -> None:
    done = threading.Event()
    stranger = threading.Thread(target=done.wait)
    stranger.start()
    try:
        with pytest.raises(StuckError, match="nothing will ever happen"):
            run(asyncio.Event().wait())
    finally:
        done.set()
        stranger.join()


def test_a_loop_in_which_nothing_can_happen_says_who_waits() -> None:
    async def for_ever() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(StuckError, match=r"nothing will ever happen.*\n.*for_ever"):
        run(for_ever())


def test_a_loop_with_nothing_but_heartbeats_gives_up() -> None:
    async def for_ever() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        loop.horizon_s = 100

        def beat() -> None:
            loop.call_later(25, beat)

        beat()
        await loop.create_future()

    with pytest.raises(StuckError, match=r"after 125 virtual s.*\n.*for_ever"):
        run(for_ever())


def test_a_loop_that_is_busy_for_ever_at_one_moment_gives_up() -> None:
    async def for_ever() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        await asyncio.sleep(7)
        loop.moment_s = 0.01

        def again() -> None:
            loop.call_soon(again)

        again()
        await loop.create_future()

    with pytest.raises(StuckError, match=r"busy for ever at 7\.000 virtual s.*\n.*for_ever"):
        run(for_ever())


def test_the_wall_clock_can_be_set_and_time_goes_on() -> None:
    async def wall() -> list[int]:
        clock, other = VirtualClock(), VirtualClock(shift_ms=-5000)
        seen = [clock.now_ms(), other.now_ms()]
        clock.shift_ms = 60_000
        await clock.sleep(1.5)
        return [ms - EPOCH_MS for ms in (*seen, clock.now_ms(), other.now_ms())]

    assert run(wall()) == [0, -5000, 61_500, -3500]


def test_a_manual_clock_stands_still_until_it_is_moved() -> None:
    clock = ManualClock()
    rung: list[float] = []
    clock.call_later(1, lambda: rung.append(clock.monotonic()))
    gone = clock.call_later(0.5, lambda: rung.append(-1))
    clock.call_later(2, lambda: clock.call_later(1, lambda: rung.append(clock.monotonic())))
    gone.cancel()
    assert clock.next_at() == 1
    assert clock.pending == 2
    clock.advance(0.5)
    assert rung == []
    clock.advance(5)
    assert rung == [1, 3]
    assert (clock.monotonic(), clock.now_ms()) == (5.5, EPOCH_MS + 5500)
    assert clock.next_at() is None


def test_a_timer_that_moves_the_manual_clock_does_not_set_it_back() -> None:
    clock = ManualClock()
    clock.call_later(1, lambda: clock.advance(10))
    clock.advance(2)
    assert clock.monotonic() == 11
