"""The timer wheel."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.support.clock import ManualClock

from hubbub.transport.edge.heartbeat import SLICE, STILL_S, TimerWheel


class Stalling(ManualClock):
    """One whose process can be stopped."""

    def stand_still(self, seconds: float) -> None:
        """Time goes on, and nothing happens."""
        self._now_s += seconds


class Item:
    def __init__(self, clock: ManualClock, then: float | None = None) -> None:
        self.tick = 0
        self.called: list[float] = []
        self._clock = clock
        self._then = then

    def on_time(self, now: float) -> float | None:
        assert now == self._clock.monotonic()
        self.called.append(now)
        return None if self._then is None else now + self._then


def test_an_item_is_called_when_it_is_due_and_not_before() -> None:
    clock = ManualClock()
    wheel = TimerWheel(clock, tick_s=0.25)
    item = Item(clock)
    wheel.set(item, 5.0)
    clock.advance(4.99)
    assert item.called == []
    clock.advance(0.27)
    assert len(item.called) == 1
    clock.advance(100)
    assert len(item.called) == 1


def test_an_item_that_wants_more_is_called_again() -> None:
    clock = ManualClock()
    wheel = TimerWheel(clock, tick_s=0.25)
    item = Item(clock, then=1.0)
    wheel.set(item, 1.0)
    clock.advance(10)
    assert 7 <= len(item.called) <= 10


def test_the_last_setting_counts() -> None:
    clock = ManualClock()
    wheel = TimerWheel(clock, tick_s=0.25)
    sooner, later = Item(clock), Item(clock)
    wheel.set(sooner, 50.0)
    wheel.set(later, 2.0)
    wheel.set(sooner, 1.0)
    wheel.set(later, 30.0)
    clock.advance(2.5)
    assert (len(sooner.called), len(later.called)) == (1, 0)
    clock.advance(30)
    assert (len(sooner.called), len(later.called)) == (1, 1)


def test_a_dropped_item_is_not_called_and_no_timer_stays() -> None:
    clock = ManualClock()
    wheel = TimerWheel(clock, tick_s=0.25)
    item = Item(clock)
    wheel.set(item, 1.0)
    wheel.drop(item)
    wheel.drop(item)
    assert clock.pending == 0
    clock.advance(5)
    assert item.called == []


def test_what_is_overdue_is_called_at_once() -> None:
    clock = ManualClock()
    clock.advance(100)
    wheel = TimerWheel(clock, tick_s=0.25)
    item = Item(clock)
    wheel.set(item, 3.0)
    clock.advance(0)
    assert item.called == [100]


def test_after_a_stillness_what_came_meanwhile_is_heard_first() -> None:
    clock = Stalling()
    wheel = TimerWheel(clock, tick_s=0.25)
    silent, heard = Item(clock), Item(clock)
    wheel.set(silent, 5.0)
    wheel.set(heard, 5.0)
    clock.stand_still(9)
    clock.advance(0.2)
    assert silent.called == []
    wheel.set(heard, 20.0)
    clock.advance(0.05)
    assert silent.called == [9.25]
    assert heard.called == []
    clock.advance(15)
    assert len(heard.called) == 1


def test_a_loop_that_is_always_late_judges_every_second_time() -> None:
    clock = Stalling()
    wheel = TimerWheel(clock, tick_s=0.25)
    item = Item(clock, then=1.0)
    wheel.set(item, 1.0)
    for _ in range(8):
        clock.stand_still(STILL_S + 3)
        clock.advance(0)
    assert len(item.called) == 4


def test_a_backlog_is_no_stillness() -> None:
    """What is overdue for long is looked at as fast as slices go."""
    clock = Stalling()
    wheel = TimerWheel(clock, tick_s=0.25)
    items = [Item(clock) for _ in range(2 * SLICE + 1)]
    for item in items:
        wheel.set(item, 1.0)
    clock.stand_still(60)
    clock.advance(0.25)
    assert all(len(item.called) == 1 for item in items)


def test_many_items_are_all_called_with_pauses_between() -> None:
    clock = ManualClock()
    wheel = TimerWheel(clock, tick_s=0.25)
    items = [Item(clock) for _ in range(3 * SLICE)]
    for item in items:
        wheel.set(item, 1.0)
    clock.advance(1.25)
    assert all(len(item.called) == 1 for item in items)
    assert clock.pending == 0


def test_an_item_may_leave_while_another_is_called() -> None:
    clock = ManualClock()
    wheel = TimerWheel(clock, tick_s=0.25)
    other = Item(clock)

    class Leaver(Item):
        def on_time(self, now: float) -> float | None:
            wheel.drop(other)
            wheel.drop(first if self is second else second)
            return super().on_time(now)

    first, second = Leaver(clock), Leaver(clock)
    for item in (first, second, other):
        wheel.set(item, 1.0)
    clock.advance(5)
    assert len(first.called) + len(second.called) == 1
    assert clock.pending == 0


def test_all_items_can_be_looked_through() -> None:
    clock = ManualClock()
    wheel = TimerWheel(clock)
    items = {Item(clock) for _ in range(5)}
    for n, item in enumerate(items):
        wheel.set(item, float(n))
    assert set(wheel) == items


@given(
    st.lists(st.tuples(st.integers(0, 4), st.floats(0, 20), st.floats(0, 3)), max_size=40),
)
def test_each_is_called_once_no_earlier_and_at_most_a_tick_later(
    settings: list[tuple[int, float, float]],
) -> None:
    clock = ManualClock()
    wheel = TimerWheel(clock, tick_s=0.25)
    items = [Item(clock) for _ in range(5)]
    due: dict[int, float] = {}
    for index, delay, pause in settings:
        before = clock.monotonic()
        for i, at in list(due.items()):
            if items[i].called:
                assert at <= items[i].called[0] <= max(at, 0) + 0.25 + 1e-6
                items[i].called.clear()
                del due[i]
        due[index] = before + delay
        items[index].called.clear()
        wheel.set(items[index], before + delay)
        clock.advance(pause)
    clock.advance(30)
    for i, at in due.items():
        assert len(items[i].called) == 1
        assert at <= items[i].called[0] <= at + 0.25 + 1e-6
    assert clock.pending == 0
