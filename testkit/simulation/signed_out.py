"""A device is signed out on a quiet day: its connection ends at once, and not at the next healing.

Whoever reads heads again looks for devices that were signed out, too; so it has to be said where
nothing else makes anybody read.
"""

from __future__ import annotations

from .checker import Findings
from .world import World

#: How long the word and the close frame may take, beside the way to the device.
SHUT_S = 1.0


async def signed_out(world: World, findings: Findings) -> None:
    """Sign one of them out."""
    chance = world.chance("signed out")
    online = [client for client in world.clients if client.online]
    if not online:
        return
    client = chance.among(online)
    await world.sign_out(client, chance.among(world.nodes()))
    if not await world.until(lambda: client.phase == "out", SHUT_S + 2 * world.plan.latency_s):
        says = f"{client.name} was signed out, and keeps its connection"
        findings.add("revoked", says, client.name)


__all__ = ["SHUT_S", "signed_out"]
