"""One heap of alarms over the clock."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import structlog
from tests.support.clock import ManualClock

from hubbub.actors.runtime.timers import LEFT_IN_PEACE, Timers


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def timers(clock: ManualClock) -> Timers:
    return Timers(clock)


def test_alarms_ring_in_the_order_of_their_time(clock: ManualClock, timers: Timers) -> None:
    rung: list[str] = []
    for delay_s, name in ((3, "c"), (1, "a"), (2, "b"), (1, "a too")):
        timers.after(delay_s, rung.append, name)
    clock.advance(2)
    assert rung == ["a", "a too", "b"]
    clock.advance(1)
    assert rung == ["a", "a too", "b", "c"]
    assert len(timers) == clock.pending == 0


def test_the_clock_holds_one_timer_whatever_the_number(clock: ManualClock, timers: Timers) -> None:
    for n in range(100):
        timers.after(100 - n, list[int])
        assert clock.pending == 1
    clock.advance(50)
    assert clock.pending == 1


def test_a_cancelled_alarm_does_not_ring(clock: ManualClock, timers: Timers) -> None:
    rung: list[int] = []
    alarm = timers.after(1, rung.append, 1)
    timers.after(1, rung.append, 2)
    alarm.cancel()
    alarm.cancel()
    assert not alarm.waiting
    assert len(timers) == 1
    clock.advance(1)
    assert rung == [2]
    alarm.ring()
    assert rung == [2]


def test_cancelling_one_that_rang_is_harmless(clock: ManualClock, timers: Timers) -> None:
    alarm = timers.after(1, list[int])
    clock.advance(1)
    alarm.cancel()
    assert len(timers) == 0


def test_a_heap_of_mostly_cancelled_alarms_is_swept(clock: ManualClock, timers: Timers) -> None:
    rung: list[int] = []
    alarms = [timers.after(n, rung.append, n) for n in range(3 * LEFT_IN_PEACE)]
    for alarm in alarms[LEFT_IN_PEACE:]:
        alarm.cancel()
    held = timers._heap  # pyright: ignore[reportPrivateUsage] # the memory is the point
    assert len(held) < 2.5 * LEFT_IN_PEACE
    assert len(timers) == LEFT_IN_PEACE
    clock.advance(1000)
    assert rung == list(range(LEFT_IN_PEACE))


def test_an_alarm_that_sets_another_for_at_once_lets_the_loop_go(
    clock: ManualClock, timers: Timers
) -> None:
    rings: list[float] = []

    def again() -> None:
        rings.append(clock.monotonic())
        if len(rings) < 3:
            timers.after(0, again)

    timers.after(1, again)
    clock.advance(1)
    assert len(rings) == 3
    # Each in a round of its own: the clock was asked again in between.
    assert rings == [1, 1, 1]


def test_an_alarm_set_within_a_ring_does_not_hide_an_earlier_one(
    clock: ManualClock, timers: Timers
) -> None:
    rung: list[str] = []
    timers.after(1, lambda: timers.after(10, rung.append, "late"))
    timers.after(2, rung.append, "early")
    clock.advance(2)
    assert rung == ["early"]
    clock.advance(9)
    assert rung == ["early", "late"]


def test_an_alarm_that_fails_is_logged_and_the_others_ring(
    clock: ManualClock, timers: Timers
) -> None:
    def fail() -> None:
        raise ValueError

    rung: list[int] = []
    timers.after(1, fail)
    timers.after(1, rung.append, 1)
    with structlog.testing.capture_logs() as logs:
        clock.advance(1)
    assert rung == [1]
    assert [entry["event"] for entry in logs] == ["alarm_failed"]


def test_stop_drops_everything(clock: ManualClock, timers: Timers) -> None:
    rung: list[int] = []
    calls: list[Callable[[], None]] = [timers.after(n, rung.append, n).cancel for n in range(100)]
    timers.stop()
    timers.stop()
    for call in calls:
        call()
    clock.advance(1000)
    assert rung == []
    assert clock.pending == len(timers) == 0
