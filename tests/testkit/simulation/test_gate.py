"""What stands between a node and the world."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Generator

import pytest

from hubbub.testkit.clock import EPOCH_MS
from hubbub.testkit.simulation.gate import Gate, NodeClock
from hubbub.testkit.simulation.loop import SimLoop


@pytest.fixture(name="loop")
def _loop() -> Generator[SimLoop]:
    loop = SimLoop(random.Random(1))
    yield loop
    loop.close()


def _pass(loop: SimLoop, seconds: float) -> None:
    loop.run_until_complete(asyncio.sleep(seconds))


def test_a_paused_node_does_nothing_and_then_everything_in_order(loop: SimLoop) -> None:
    gate, done = Gate(loop), list[int]()
    gate.shut = True
    for n in range(5):
        gate.run(done.append, n)
    gate.call_soon(done.append, 5)
    _pass(loop, 1)
    assert done == []
    gate.open()
    assert done == [0, 1, 2, 3, 4, 5]


def test_a_killed_node_does_nothing_any_more(loop: SimLoop) -> None:
    gate, done = Gate(loop), list[int]()
    gate.shut = True
    gate.run(done.append, 1)
    gate.kill()
    gate.run(done.append, 2)
    gate.open()
    assert done == []


def test_a_timer_comes_through_the_gate(loop: SimLoop) -> None:
    gate, done = Gate(loop), list[str]()
    clock = NodeClock(loop, gate)
    clock.call_later(1, lambda: done.append("on time"))
    held = clock.call_later(2, lambda: done.append("held and cancelled"))
    clock.call_later(2, lambda: done.append("held"))
    _pass(loop, 1.5)
    gate.shut = True
    _pass(loop, 1)
    held.cancel()
    gate.open()
    assert done == ["on time", "held"]


def test_a_wall_clock_is_off_and_the_other_is_not(loop: SimLoop) -> None:
    clock = NodeClock(loop, Gate(loop))
    clock.skew_ms = -5000
    _pass(loop, 2)
    assert (clock.monotonic(), clock.now_ms()) == (2.0, EPOCH_MS - 3000)
