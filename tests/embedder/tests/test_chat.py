"""The outside project also tests what it builds on: a chat on several nodes, with faults."""

from __future__ import annotations

from hubbub.testkit.faults import kill_node


async def test_a_group_outlives_its_owners_node(cluster):
    nodes = await cluster(2)
    ann, bob = await nodes.client("ann"), await nodes.client("bob")
    group = await ann.create("Gate keepers", bob)
    await ann.send(group, "one")
    await nodes.inject(kill_node(nodes.owner(group)))
    await ann.send(group, "two")
    await bob.sees(group, "one", "two")


async def test_two_people_talk(client):
    ann, bob = await client("ann"), await client("bob")
    await ann.send(bob, "hello")
    await bob.sees(ann, "hello")
