"""How a node takes leave: of its clients, and of what it owns."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.nodes import virtual

from hubbub.config.errors import BadRequestError
from hubbub.supervision.drain import Departure, drain, drain_command
from hubbub.testkit.client import Client
from hubbub.testkit.cluster import Cluster
from hubbub.testkit.kit import Kit
from hubbub.testkit.simulation.wire import Link
from hubbub.transport.edge.http.operator_door import Leaving

PEOPLE = ("ann", "bob", "cy", "dee", "eve", "fay", "gus", "hal", "ida")
EACH = 60


async def chatter(kit: Kit, people: list[Client], group: str) -> None:
    """Everybody sends at once, a message every tenth of a second, and waits for no answer."""
    for n in range(EACH):
        for one in people:
            one.say(group, f"{one.name} {n}")
        await kit.clock.sleep(0.1)


def node_of(cluster: Cluster, client: Client) -> str | None:
    link = client.link
    return next(
        (
            n
            for n, node in cluster.nodes.items()
            if isinstance(link, Link) and link.gate is node.gate
        ),
        None,
    )


async def all_have_everything(people: list[Client], group: str) -> None:
    sent = [f"{one.name} {n}" for one in people for n in range(EACH)]
    for one in people:
        await one.until(lambda one=one: len(one.texts(group)) >= len(sent), "everything")  # type: ignore[misc]
    first = people[0].texts(group)
    assert sorted(first) == sorted(sent), "nothing lost, nothing doubled"
    for one in people:
        assert one.texts(group) == first, "one order for all"
        mine = [text for text in first if text.startswith(f"{one.name} ")]
        assert mine == [f"{one.name} {n}" for n in range(EACH)], "each in the order of sending"


@virtual
async def test_under_load_a_node_that_drains_loses_doubles_and_reorders_nothing() -> None:
    async with Kit(seed=6) as kit:
        cluster = await kit.cluster(3)
        people = [await cluster.client(name) for name in PEOPLE]
        group = await people[0].create("Builders", *people[1:])
        talk = asyncio.ensure_future(chatter(kit, people, group))  # noqa: TID251 - a test's own
        await kit.clock.sleep(1)
        leaving = cluster.owner(group)
        there = [one for one in people if node_of(cluster, one) == leaving]
        assert there, "somebody has to move"
        elsewhere = [one for one in people if one not in there]
        before = {one.name: one.welcomes for one in elsewhere}
        await cluster.drain(leaving, over_s=3)
        await talk
        await all_have_everything(people, group)
        for one in there:
            assert any(frame["t"] == "bye" for frame in one.seen)
            await one.connected()
        assert {one.name: one.welcomes for one in elsewhere} == before, "nobody else is disturbed"
        assert leaving not in cluster.nodes


@virtual
async def test_nodes_drained_one_after_the_other_come_back_as_new_ones_under_load() -> None:
    async with Kit(seed=7) as kit:
        cluster = await kit.cluster(3)
        people = [await cluster.client(name) for name in PEOPLE]
        group = await people[0].create("Builders", *people[1:])
        talk = asyncio.ensure_future(chatter(kit, people, group))  # noqa: TID251 - a test's own
        for name in ("n1", "n2", "n3"):
            await cluster.drain(name, over_s=1)
            await cluster.start(name)
            await kit.clock.sleep(0.5)
        await talk
        await all_have_everything(people, group)


@virtual
async def test_who_is_sent_away_finds_the_new_home_at_once() -> None:
    async with Kit() as kit:
        cluster = await kit.cluster(3)
        ann = await cluster.client("ann")
        home = cluster.home(ann)
        draining = asyncio.ensure_future(cluster.drain(home, over_s=4))  # noqa: TID251 - a test's own
        await kit.clock.sleep(0.2)
        next_home = cluster.home(ann)
        assert next_home != home
        assert node_of(cluster, ann) == home, "its socket is still there, and it chats through it"
        group = await ann.create("Notes")
        await ann.send(group, "one")
        await draining
        await ann.connected()
        assert node_of(cluster, ann) == next_home == cluster.home(ann)
        await ann.sees(group, "one")


@virtual
async def test_a_node_that_drains_takes_nobody_and_is_told_to_nobody() -> None:
    async with Kit() as kit:
        cluster = await kit.cluster(2)
        ann = await cluster.client("ann", node="n1")
        await kit.clock.sleep(2.5)
        draining = asyncio.ensure_future(cluster.drain("n1", over_s=10))  # noqa: TID251 - a test's own
        await kit.clock.sleep(0.1)
        bob = await cluster.client("bob")
        assert node_of(cluster, bob) == "n2"
        for node in cluster.nodes.values():
            found = node.chat.cluster.open_nodes(1)
            assert [about.address for about in found] == ["ws://n2/ws"]
        assert not cluster.nodes["n1"].edge.wants_more
        await draining
        await ann.connected()


@virtual
async def test_a_full_node_is_left_out_until_it_has_room_and_its_people_chat_from_elsewhere() -> (
    None
):
    async with Kit() as kit:
        cluster = await kit.cluster(3, max_connections=2)
        first, second = [await cluster.client(name, node="n1") for name in ("one", "two")]
        await kit.clock.sleep(2.5)

        def told() -> set[str]:
            found = cluster.nodes["n2"].chat.cluster.open_nodes
            return {about.address for shard in range(1024) for about in found(shard)}

        assert told() == {"ws://n2/ws", "ws://n3/ws"}
        name = next(f"p{n}" for n in range(99) if cluster.home_of(f"p{n}") == "n1")
        third = await cluster.client(name)
        assert cluster.home(third) == "n1"
        assert node_of(cluster, third) != "n1", "its home is full, so it is at the next node"
        group = await third.create("Builders", first, second)
        await first.send(group, "hello")
        await third.sees(group, "hello")
        await third.send(group, "and you")
        await second.sees(group, "hello", "and you")
        second.rest()
        await kit.clock.sleep(2.5)
        assert told() == {"ws://n1/ws", "ws://n2/ws", "ws://n3/ws"}


async def test_one_that_cannot_let_go_ends_the_others_leave_too() -> None:
    class Poison(Exception):
        pass

    class Broken:
        async def drain(self, over_s: float = 0) -> None:
            raise Poison

    class Done:
        async def drain(self, over_s: float = 0) -> None:
            assert over_s in (0, 7)

    await drain(Done(), Done(), 7)
    with pytest.raises(Poison):
        await drain(Broken(), Done(), 7)


async def test_the_first_order_to_go_holds_and_it_must_name_the_node() -> None:
    departure = Departure("n1", 30, lambda: 7)
    command = drain_command(departure)
    for args in ({}, {"node": "n2"}, {"node": "n1", "over_s": "x"}, {"node": "n1", "over_s": "-1"}):
        with pytest.raises(BadRequestError):
            await command(args)
    assert not departure.ordered.done()
    assert await command({"node": "n1"}) == {"node": "n1", "connections": 7, "over_s": 30}
    assert await command({"node": "n1", "over_s": "2"}) == {
        "node": "n1", "connections": 7, "over_s": 30,
    }  # fmt: skip
    assert departure.ordered.result() == 30
    quick = Departure("n1", 30, lambda: 0)
    assert quick.order("n1", 2.0) == Leaving("n1", 0, 2.0)
