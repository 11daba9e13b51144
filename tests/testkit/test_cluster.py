"""A chat on several nodes in one process."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hubbub.testkit.clock import VirtualLoop
from hubbub.testkit.contracts.hands import conv_id
from hubbub.testkit.faults import crash, kill_node
from hubbub.testkit.kit import Kit
from hubbub.testkit.simulation.wire import Link

LOOPS = pytest.mark.parametrize("factory", [asyncio.new_event_loop, VirtualLoop])


@LOOPS
def test_a_group_over_three_nodes_hears_everything_though_one_dies(factory: Any) -> None:
    async def talk() -> None:
        async with Kit() as kit:
            cluster = await kit.cluster(3)
            people = [await cluster.client(name) for name in ("ann", "bob", "cy")]
            ann, bob, cy = people
            group = await ann.create("Builders", bob, cy)
            await ann.send(group, "one")
            for each in (bob, cy):
                await each.sees(group, "one")
            owner = cluster.owner(group)
            await cluster.inject(kill_node(owner))
            assert owner not in cluster.nodes
            assert await cy.send(group, "two") == 3
            for each in people:
                await each.sees(group, "one", "two")
            await cluster.heal()
            assert owner in cluster.nodes

    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(talk())


async def test_actors_are_found_on_whatever_node_they_live() -> None:
    async with Kit() as kit:
        cluster = await kit.cluster(2)
        ann = await cluster.client("ann", node="n2")
        assert isinstance(ann.link, Link)
        assert ann.link.gate is cluster.nodes["n2"].gate
        found = cluster.lookup(f"user:{ann.user}")
        assert found is not None
        assert cluster.nodes[cluster.home(ann)].system.lookup(f"user:{ann.user}") is found
        assert cluster.lookup("user:u_nobody") is None


async def test_a_log_is_taken_up_at_its_owners_node_whoever_reads_it() -> None:
    async with Kit() as kit:
        cluster = await kit.cluster(2)
        logs = [conv_id(name) for name in ("tea", "cake", "pie", "jam")]
        owners = {cluster.owner(log) for log in logs}
        assert owners == {"n1", "n2"}
        for log in logs:
            cluster.nodes["n1"].chat.take_up(log)
        await kit.settle()
        for log in logs:
            assert f"conv:{log}" in cluster.nodes[cluster.owner(log)].system.names.living


async def test_a_node_that_stops_hands_over_and_one_that_starts_joins() -> None:
    async with Kit() as kit:
        cluster = await kit.cluster(2)
        ann = await cluster.client("ann", node="n1")
        group = await ann.create("Builders")
        await cluster.stop("n2")
        await ann.send(group, "one")
        await cluster.start("n2")
        await ann.send(group, "two")
        assert cluster.bus is not None and cluster.bus.view is not None
        assert sorted(m.node for m in cluster.bus.view.members) == ["n1", "n2"]
        await ann.sees(group, "one", "two")


async def test_a_cluster_of_none_is_refused() -> None:
    async with Kit() as kit:
        with pytest.raises(ValueError, match="at least one node"):
            await kit.cluster(0)


async def test_the_same_seed_gives_the_same_story() -> None:
    def play(seed: int) -> str:
        async def talk() -> str:
            async with Kit(seed=seed) as kit:
                cluster = await kit.cluster(2)
                ann, bob = await cluster.friends("ann", "bob")
                await cluster.inject(crash("conv:*", at=2))
                await ann.send(bob, "one")
                await bob.sees(ann, "one")
                return kit.story.told(last=5000)

        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            return runner.run(talk())

    first, again, other = await asyncio.to_thread(lambda: (play(3), play(3), play(4)))
    assert first == again
    assert first != other
