"""What goes wrong."""

from __future__ import annotations

import pytest
from tests.testkit.simulation.lab import in_world

from hubbub.testkit.simulation.faults import WEIGHTS, Faults
from hubbub.testkit.simulation.workload import Workload
from hubbub.testkit.simulation.world import World


async def _busy(world: World) -> None:
    for client in world.clients:
        client.start()
    await world.pass_time(5)
    Workload(world.clients, world.chance("workload")).begin()
    await world.pass_time(2)


@pytest.mark.parametrize("kind", list(WEIGHTS))
def test_every_fault_happens_and_is_over_when_faults_end(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(world: World) -> None:
        await _busy(world)
        faults = Faults(world)
        vars(faults)["_weights"] = [int(name == kind) for name in WEIGHTS]
        for _ in range(6):
            await faults.step()
            await world.pass_time(0.5)
        assert faults.done.get(kind, 0) == faults.count > 0
        await faults.end()
        assert not any(node.disk.next_fault for node in world.nodes())
        await world.pass_time(90)
        assert len(world.nodes()) == 3
        for node in world.nodes():
            assert not (node.gate.shut or node.disk.full or node.disk.broken)
            assert node.disk.slow == 1.0
        here = [c.online for c in world.clients if c.signed_out_at is None]
        assert all(here)

    in_world(work, nodes=3)


def test_where_nobody_is_little_can_go_wrong() -> None:
    async def work(world: World) -> None:
        faults = Faults(world)
        for name in list(world.seats):
            await world.kill_node(name)
        for _ in range(60):
            await faults.step()
        await faults.end()
        assert len(world.nodes()) == 1

    in_world(work)
