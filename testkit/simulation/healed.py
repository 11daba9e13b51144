"""What two nodes lose of each other on a quiet day: each healing by itself, without the others.

A push is lost between the owner and the home of somebody, who is told of it by nothing but
    the counts of the link       when nothing follows on it (design, section 6)
    the repetition of the send   when its sender asks again, long before the counts can show it
and once more by the counts, when everything shared was forgotten, and all that this heals is healed
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ...config.ids import ConvId
from ...transport.cluster.memory_bus import Fate
from .chain import Item
from .checker import Findings
from .client import Client
from .wire import Link
from .world import World

#: How long a push may take to be lost.
_LOST_S = 2.0
#: A loss shows in the second renewal behind it; then heads are read, in a user's own time.
HEALED_S = 8.0
#: Before any loss can show in a renewal: whoever is told by then is told by the repetition.
TOLD_S = 0.95
#: So many leases after everything was forgotten heads have been read for the second time.
_REREAD = 3


@dataclass(frozen=True, slots=True)
class _Way:
    """Attributes:
    client, c: Who says something, and where.
    owner: The node of the conversation.
    home, others: Another node, and those at home there who are to be told.
    """

    client: Client
    c: str
    owner: str
    home: str
    others: list[Client]


async def healed(world: World, findings: Findings) -> None:
    """Lose a push, and look who makes up for it; three times."""
    chance = world.chance("healed")
    ways = _ways(world)
    if ways:
        await _nothing_follows(world, chance.among(ways), findings)
    first = [way for way in _ways(world) if _undoubted(world, way.c)]
    if first:
        await _said_again(world, chance.among(first), findings)
    if ways:
        world.note("flush", "calmly")
        world.bus.flush()
        await world.pass_time(_REREAD * world.bus.lease_s)
        anew = _ways(world)
        if anew:
            await _nothing_follows(world, chance.among(anew), findings)


async def _nothing_follows(world: World, way: _Way, findings: Findings) -> None:
    lost = await _lose(world, way, f"{way.client.name} says what is lost.")
    if lost is None:
        return
    _, seq = lost
    await world.pass_time(HEALED_S)
    for other in way.others:
        if seq not in other.copy(way.c).lines:
            says = f"{other.name} lacks {way.c} {seq}, lost from {way.owner} to {way.home}"
            findings.add("not healed", says, way.c, other.name)


async def _said_again(world: World, way: _Way, findings: Findings) -> None:
    lost = await _lose(world, way, f"{way.client.name} says it twice.")
    if lost is None:
        return
    item, seq = lost
    # As one does who came back at once: its first answer is still under way.
    way.client.chain(way.c).again_from(item.cid)
    way.client.pump()
    await world.pass_time(TOLD_S)
    for other in way.others:
        if item.tries > 1 and other.copy(way.c).wanted < seq:
            says = f"{other.name} was not told of {way.c} {seq} when it was sent again"
            findings.add("untold", says, way.c, other.name)


async def _lose(world: World, way: _Way, text: str) -> tuple[Item, int] | None:
    """Say something that is not pushed to the others. Returns: it, and where it stands."""
    log = world.logs[ConvId(way.c)]
    before, lost = len(log.entries), world.loop.create_future()

    def lose(sender: str, receiver: str, fate: Fate) -> None:
        between = (sender, receiver) == (way.owner, way.home)
        if between and len(log.entries) > before and not lost.done():
            fate.copies = 0
            lost.set_result(None)

    world.note("loses", way.c, way.owner, way.home)
    world.bus.faults.rules.append(lose)
    item = way.client.say(way.c, text)
    await asyncio.wait((lost,), timeout=_LOST_S)
    world.bus.faults.rules.remove(lose)
    return (item, world.seq_of(way.c, way.client.device, item.cid)) if lost.done() else None


def _ways(world: World) -> list[_Way]:
    """Every group in which somebody is at home at another node than its owner, and at another one
    than whoever speaks: its answer would show the hole."""
    if world.bus.view is None:
        return []
    placement = world.bus.view.placement()
    gates = {node.gate: node.name for node in world.nodes()}
    online = [client for client in world.clients if client.online]
    homes = {client: placement.home(client.user) or "" for client in online}
    ways: list[_Way] = []
    for client in online:
        assert isinstance(client.link, Link)
        speaks_at = gates.get(client.link.gate)
        for c in sorted(client.heads):
            if not c.startswith("g_"):
                continue
            owner = placement.owner(ConvId(c)) or ""
            others = [other for other in online if c in other.heads and other is not client]
            for home in sorted({homes[other] for other in others} - {owner, speaks_at}):
                there = [other for other in others if homes[other] == home]
                ways.append(_Way(client, c, owner, home, there))
    return ways


def _undoubted(world: World, c: str) -> bool:
    """Whether its next activation has told nobody how far it goes: its log was closed in order."""
    log = world.logs[ConvId(c)]
    closed = log.snapshot is not None and log.snapshot.seq == log.entries[-1].seq
    return closed and not any(f"conv:{c}" in node.living("conv:") for node in world.nodes())


__all__ = ["HEALED_S", "TOLD_S", "healed"]
