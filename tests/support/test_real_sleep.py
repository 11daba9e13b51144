"""The meter counts what tests sleep on the real clock, and nothing else."""

from __future__ import annotations

import asyncio
import time

import pytest
from tests.support.real_sleep import MAY_SLEEP, SLEEP_S, SleepMeter, may_sleep_s

from hubbub.testkit.clock import VirtualLoop

NAP_S = 0.01


def metered(*, virtual: bool = False) -> tuple[SleepMeter, asyncio.Runner]:
    """A meter of its own, over that of the suite, and a loop."""
    return SleepMeter(), asyncio.Runner(loop_factory=VirtualLoop if virtual else None)


async def naps(count: int) -> None:
    await asyncio.gather(*(asyncio.sleep(NAP_S) for _ in range(count)))


def test_sleeps_count_and_those_that_overlap_count_once() -> None:
    meter, runner = metered()
    meter.install()
    try:
        meter.begin()
        with runner:
            runner.run(naps(20))
        time.sleep(NAP_S)
        slept_s = meter.end("me")
    finally:
        meter.uninstall()
    assert 2 * NAP_S * 0.9 <= slept_s < 20 * NAP_S
    assert meter.longest == [(slept_s, "me")]
    assert meter.total_s == slept_s


def test_virtual_sleeps_and_those_of_no_time_do_not_count() -> None:
    meter, runner = metered(virtual=True)
    meter.install()
    try:
        meter.begin()
        with runner:
            runner.run(asyncio.sleep(3600))
        asyncio.run(asyncio.sleep(0))
        assert meter.end("me") == 0
    finally:
        meter.uninstall()
    assert meter.longest == []


def test_a_sleep_that_outlives_its_test_counts_up_to_there() -> None:
    now = 10.0
    meter = SleepMeter(lambda: now)
    meter.begin()
    meter._enter()  # pyright: ignore[reportPrivateUsage]
    now = 13.0
    assert meter.end("me") == 3
    meter.begin()
    meter._leave()  # pyright: ignore[reportPrivateUsage]
    assert meter.end("next") == 0


@pytest.mark.parametrize("file", MAY_SLEEP)
def test_who_may_sleep_is_named_with_a_reason(file: str) -> None:
    why, seconds = MAY_SLEEP[file]
    assert why
    assert may_sleep_s(f"{file}::test_x[y]") == seconds > SLEEP_S


def test_nobody_else_may() -> None:
    assert may_sleep_s("tests/node/test_chat.py::test_x") == SLEEP_S
