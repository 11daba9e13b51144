"""One crash at a time on a quiet day: what the design promises then is no matter of luck.

A request is in hand when its Session, its conversation or its User dies. Nobody has to ask again,
nobody loses a connection, and the answer comes (design, section 9).
"""

from __future__ import annotations

from ...actors.ports import Connection
from .chance import SeededChance
from .checker import Findings
from .client import Client
from .node import SimNode
from .world import World

#: How many there are, and how long each may take: more than a client waits.
ROUNDS = 4
ANSWER_S = 13.0
#: How closely a request is watched on its way.
_STEP_S = 0.0004


async def calm(world: World, findings: Findings) -> None:
    """Do it a few times."""
    chance = world.chance("calm")
    for number in range(ROUNDS):
        online = [client for client in world.clients if client.online and client.heads]
        if not online:
            return
        await _one(world, chance, chance.among(online), number, findings)
    await _last_words(world, chance, findings)


async def _one(
    world: World, chance: SeededChance, client: Client, number: int, findings: Findings
) -> None:
    c = chance.among(sorted(client.heads))
    kind = chance.among(("session", "session", "conv", "user"))
    before, link = len(client.silences), client.link
    item = client.say(c, f"{client.name} says calmly {number}.")
    found = await _in_hand(world, client)
    if found is None:
        return
    node, connection = found
    name = {"session": connection.session, "conv": f"conv:{c}", "user": f"user:{client.user}"}[kind]
    world.note("crash", "calmly", name)
    if not any(other.crash(name) for other in world.nodes()):
        return
    await world.pass_time(ANSWER_S)
    names = (client.name, client.device, c, name)
    if item.fate == "open" or len(client.silences) > before:
        says = f"{client.name} had to ask again about {c} when {name} crashed at {node.name}"
        findings.add("not answered", says, *names)
    if client.link is not link:
        says = f"{client.name} lost its connection when {name} crashed"
        findings.add("not contained", says, *names)


async def _last_words(world: World, chance: SeededChance, findings: Findings) -> None:
    """A message is committed, its conversation dies before it tells anybody, and who sent it is
    gone: nobody asks again, and nothing follows. The others are told how far the log goes."""
    online = [client for client in world.clients if client.online and client.heads]
    if not online:
        return
    client = chance.among(online)
    c = chance.among(sorted(client.heads))
    item = client.say(c, f"{client.name} says for the last time.")
    if await _in_hand(world, client) is not None:
        for node in world.nodes():
            node.disk.next_fault = "crash_after"
        client.forget()
    await world.pass_time(ANSWER_S)
    for node in world.nodes():
        node.disk.next_fault = None
    seq = world.seq_of(c, client.device, item.cid)
    # Who forgot everything reads the log from its beginning, and may not be so far yet.
    others = [other for other in world.clients if other is not client and other.online]
    for other in others:
        if seq and c in other.heads and seq not in other.copy(c).lines:
            says = f"{other.name} was not told of {c} {seq}, whose conversation crashed behind it"
            findings.add("untold", says, c, other.name)


async def _in_hand(world: World, client: Client) -> tuple[SimNode, Connection] | None:
    """Where the client's newest request is, once it is there and not yet answered."""
    request, until = client.last_id, world.loop.time() + 2
    while world.loop.time() < until:
        for node in world.nodes():
            for connection in node.chat.directory.connections(client.user):
                expects = getattr(connection, "expects", None)
                if connection.device == client.device and expects and expects(request):
                    return node, connection
        await world.pass_time(_STEP_S)
    return None


__all__ = ["ANSWER_S", "ROUNDS", "calm"]
