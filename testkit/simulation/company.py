"""Who can talk to whom when everything is at rest: where the stages of a quiet day begin."""

from __future__ import annotations

from dataclasses import dataclass

from ...config.ids import ConvId
from .chain import Item
from .chance import SeededChance
from .client import Client
from .node import SimNode
from .world import World

#: How long something may take to be said, or handed in, on a quiet day.
SAID_S = 3.0


@dataclass(frozen=True, slots=True)
class Company:
    """A group whose owner is awake.

    Attributes:
        speaker: A device of a member.
        words: The speaker's; they are acknowledged.
        others: Devices of other members.
        owner: The node that writes the log.
    """

    c: str
    speaker: Client
    words: Item
    others: list[Client]
    owner: SimNode

    @property
    def writes(self) -> bool:
        """Whether something that was said waits for the owner's disk."""
        return self.owner.disk.writes(ConvId(self.c))


async def company(world: World, chance: SeededChance) -> Company | None:
    """One of the groups of which members of two people at least are here; None for none."""
    there: dict[str, list[Client]] = {}
    for client in world.clients:
        for c in client.heads if client.online else ():
            if c.startswith("g_"):
                there.setdefault(c, []).append(client)
    groups = [c for c, found in sorted(there.items()) if len({one.user for one in found}) > 1]
    if not groups:
        return None
    c = chance.among(groups)
    speaker, owner = chance.among(there[c]), world.owner(c)
    words = speaker.say(c, f"{speaker.name} asks whether anybody is there.")
    answered = await world.until(lambda: words.fate == "acked", SAID_S)
    if owner is None or not answered:
        return None
    others = [client for client in there[c] if client.user != speaker.user]
    return Company(c, speaker, words, others, owner)


__all__ = ["SAID_S", "Company", "company"]
