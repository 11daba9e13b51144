"""How often a child may be restarted."""

from __future__ import annotations

import pytest

from hubbub.supervision.intensity import Backoff, History, Intensity


def verdicts(intensity: Intensity, *times: float) -> list[bool]:
    history = History(intensity)
    return [history.allows(at) for at in times]


def test_the_default_is_otps_one_in_five_seconds() -> None:
    assert Intensity() == Intensity(restarts=1, period_s=5)
    assert verdicts(Intensity(), 0, 4.9) == [True, False]


def test_a_restart_counts_until_its_period_has_passed() -> None:
    assert verdicts(Intensity(), 0, 5, 10) == [True, True, True]
    assert verdicts(Intensity(2, 10), 0, 9, 10, 11, 12) == [True, True, True, False, False]


def test_no_restart_at_all_can_be_allowed() -> None:
    assert verdicts(Intensity(0), 0) == [False]


def test_a_history_is_over_when_nothing_in_it_counts() -> None:
    history = History(Intensity())
    assert history.is_over(0)
    history.allows(1)
    assert not history.is_over(5.9)
    assert history.is_over(6)


@pytest.mark.parametrize(
    ("failures", "wait_s"), [(1, 0.1), (2, 0.2), (3, 0.4), (4, 0.5), (5, 0.5), (6, None)]
)
def test_waits_double_up_to_the_longest_and_then_end(failures: int, wait_s: float | None) -> None:
    assert Backoff(first_s=0.1, longest_s=0.5, tries=5).wait_s(failures) == pytest.approx(wait_s)
