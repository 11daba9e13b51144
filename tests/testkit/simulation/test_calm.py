"""One crash at a time on a quiet day."""

from __future__ import annotations

import pytest
from tests.testkit.simulation.lab import in_world

from hubbub.testkit.simulation.calm import calm
from hubbub.testkit.simulation.checker import Findings
from hubbub.testkit.simulation.mutations import MUTATIONS, planted
from hubbub.testkit.simulation.workload import Workload
from hubbub.testkit.simulation.world import World


async def _crashes(world: World) -> list[str]:
    for client in world.clients:
        client.start()
    await world.pass_time(5)
    Workload(world.clients, world.chance("workload")).begin()
    await world.pass_time(5)
    findings = Findings()
    await calm(world, findings)
    assert sum(event.what == "crash" for event in world.trace.events) > 1
    return [violation.rule for violation in findings.found]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whoever_dies_the_answer_comes_and_the_connection_lasts(seed: int) -> None:
    assert in_world(_crashes, seed=seed, nodes=3) == []


def test_a_request_that_is_not_replayed_is_noticed() -> None:
    mutation = next(m for m in MUTATIONS if m.name == "not-replayed")
    with planted(mutation):
        rules = [in_world(_crashes, seed=seed) for seed in (1, 2, 3, 4)]
    assert "not answered" in [rule for found in rules for rule in found]


def test_heads_that_are_not_told_after_a_crash_are_noticed() -> None:
    mutation = next(m for m in MUTATIONS if m.name == "heads-untold")
    with planted(mutation):
        rules = [in_world(_crashes, seed=seed, nodes=3) for seed in (1, 2)]
    assert "untold" in [rule for found in rules for rule in found]


def test_where_nobody_is_nothing_happens() -> None:
    async def work(world: World) -> None:
        findings = Findings()
        await calm(world, findings)
        assert findings.found == []

    in_world(work)
