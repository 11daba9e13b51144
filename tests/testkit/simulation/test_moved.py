"""Homes that move while nobody goes."""

from __future__ import annotations

import pytest
from tests.testkit.simulation.lab import in_world
from tests.testkit.simulation.quiet import tried

from hubbub.testkit.simulation.checker import Findings
from hubbub.testkit.simulation.moved import moved
from hubbub.testkit.simulation.world import World


@pytest.mark.parametrize("seed", [1, 2])
def test_nobody_is_offline_because_a_home_moves(seed: int) -> None:
    assert tried(moved, seed=seed) == []


def test_a_home_that_tells_what_it_cannot_know_yet_is_noticed() -> None:
    found = tried(moved, seed=1, mutation="offline-early")
    assert found
    assert all("[false offline]" in each for each in found)


def test_on_one_node_nothing_moves() -> None:
    async def work(world: World) -> None:
        for client in world.clients:
            client.start()
        await world.pass_time(5)
        findings = Findings()
        await moved(world, findings)
        assert findings.found == []
        assert "drains" not in {event.what for event in world.trace.events}

    in_world(work)
