"""Homes that move on a quiet day while nobody goes: nobody is offline for that, not for a moment.

A node that is to go hands its shards over, and its connections stay; one that comes takes shards
from the others. Who is attached the new home of a user hears within a while, and by then it must
not have told anybody what it cannot know (design, section 6).
"""

from __future__ import annotations

from ...transport.cluster.node_cluster import NodeCluster
from .checker import Findings
from .client import Client
from .watched import TOLD_S
from .wire import Link
from .world import World

#: Until those whose node has stopped are back at another one.
_BACK_S = 15.0


async def moved(world: World, findings: Findings) -> None:
    """Drain a node; then let it stop, and start again."""
    users = [client.user for client in world.clients if client.online]
    node = world.seats[world.order(world.chance("moved").among(users))[0]].node if users else None
    if node is None or not isinstance(node.chat.cluster, NodeCluster):
        return
    for client in world.clients:
        if client.online:
            client.watch(list(dict.fromkeys(u for u in users if u != client.user)), [])
    await world.pass_time(TOLD_S)
    links, began_s = _links(world), world.loop.time()
    world.note("drains", node.name)
    await node.chat.cluster.drain()
    await _look(world, findings, links, began_s, f"while {node.name} gave its shards away")
    await world.stop_node(node.name)
    await world.pass_time(_BACK_S)
    links, began_s = _links(world), world.loop.time()
    await world.start_node(node.name)
    await _look(world, findings, links, began_s, f"while {node.name} took its shards back")


def _links(world: World) -> dict[Client, Link]:
    return {client: link for client, link in world.links() if client.online}


async def _look(
    world: World, findings: Findings, links: dict[Client, Link], since_s: float, when: str
) -> None:
    await world.pass_time(world.plan.limits.presence_grace_s + TOLD_S)
    # Whoever has kept a connection was there all the time.
    stayed = {client.user for client, link in links.items() if client.link is link}
    for client in world.clients:
        for user in sorted(stayed & client.told_off.keys()):
            if client.told_off[user] > since_s:
                says = f"{client.name} was told that {user} is offline, who was here, {when}"
                findings.add("false offline", says, client.name, user)


__all__ = ["moved"]
