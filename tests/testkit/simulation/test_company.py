"""Who can talk to whom when everything is at rest."""

from __future__ import annotations

from tests.testkit.simulation.lab import in_world
from tests.testkit.simulation.quiet import at_rest

from hubbub.config.ids import ConvId, direct_id
from hubbub.testkit.simulation.company import company
from hubbub.testkit.simulation.world import World


def test_there_is_a_group_and_somebody_to_listen_and_its_owner_is_awake() -> None:
    async def work(world: World) -> None:
        await at_rest(world)
        found = await company(world, world.chance("test"))
        assert found is not None
        assert (found.words.fate, found.words.seq) == ("acked", 2)
        assert found.others and all(other.user != found.speaker.user for other in found.others)
        assert all(found.c in client.heads for client in (found.speaker, *found.others))
        assert found.owner.living("conv:")
        assert not found.writes
        found.owner.disk.allow(0)
        found.speaker.say(found.c, "One that waits.")
        assert await world.until(lambda: found.writes, 3)
        found.owner.disk.allow()
        await world.pass_time(1)
        assert not found.owner.disk.writes(ConvId(found.c))

    in_world(work, nodes=3)


def test_where_two_talk_alone_or_nobody_is_there_is_no_company() -> None:
    async def work(world: World) -> None:
        assert await company(world, world.chance("test")) is None
        one, other = world.clients[0], world.clients[-1]
        one.start()
        await world.pass_time(5)
        peer = direct_id(one.user, other.user)
        one.heads[peer] = {}
        assert await company(world, world.chance("test")) is None

    in_world(work)


def test_without_an_owner_that_answers_there_is_none_either() -> None:
    async def work(world: World) -> None:
        await at_rest(world)
        (node,) = world.nodes()
        node.disk.full = True
        assert await company(world, world.chance("test")) is None

    in_world(work)
