"""A text that is deleted before the store can show that it is: no page shows it any more.

The deletion is on record, and acknowledged; its projection waits for the disk. Whoever turns to the
text now sees that it was deleted, because its owner says so (design, invariant 11).
"""

from __future__ import annotations

from .checker import Findings
from .client import Client
from .company import SAID_S, company
from .world import World


async def withdrawn(world: World, _findings: Findings) -> None:
    """Delete a text, and have somebody look; a client notices what it must not be shown."""
    chance = world.chance("withdrawn")
    found = await company(world, chance)
    if found is None:
        return
    c, speaker, disk = found.c, found.speaker, found.owner.disk
    disk.allow(0)
    deletion = speaker.delete(c, found.words.seq)
    await world.until(lambda: found.writes, SAID_S)
    disk.allow(1)
    await world.until(lambda: deletion.fate == "acked", SAID_S)
    for reader in (chance.among(found.others), speaker):
        await _look_back(world, reader, c, found.words.seq)
    disk.allow()
    await world.pass_time(1.0)


async def _look_back(world: World, reader: Client, c: str, s: int) -> None:
    await world.pass_time(0.01)
    asked = reader.look_back(c, s)
    await world.until(lambda: asked not in reader.asked, SAID_S)


__all__ = ["withdrawn"]
