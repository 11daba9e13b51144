"""A loop of virtual time and seeded order."""

from __future__ import annotations

import asyncio
import random
from contextvars import ContextVar

import pytest

from hubbub.testkit.clock import StuckError
from hubbub.testkit.simulation.loop import SimLoop

_NUMBER: ContextVar[int] = ContextVar("_NUMBER")


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


def test_a_callback_that_fails_is_told_of_and_stops_no_other() -> None:
    loop = SimLoop(random.Random(1))
    told: list[str] = []
    loop.set_exception_handler(lambda _loop, context: told.append(context["message"]))
    loop.call_soon(_fail, ValueError())
    loop.call_later(1, _fail, asyncio.CancelledError())
    loop.run_until_complete(asyncio.sleep(2))
    assert told == ["Exception in _fail"] * 2
    loop.close()


def _fail(error: BaseException) -> None:
    raise error


def test_a_handle_says_when_it_is_due_and_whether_it_still_is() -> None:
    loop, done = SimLoop(random.Random(1)), list[str]()
    timer = loop.call_later(2, done.append, "never")
    soon = loop.call_soon(done.append, "neither")
    assert (timer.when(), timer.cancelled(), soon.cancelled()) == (2, False, False)
    for handle in (timer, soon):
        handle.cancel()
        assert handle.cancelled()
    loop.call_soon_threadsafe(done.append, "yes")
    loop.run_until_complete(asyncio.sleep(3))
    assert done == ["yes"]
    loop.close()


def test_each_callback_has_the_context_it_was_made_in() -> None:
    loop, seen = SimLoop(random.Random(1)), list[int]()
    for number in (1, 2):
        _NUMBER.set(number)
        loop.call_later(number, lambda: seen.append(_NUMBER.get()))
    loop.call_soon(_NUMBER.set, 4)
    loop.run_until_complete(asyncio.sleep(3))
    assert (seen, _NUMBER.get()) == ([1, 2], 2)
    loop.close()
