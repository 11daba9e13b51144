"""Presence on a quiet day: who is on somebody's screen, while a node dies and people leave.

Presence may be dropped where a reader is slow, so nothing is looked at before everybody has turned
to the screen anew; from then on every change has to come, even after a home has moved.
"""

from __future__ import annotations

from contextlib import suppress

from ...actors.commands import AskPresence, DeviceRevoked, ReplyTo
from ...actors.presence import sight_of
from ...config.errors import MailboxFullError
from ...config.ids import DeviceId, UserId
from .checker import Findings
from .client import Client
from .node import SimNode
from .world import World

#: How long a state may take to be told, once everything else is at rest.
TOLD_S = 6.0
#: A node's death is noticed, its shards are taken over, and its clients are back elsewhere.
MOVED_S = 45.0
#: A mailbox is filled so often: longer than a goodbye is under way. What it waits for meanwhile is
#: so many questions, and a disk that is so slow.
_TURNS, _TURN_S = 15, 0.1
_QUESTIONS, _SLOW = 6, 300.0
_NOBODY, _STRANGER = ReplyTo("session:nowhere:never/1", 0), UserId("u_nobody")
_NOTHING = DeviceId("v_nothing")


async def watched(world: World, findings: Findings) -> None:
    """Look, let a node die, let a person leave and come back, and look each time."""
    chance = world.chance("watched")
    leaves = chance.among((_one_leaves, _one_leaves_unheard))
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
        await leaves(world, user, findings)
        await world.start_node(name)
        await world.pass_time(MOVED_S)
    else:
        await leaves(world, chance.among(_users(world)), findings)


async def _one_leaves(world: World, user: UserId, findings: Findings) -> None:
    devices = _devices(world, user)
    world.note("leaves", user)
    for client in devices:
        client.rest()
    await world.pass_time(world.plan.limits.presence_grace_s + TOLD_S)
    await _look(world, findings, f"after {user} left")
    await _come_back(world, devices, findings)


async def _one_leaves_unheard(world: World, user: UserId, findings: Findings) -> None:
    """The User has no room for the goodbyes of its Sessions: nobody is online for ever by that."""
    devices, limits = _devices(world, user), world.plan.limits
    world.note("leaves unheard", user)
    homes = [node for node in world.nodes() if node.system.lookup(f"user:{user}") is not None]
    for home in homes:
        home.disk.slow = _SLOW
    for turn in range(_TURNS):
        for home in homes:
            _fill(home, user, questions=0 if turn else _QUESTIONS)
        for client in () if turn else devices:
            client.rest()
        await world.pass_time(_TURN_S)
    for home in homes:
        home.disk.slow = 1.0
    await world.pass_time(limits.idle_s + limits.presence_grace_s + 2 * TOLD_S)
    await _look(world, findings, f"after {user} left unheard")
    await _come_back(world, devices, findings)


def _fill(home: SimNode, user: UserId, questions: int) -> None:
    """A mailbox waits while it is read what somebody asks; what changes nothing fills it."""
    ref = home.system.lookup(f"user:{user}")
    if ref is not None:
        with suppress(MailboxFullError):
            for _ in range(questions):
                ref.post(AskPresence(_NOBODY, _STRANGER))
            while True:
                ref.post(DeviceRevoked(_NOTHING))


async def _come_back(world: World, devices: list[Client], findings: Findings) -> None:
    for client in devices:
        client.start()
    await world.pass_time(TOLD_S + 10)
    await _look(world, findings, f"after {[client.name for client in devices]} came back")


def _devices(world: World, user: UserId) -> list[Client]:
    return [c for c in world.clients if c.user == user and c.signed_out_at is None]


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
