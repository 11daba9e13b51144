"""A whole node without sockets."""

from __future__ import annotations

import pytest
from tests.testkit.simulation.lab import in_world

from hubbub.config.errors import ForbiddenError, UnauthenticatedError
from hubbub.testkit.simulation.node import Doorkeeper, SimNode
from hubbub.testkit.simulation.world import World


def _node(world: World) -> SimNode:
    (node,) = world.nodes()
    return node


def _here(world: World) -> list[str]:
    return [client.name for client in world.clients if client.online]


def test_a_token_is_a_name_and_a_revoked_device_is_turned_away() -> None:
    async def work(world: World) -> None:
        door, client = Doorkeeper(world.data), world.clients[0]
        token = f"{client.user} {client.device}"
        assert (await door.authenticate(token)).device == client.device
        for other in (f"{world.clients[-1].user} {client.device}", "nobody v_nothing"):
            with pytest.raises(UnauthenticatedError):
                await door.authenticate(other)
        await world.data.revoke_device(client.user, client.device)
        with pytest.raises(ForbiddenError):
            await door.authenticate(token)

    in_world(work)


def test_a_killed_actor_is_started_again() -> None:
    async def work(world: World) -> None:
        world.clients[0].start()
        await world.pass_time(3)
        node, name = _node(world), f"user:{world.clients[0].user}"
        before = node.system.lookup(name)
        node.crash_log(f"s_{world.clients[0].user[2:]}")  # type: ignore[arg-type]  # an id
        assert node.system.lookup(name) not in (None, before)
        assert not node.crash("conv:nobody")
        await world.pass_time(3)
        assert node.living("user:", "session:") != []

    in_world(work)


def test_a_paused_node_answers_later_and_a_dead_one_never() -> None:
    async def work(world: World) -> None:
        node = _node(world)
        node.gate.shut = True
        world.clients[0].start()
        await world.pass_time(5)
        assert _here(world) == []
        node.gate.open()
        await world.pass_time(5)
        assert _here(world) == ["u1d1"]
        await world.kill_node(node.name)
        assert (node.up, node.leftovers()) == (False, "1 connections")

    in_world(work)


def test_what_a_node_leaves_is_named() -> None:
    async def work(world: World) -> None:
        node = _node(world)
        assert "actors" in node.leftovers()

    in_world(work)
