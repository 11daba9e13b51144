"""A loop of virtual time and seeded order."""

from __future__ import annotations

import asyncio
import random

import pytest

from hubbub.testkit.clock import StuckError
from hubbub.testkit.simulation.loop import SimLoop


async def _order(count: int) -> list[int]:
    loop, done = asyncio.get_running_loop(), list[int]()
    for n in range(count):
        loop.call_soon(done.append, n)
    await asyncio.sleep(1)
    return done


def _run(seed: int, count: int = 12) -> list[int]:
    loop = SimLoop(random.Random(seed))
    try:
        return loop.run_until_complete(_order(count))
    finally:
        loop.close()


def test_time_jumps_to_the_next_timer() -> None:
    loop = SimLoop(random.Random(1))
    loop.run_until_complete(asyncio.sleep(3600))
    assert loop.time() == 3600
    loop.close()


def test_what_is_ready_at_once_runs_in_an_order_of_the_seed() -> None:
    assert _run(1) == _run(1)
    orders = {tuple(_run(seed)) for seed in range(6)}
    assert len(orders) > 1
    assert all(sorted(order) == list(range(12)) for order in orders)


def test_who_waits_for_nothing_is_told_so() -> None:
    loop = SimLoop(random.Random(1))
    forever: asyncio.Future[None] = loop.create_future()
    with pytest.raises(StuckError, match="nothing will ever happen"):
        loop.run_until_complete(forever)
    loop.close()


def test_a_livelock_ends() -> None:
    loop = SimLoop(random.Random(1), limit=100)

    def again() -> None:
        loop.call_soon(again)

    again()
    with pytest.raises(StuckError, match="still busy"):
        loop.run_until_complete(loop.create_future())
    loop.close()


def test_a_cancelled_timer_takes_no_time() -> None:
    loop = SimLoop(random.Random(1))
    loop.call_later(9, print).cancel()
    loop.run_until_complete(asyncio.sleep(1))
    assert loop.time() == 1
    loop.close()
