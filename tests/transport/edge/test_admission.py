"""How fast sockets are let in."""

from __future__ import annotations

from functools import partial

from tests.support.clock import ManualClock

from hubbub.transport.edge.admission import Admission


def line(clock: ManualClock) -> tuple[Admission, list[int]]:
    admission = Admission(clock, rate_per_s=10, burst=3)
    inside: list[int] = []
    for n in range(6):
        admission.enter(n, partial(inside.append, n))
    return admission, inside


def test_a_few_are_let_in_at_once_and_the_others_in_turn() -> None:
    clock = ManualClock()
    clock.advance(100)
    admission, inside = line(clock)
    assert inside == [0, 1, 2]
    assert len(admission) == 3
    clock.advance(0.11)
    assert inside == [0, 1, 2, 3]
    clock.advance(0.2)
    assert inside == [0, 1, 2, 3, 4, 5]
    assert clock.pending == 0


def test_nobody_overtakes_those_in_line() -> None:
    clock = ManualClock()
    admission, inside = line(clock)
    clock.advance(0.05)
    admission.enter("late", lambda: inside.append(99))
    clock.advance(10)
    assert inside == [0, 1, 2, 3, 4, 5, 99]


def test_who_leaves_is_not_let_in_and_leaves_no_timer() -> None:
    clock = ManualClock()
    admission, inside = line(clock)
    admission.leave(3)
    admission.leave("nobody")
    clock.advance(0.11)
    assert inside == [0, 1, 2, 4]
    admission.leave(5)
    assert clock.pending == 0
    assert len(admission) == 0
    clock.advance(10)
    assert inside == [0, 1, 2, 4]


def test_leaving_while_another_is_let_in_does_no_harm() -> None:
    clock = ManualClock()
    admission = Admission(clock, rate_per_s=1000, burst=1)
    inside: list[str] = []

    def first() -> None:
        inside.append("first")
        admission.leave("second")

    admission.enter("zero", lambda: inside.append("zero"))
    admission.enter("first", first)
    admission.enter("second", lambda: inside.append("second"))
    clock.advance(5)
    assert inside == ["zero", "first"]
    assert clock.pending == 0
