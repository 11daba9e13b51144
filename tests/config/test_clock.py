"""The real clock and the real chance."""

from __future__ import annotations

import asyncio
import time

import pytest

from hubbub.config.clock import LoopClock, SystemChance


def test_the_wall_clock_counts_utc_milliseconds() -> None:
    before = time.time_ns() // 1_000_000
    now = LoopClock().now_ms()
    assert before <= now <= time.time_ns() // 1_000_000


def test_the_monotonic_clock_does_not_go_back() -> None:
    clock = LoopClock()
    seen = [clock.monotonic() for _ in range(100)]
    assert seen == sorted(seen)


async def test_a_timer_runs_on_the_loop_unless_it_is_cancelled() -> None:
    clock, rang = LoopClock(), asyncio.Event()
    cancelled: list[str] = []
    clock.call_later(0, lambda: cancelled.append("rang")).cancel()
    clock.call_later(0.001, rang.set)
    await asyncio.wait_for(rang.wait(), 10)
    assert cancelled == []


def test_tokens_have_their_size_and_differ() -> None:
    chance = SystemChance()
    assert len({chance.token(16) for _ in range(100)}) == 100
    assert len(chance.token(3)) == 3


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-2.0, 3.5), (4.0, 4.0)])
def test_a_uniform_number_lies_between(low: float, high: float) -> None:
    assert all(low <= SystemChance().uniform(low, high) <= high for _ in range(200))
