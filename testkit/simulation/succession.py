"""What an owner had on its way to the disk when another one takes its place.

Somebody's words are handed in, and the disk does not write yet. Who said them goes, so nobody asks
again. Then
    the conversation's actor dies     its heir waits for the outcome, though others speak meanwhile
    the owner's node is paused        until its lease is over, and it is sealed; what it hands in
                                      when it goes on is refused
The witness of each disk tells when that is not so (design, sections 5 and 6).
"""

from __future__ import annotations

from .chance import SeededChance
from .checker import Findings
from .company import SAID_S, Company, company
from .world import World

#: How long others speak before the disk writes.
MEANWHILE_S = 1.5
#: More than a lease, and what the others need to seal whose it was.
SEALED_S = 8.0
#: How often a node is paused for it: that takes longest, and faults do it as well.
PAUSED = 0.3
#: Until a node that was thought gone owns its shards again, and everybody is back.
BACK_S = 12.0


async def succession(world: World, _findings: Findings) -> None:
    """Do the one, and the other one now and then."""
    chance = world.chance("succession")
    found = await company(world, chance)
    if found is None:
        return
    await _on_its_way(world, found)
    await _heir_at_once(world, chance, found)
    if len(world.nodes()) > 1 and chance.happens(PAUSED):
        await _on_its_way(world, found)
        await _heir_elsewhere(world, found)


async def _on_its_way(world: World, found: Company) -> None:
    """Somebody's words wait for the disk, and their sender is gone."""
    found.owner.disk.allow(0)
    found.speaker.say(found.c, f"{found.speaker.name} says what waits for the disk.")
    await world.until(lambda: found.writes, SAID_S)
    found.speaker.rest()


async def _heir_at_once(world: World, chance: SeededChance, found: Company) -> None:
    world.note("crash", "with an append under way", f"conv:{found.c}")
    found.owner.crash(f"conv:{found.c}")
    other = chance.among(found.others)
    other.say(found.c, f"{other.name} says something meanwhile.")
    await world.pass_time(MEANWHILE_S)
    found.owner.disk.allow()
    found.speaker.start()
    await world.until(lambda: not found.speaker.open_items, BACK_S)


async def _heir_elsewhere(world: World, found: Company) -> None:
    node = found.owner
    world.note("pauses", "with an append under way", node.name, found.c)
    node.gate.shut = True
    world.bus.faults.hold(node.name)
    node.disk.allow()
    await world.pass_time(SEALED_S)
    world.note("goes on", node.name)
    node.gate.open()
    world.bus.faults.release(node.name)
    found.speaker.start()
    await world.pass_time(BACK_S)


__all__ = ["BACK_S", "MEANWHILE_S", "PAUSED", "SEALED_S", "succession"]
