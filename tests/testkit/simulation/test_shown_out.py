"""Somebody is removed while their own list cannot be written."""

from __future__ import annotations

import pytest
from tests.testkit.simulation.lab import in_world
from tests.testkit.simulation.quiet import tried

from hubbub.testkit.simulation.checker import Findings
from hubbub.testkit.simulation.shown_out import shown_out
from hubbub.testkit.simulation.world import World


@pytest.mark.parametrize("seed", range(1, 5))
def test_a_list_shows_no_more_than_the_removal(seed: int) -> None:
    assert tried(shown_out, seed=seed) == []


def test_a_list_that_goes_on_is_noticed() -> None:
    found = [
        each
        for seed in range(1, 5)
        for each in tried(shown_out, seed=seed, mutation="end-unmarked")
    ]
    assert any("was removed from" in each for each in found)


def test_where_nobody_is_nothing_happens() -> None:
    async def work(world: World) -> None:
        findings = Findings()
        await shown_out(world, findings)
        assert findings.found == []

    in_world(work)
