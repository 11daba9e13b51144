"""One seed of owners, from its beginning to its verdict."""

from __future__ import annotations

import random

import pytest

from hubbub.testkit.clock import StuckError
from hubbub.testkit.owners import verdict
from hubbub.testkit.owners.verdict import own
from hubbub.testkit.simulation.report import report

#: A new one each time, so that no two runs of the suite look at the same seeds.
BASE = random.SystemRandom().randrange(1, 1_000_000_000)
SHORT = 6


@pytest.mark.parametrize("seed", range(BASE, BASE + SHORT))
def test_a_seed_nobody_has_tried_before_holds(seed: int) -> None:
    outcome = own(seed)
    assert not outcome.failed, f"base seed {BASE}\n{report(outcome)}"
    assert outcome.acks > 100
    assert outcome.faults > 2


def test_a_seed_is_one_life() -> None:
    assert own(7).trace.digest() == own(7).trace.digest() != own(8).trace.digest()


@pytest.mark.parametrize("error", [StuckError("no more"), ZeroDivisionError("no more")])
def test_a_life_that_breaks_off_says_so(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(*_: object) -> None:
        raise error

    monkeypatch.setattr(verdict, "_run", breaks)
    assert own(1).error.strip().endswith("no more")
