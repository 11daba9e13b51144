"""Presence on a quiet day."""

from __future__ import annotations

import pytest
from tests.testkit.simulation.lab import in_world

from hubbub.testkit.simulation.checker import Findings
from hubbub.testkit.simulation.mutations import MUTATIONS, planted
from hubbub.testkit.simulation.watched import watched
from hubbub.testkit.simulation.workload import Workload
from hubbub.testkit.simulation.world import World


async def _look(world: World) -> list[str]:
    for client in world.clients:
        client.start()
    await world.pass_time(5)
    Workload(world.clients, world.chance("workload")).begin()
    await world.pass_time(5)
    findings = Findings()
    await watched(world, findings)
    return [str(violation) for violation in findings.found]


@pytest.mark.parametrize("nodes", [1, 3])
def test_everybody_sees_who_is_here_while_a_node_dies_and_a_person_leaves(nodes: int) -> None:
    assert in_world(_look, nodes=nodes) == []


def test_a_watcher_that_is_forgotten_when_a_home_moves_is_noticed() -> None:
    mutation = next(m for m in MUTATIONS if m.name == "watch-forgotten")
    with planted(mutation):
        found = [in_world(_look, seed=seed, nodes=3) for seed in (1, 2, 3)]
    assert any(found)
