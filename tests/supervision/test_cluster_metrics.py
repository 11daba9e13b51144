"""How a node stands in its cluster, in Prometheus' form."""

from __future__ import annotations

import asyncio

from tests.support.nodes import nodes, virtual

from hubbub.actors.runtime.system import ActorSystem
from hubbub.storage.memory import MemoryStore
from hubbub.supervision.chat import Chat


@virtual
async def test_members_shards_and_lag_are_told_and_who_is_out_has_no_members() -> None:
    async with nodes(2) as here:
        ann = await here.phone("ann", "n1")
        await ann.create("Notes")

        def told(node: str) -> list[str]:
            return here[node].chat.metrics.render().decode().splitlines()

        assert "hubbub_members 2.0" in told("n1")
        lag = next(line for line in told("n1") if line.startswith("hubbub_renewal_seconds"))
        assert round(float(lag.split()[1]), 6) == 0.001
        owned = len(here["n1"].cluster.owned)
        assert f"hubbub_shards_owned {owned}.0" in told("n1")
        here.bus.faults.cut("n1")
        await asyncio.sleep(6)
        assert "hubbub_members 0.0" in told("n1")
        assert "hubbub_shards_owned 0.0" in told("n1")


async def test_a_node_that_has_not_started_tells_nothing_yet() -> None:
    async with ActorSystem() as system:
        metrics = Chat(system, MemoryStore).metrics
        assert b"hubbub_members" not in metrics.render()
        assert b"hubbub_connections" in metrics.render()
