"""Somebody is removed from a group, and their home does not hear of it.

The removal is on record, and acknowledged; the word of it is lost on its way, so the row of the
list does not say so yet. Others go on talking. Whoever reads the list now is shown no more than
they may see, because the entry's own commit says where the place ended (design, invariant 9).
"""

from __future__ import annotations

from dataclasses import dataclass

from ...config.ids import ConvId
from ...transport.cluster.memory_bus import Fate
from ...transport.wire import frames
from .chain import Item
from .checker import Findings
from .client import Client
from .company import SAID_S
from .wire import Link
from .world import World

#: What the others need to make up for what was lost.
HEALED_S = 8.0


@dataclass(frozen=True, slots=True)
class _Way:
    """Who can remove whom from a group, and the nodes between which the word of it is lost."""

    c: str
    boss: Client
    one: Client
    owner: str
    home: str


async def shown_out(world: World, findings: Findings) -> None:
    """Remove somebody behind a home's back, and have them read their list."""
    ways = _ways(world)
    if not ways:
        return
    way = world.chance("shown out").among(ways)
    c, boss, one = way.c, way.boss, way.one

    def lose(sender: str, receiver: str, fate: Fate) -> None:
        if (sender, receiver) == (way.owner, way.home):
            fate.copies = 0

    world.note("loses", c, way.owner, way.home)
    world.bus.faults.rules.append(lose)
    removal = _kick(boss, c, one)
    await world.until(lambda: removal.fate != "open", SAID_S)
    if removal.fate == "acked":
        last = boss.say(c, f"{boss.name} says what {one.name} must not see.")
        await world.until(lambda: last.fate == "acked", SAID_S)
        one.sync_anew()
        await world.pass_time(0.5)
        if last.seq and one.online and c in one.heads and one.heads[c]["head"] >= last.seq:
            says = f"{one.name} was removed from {c}, and is told that it goes to {last.seq}"
            findings.add("list tells too much", says, c, one.name)
    world.bus.faults.rules.remove(lose)
    await world.pass_time(HEALED_S)
    for client in world.clients:
        client.sync()  # who is left is worked out from everybody's lists
    await world.pass_time(1.0)


def _ways(world: World) -> list[_Way]:
    """Every group in which somebody lives elsewhere than its log is written, and its owner's
    connection is not there either: the answer would be lost, too."""
    gates = {node.gate: node.name for node in world.nodes()}
    online = [client for client in world.clients if client.online]
    ways: list[_Way] = []
    for boss in online:
        assert isinstance(boss.link, Link)
        speaks_at = gates.get(boss.link.gate)
        for c in sorted(c for c, line in boss.heads.items() if line.get("role") == "owner"):
            owner = world.order_of(ConvId(c))[0]
            for one in online:
                home = world.order(one.user)[0]
                if one.user != boss.user and c in one.heads and home not in (owner, speaks_at):
                    ways.append(_Way(c, boss, one, owner, home))
    return ways


def _kick(client: Client, c: str, one: Client) -> Item:
    users = [str(one.user)]

    def make(number: int, cid: int, prev: int) -> frames.Request:
        return frames.Kick(id=number, c=c, cid=cid, prev=prev, users=users)

    return client.add(c, "kick", str(one.user), make)


__all__ = ["shown_out"]
