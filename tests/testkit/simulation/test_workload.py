"""What people do."""

from __future__ import annotations

from tests.testkit.simulation.lab import in_world

from hubbub.testkit.simulation.workload import WEIGHTS, Workload
from hubbub.testkit.simulation.world import World


def test_everything_is_done_by_somebody_and_nearly_all_of_it_is_taken() -> None:
    async def work(world: World) -> None:
        for client in world.clients:
            client.start()
        await world.pass_time(5)
        workload = Workload(world.clients, world.chance("workload"))
        workload.begin()
        await world.pass_time(2)
        for _ in range(500):
            workload.step()
            await world.pass_time(0.2)
        await world.pass_time(20)
        items = [item for c in world.clients for chain in c.chains.values() for item in chain.done]
        kinds = {item.what for item in items}
        notices = {"direct", "read", "typing", "watch"}
        assert kinds == set(WEIGHTS) - notices
        assert sum(item.fate == "acked" for item in items) > len(items) / 2
        assert all(client.open_items == 0 and not client.faults for client in world.clients)

    in_world(work)


def test_who_is_away_does_nothing() -> None:
    async def work(world: World) -> None:
        workload = Workload(world.clients, world.chance("workload"))
        for _ in range(50):
            workload.step()
        assert workload.done == 0

    in_world(work)
