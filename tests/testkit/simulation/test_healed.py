"""What two nodes lose of each other on a quiet day."""

from __future__ import annotations

import pytest
from tests.testkit.simulation.lab import in_world

from hubbub.testkit.simulation.checker import Findings
from hubbub.testkit.simulation.healed import healed
from hubbub.testkit.simulation.mutations import MUTATIONS, planted
from hubbub.testkit.simulation.workload import Workload
from hubbub.testkit.simulation.world import World


async def _quiet_day(world: World) -> None:
    """Everybody has said something, here and there, and rests."""
    for client in world.clients:
        client.start()
    await world.pass_time(5)
    workload = Workload(world.clients, world.chance("workload"))
    for _ in range(3):
        workload.begin()
    for _ in range(20):
        workload.step()
    await world.pass_time(45)


async def _losses(world: World) -> list[str]:
    """Returns: the rules that are broken, after three pushes were lost."""
    await _quiet_day(world)
    findings = Findings()
    await healed(world, findings)
    assert [event.what for event in world.trace.events].count("loses") == 3
    return [violation.rule for violation in findings.found]


@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_lost_is_told_of_by_the_counts_and_by_the_repetition(seed: int) -> None:
    assert in_world(_losses, seed=seed, nodes=3) == []


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("dup-silent", "untold"),
        ("never-healed", "not healed"),
        ("holes-ignored", "not healed"),
        ("counts-ignored", "not healed"),
        ("holes-anew", "not healed"),
    ],
)
def test_a_healing_that_is_away_is_noticed(name: str, rule: str) -> None:
    with planted(next(m for m in MUTATIONS if m.name == name)):
        found = [in_world(_losses, seed=seed, nodes=3) for seed in (1, 2)]
    assert {rule for rules in found for rule in rules} == {rule}


def test_where_nothing_is_written_nothing_is_looked_for() -> None:
    async def work(world: World) -> None:
        await _quiet_day(world)
        for node in world.nodes():
            node.disk.full = True
        findings = Findings()
        await healed(world, findings)
        assert findings.found == []

    in_world(work, nodes=3)


def test_on_one_node_nothing_is_lost() -> None:
    async def work(world: World) -> None:
        findings = Findings()
        await healed(world, findings)
        assert findings.found == []

    in_world(work)
