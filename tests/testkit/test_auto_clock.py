"""Time is virtual on whatever loop a test runs, and passes when the actors are quiet."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.testkit.counter import Add, Counter

from hubbub.testkit.auto_clock import AutoClock
from hubbub.testkit.clock import EPOCH_MS, HORIZON_S, VirtualLoop
from hubbub.testkit.kit import Kit

LOOPS = (asyncio.new_event_loop, VirtualLoop)


@pytest.fixture(params=LOOPS, ids=["a plain loop", "a virtual loop"])
def runner(request: pytest.FixtureRequest) -> Any:
    factory: Callable[[], asyncio.AbstractEventLoop] = request.param
    with asyncio.Runner(loop_factory=factory) as runner:
        yield runner


def test_an_hour_passes_at_once(runner: asyncio.Runner) -> None:
    async def sleep() -> tuple[float, int]:
        clock = AutoClock(lambda: None)
        assert clock.monotonic() == 0
        await clock.sleep(3600)
        return clock.monotonic(), clock.now_ms()

    began = time.monotonic()
    assert runner.run(sleep()) == (3600, EPOCH_MS + 3_600_000)
    assert time.monotonic() - began < 10


def test_time_stands_still_while_actors_work(runner: asyncio.Runner) -> None:
    async def work() -> float:
        async with Kit() as kit:
            counter = kit.system.spawn(Counter)
            rung: list[float] = []
            timer = kit.clock.call_later(1, lambda: rung.append(kit.clock.monotonic()))
            for _ in range(500):
                await kit.system.ask(counter, Add(), timeout_s=1000)
            timer.cancel()
            assert rung == []
            return kit.clock.monotonic()

    assert runner.run(work()) == 0


def test_time_stands_still_while_it_is_held(runner: asyncio.Runner) -> None:
    go = threading.Event()

    async def work() -> float:
        clock = AutoClock(lambda: None)
        loop = asyncio.get_running_loop()
        came = loop.create_future()

        def elsewhere() -> None:
            go.wait(10)
            loop.call_soon_threadsafe(came.set_result, None)

        thread = threading.Thread(target=elsewhere)
        timer = clock.call_later(5, lambda: None)
        with clock.held():
            thread.start()
            for _ in range(100):
                await asyncio.sleep(0)
            go.set()
            await came
        thread.join()
        at = clock.monotonic()
        await clock.sleep(10)
        timer.cancel()
        assert clock.pending == 0
        return at

    assert runner.run(work()) == 0


def test_who_stops_sleeping_leaves_no_timer(runner: asyncio.Runner) -> None:
    async def stop() -> int:
        clock = AutoClock(lambda: None)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await clock.sleep(10)
        return clock.pending

    assert runner.run(stop()) == 0


def test_the_wall_clock_can_be_set_before_and_while_time_passes(runner: asyncio.Runner) -> None:
    async def walls() -> list[int]:
        clock = AutoClock(lambda: None)
        clock.shift_ms = 500
        first = clock.now_ms()
        clock.shift_ms = -500
        await clock.sleep(1)
        assert clock.shift_ms == -500
        return [first - EPOCH_MS, clock.now_ms() - EPOCH_MS]

    assert runner.run(walls()) == [500, 500]


def test_heartbeats_do_not_run_away_for_ever_on_a_plain_loop() -> None:
    async def beat() -> float:
        clock = AutoClock(lambda: None)

        def again() -> None:
            clock.call_later(HORIZON_S / 3, again)

        again()
        for _ in range(1000):
            await asyncio.sleep(0)
        return clock.monotonic()

    assert asyncio.run(beat()) == HORIZON_S
