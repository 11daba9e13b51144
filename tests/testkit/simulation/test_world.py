"""A whole system in one process."""

from __future__ import annotations

from tests.testkit.simulation.lab import in_world

from hubbub.config.ids import ConvId
from hubbub.testkit.simulation.world import World
from hubbub.transport.wire import bodies, frames


async def _welcome(world: World) -> None:
    for client in world.clients:
        client.start()
    await world.pass_time(5)
    assert all(client.online for client in world.clients)


def _say(world: World, text: str) -> None:
    one, other = world.clients[0], world.clients[-1]

    def make(number: int, cid: int, prev: int) -> frames.Request:
        body = bodies.Text(text=text)
        return frames.Send(id=number, to=other.user, cid=cid, prev=prev, b=body)

    one.add("d_x", "text", text, make)


def test_everybody_gets_in_and_a_message_reaches_all_four_devices() -> None:
    async def work(world: World) -> None:
        await _welcome(world)
        _say(world, "hello")
        await world.pass_time(3)
        had = [sum(len(c.copies[x].texts) for x in c.copies) for c in world.clients]
        assert had == [1, 1, *[0] * 8, 1, 1]
        (c,) = world.clients[0].copies
        device = world.clients[0].device
        assert world.logs[ConvId(c)].entries[-1].device == device
        assert (world.seq_of(c, device, 1), world.seq_of(c, device, 2)) == (2, 0)
        assert world.seq_of("d_y", device, 1) == 0

    in_world(work, nodes=3)


def test_a_node_that_dies_loses_its_clients_and_they_come_back() -> None:
    async def work(world: World) -> None:
        await _welcome(world)
        for name in ("n1", "n2"):
            await world.kill_node(name)
        await world.pass_time(1)
        assert [node.name for node in world.nodes()] == ["n3"]
        await world.pass_time(40)
        assert all(client.online for client in world.clients)
        await world.start_node("n1")
        assert world.seats["n1"].lives == 2

    in_world(work, nodes=3)


def test_two_worlds_of_a_seed_tell_the_same_story() -> None:
    async def work(world: World) -> list[str]:
        await _welcome(world)
        await world.stop_node("n1")
        await world.pass_time(3)
        return world.trace.lines()

    assert in_world(work, seed=5) == in_world(work, seed=5)
    assert in_world(work, seed=5) != in_world(work, seed=6)


def test_time_passes_until_something_is_so_or_has_not_come_about() -> None:
    async def work(world: World) -> None:
        now = world.loop.time
        began = now()
        assert await world.until(lambda: now() > began + 1, 5)
        assert 1 < now() - began < 1.1
        assert not await world.until(lambda: False, 5)
        assert now() - began > 6

    in_world(work)


def test_the_owner_of_a_conversation_is_the_node_that_its_actor_lives_at() -> None:
    async def work(world: World) -> None:
        await _welcome(world)
        _say(world, "hello")
        await world.pass_time(1)
        (c,) = world.clients[0].heads
        owner = world.owner(c)
        assert owner is not None and owner.living("conv:") == [f"conv:{c}"]
        await world.kill_node(owner.name)
        assert world.owner(c) is None
        await world.pass_time(10)
        assert world.owner(c) in world.nodes()

    in_world(work, nodes=3)
