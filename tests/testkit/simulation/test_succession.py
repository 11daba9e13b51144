"""What an owner had on its way to the disk when another one takes its place."""

from __future__ import annotations

import pytest
from tests.testkit.simulation.lab import in_world
from tests.testkit.simulation.quiet import tried

from hubbub.testkit.simulation import succession as stage
from hubbub.testkit.simulation.checker import Findings
from hubbub.testkit.simulation.succession import succession
from hubbub.testkit.simulation.world import World


@pytest.fixture(autouse=True)
def _always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "PAUSED", 1.0)


@pytest.mark.parametrize("nodes", [1, 3])
@pytest.mark.parametrize("seed", [1, 2])
def test_an_heir_waits_for_what_was_under_way_and_a_deposed_owner_writes_nothing(
    seed: int, nodes: int
) -> None:
    assert tried(succession, seed=seed, nodes=nodes) == []


def test_an_heir_that_does_not_wait_is_noticed() -> None:
    (found,) = tried(succession, seed=1, mutation="no-wait")
    assert "[one content]" in found


def test_a_store_that_takes_what_a_deposed_owner_hands_in_is_noticed() -> None:
    (found,) = tried(succession, seed=1, mutation="two-writers")
    assert "[one writer]" in found


def test_where_nobody_is_nothing_happens() -> None:
    async def work(world: World) -> None:
        findings = Findings()
        await succession(world, findings)
        assert findings.found == []

    in_world(work)
