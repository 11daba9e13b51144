"""Presence on a quiet day: who is on somebody's screen, while a node dies and a person leaves.

Presence may be dropped where a reader is slow, so nothing is looked at before everybody has turned
to the screen anew; from then on every change has to come, even after a home has moved.
"""

from __future__ import annotations

from ...actors.presence import sight_of
from ...config.ids import UserId
from .checker import Findings
from .client import Client
from .world import World

#: How long a state may take to be told, once everything else is at rest.
TOLD_S = 6.0
#: A node's death is noticed, its shards are taken over, and its clients are back elsewhere.
MOVED_S = 45.0


async def watched(world: World, findings: Findings) -> None:
    """Look, let a node die, let a person leave and come back, and look each time."""
    chance = world.chance("watched")
    for client in world.clients:
        if client.online:
            client.watch([user for user in _users(world) if user != client.user], [])
    await world.pass_time(TOLD_S)
    await _look(world, findings, "at first")
    names = list(world.seats)
    if len(names) > 1:
        user = chance.among(_users(world))
        name = world.order(user)[0]
        await world.kill_node(name)
        await world.pass_time(MOVED_S)
        await _look(world, findings, f"after {name} died")
        # One whose home it was: whoever watches has to have told the new one.
        await _one_leaves(world, user, findings)
        await world.start_node(name)
        await world.pass_time(MOVED_S)
    else:
        await _one_leaves(world, chance.among(_users(world)), findings)


async def _one_leaves(world: World, user: UserId, findings: Findings) -> None:
    devices = [c for c in world.clients if c.user == user and c.signed_out_at is None]
    world.note("leaves", user)
    for client in devices:
        client.rest()
    await world.pass_time(world.plan.limits.presence_grace_s + TOLD_S)
    await _look(world, findings, f"after {user} left")
    for client in devices:
        client.start()
    await world.pass_time(TOLD_S + 10)
    await _look(world, findings, f"after {user} came back")


async def _look(world: World, findings: Findings, when: str) -> None:
    here = {client.user for client in world.clients if client.online}
    for client in world.clients:
        if client.online:
            await _screen(world, client, here, findings, when)


async def _screen(
    world: World, client: Client, here: set[UserId], findings: Findings, when: str
) -> None:
    limit = world.plan.limits.presence_push_limit
    for user in client.watching[0]:
        sight = await sight_of(world.data, UserId(user), client.user, limit)
        state, seen = "on" if user in here else "off", client.peers.get(user)
        if sight == "told" and seen != state:
            says = f"{client.name} sees {user} as {seen}, who is {state}, {when}"
            findings.add("presence", says, client.name, user)


def _users(world: World) -> list[UserId]:
    return list(dict.fromkeys(client.user for client in world.clients))


__all__ = ["MOVED_S", "TOLD_S", "watched"]
