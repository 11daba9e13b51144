"""A device that does not read for a while, while more is said than may wait for it.

What did not fit collapsed to how far each log goes, and that is told when the device reads again:
nobody says anything behind it, so nothing else would tell (protocol, item 14).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from .chain import Item
from .checker import Findings
from .company import company
from .copy import Line
from .wire import Link
from .world import World

#: So many frames are too much for a device in most seeds; in the others this is left out.
_MOST = 24
#: Bytes that so many frames have, at least.
_MOST_BYTES = 4000
#: How long it may take to say, or to read, everything: a few messages a page.
READ_S = 12.0


async def slow_reader(world: World, findings: Findings) -> None:
    """One device does not read for a while."""
    limits = world.plan.limits
    if limits.out_frames > _MOST and limits.out_bytes > _MOST_BYTES:
        return
    chance = world.chance("slow reader")
    found = await company(world, chance)
    if found is None:
        return
    c, speaker, reader = found.c, found.speaker, chance.among(found.others)
    link = reader.link
    assert isinstance(link, Link)
    world.note("unread", reader.name, c)
    link.clog()
    count = min(_MOST, limits.out_frames) + 2
    items = [speaker.say(c, f"{speaker.name} says {n} of {count}.") for n in range(1, count + 1)]
    await world.until(lambda: all(item.fate != "open" for item in items), READ_S, 0.2)
    await world.pass_time(world.plan.latency_s + 0.1)
    link.read_on()
    lacks = partial(_lacks, items, reader.copy(c).lines)
    if not await world.until(lambda: not lacks(), READ_S, 0.2):
        says = f"{reader.name} lacks {c} {lacks()[:8]}, said while it did not read"
        findings.add("missing", says, c, reader.name)


def _lacks(items: list[Item], lines: Mapping[int, Line]) -> list[int]:
    return [item.seq for item in items if item.fate == "acked" and item.seq not in lines]


__all__ = ["READ_S", "slow_reader"]
