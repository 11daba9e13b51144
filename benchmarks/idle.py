"""Memory of a connection that is signed in and quiet, its user in 50 conversations."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from random import Random

from .pieces import meter, profile
from .pieces.client import Client, connect
from .pieces.node import DATABASE, Node, node
from .pieces.result import Figure, Goal, Options, Result
from .pieces.seed import seed

CONVERSATIONS = 50
GROUP = 100

#: KB (1,000 bytes) of resident memory that one more connection costs (issue 3).
GOAL_KB = 6

#: Sign-ins at a time: what many at once need is not what one that is quiet weighs.
AT_ONCE = 20

#: What a sign-in leaves to be done (writes behind, garbage) is done by then.
QUIET_S = 3.0


async def run(options: Options) -> Result:
    """The slope between a smaller and a larger number of connections: the rest is not per user."""
    few, many = (200, 1000) if options.quick else (1000, 5000)
    with tempfile.TemporaryDirectory(prefix="hubbub-bench-") as folder:
        data = Path(folder)
        people = (await seed(data / DATABASE, many, _groups(many))).people
        async with node(data, options) as server:
            clients: list[Client] = []
            try:
                empty = await _rss_kib(server)
                clients += await connect(people[:few], server.host, server.port, at_once=AT_ONCE)
                at_few = await _rss_kib(server)
                clients += await connect(people[few:], server.host, server.port, at_once=AT_ONCE)
                at_many = await _rss_kib(server)
                begin = meter.cpu_s(server.pid)
                await asyncio.sleep(QUIET_S)
                quiet = (meter.cpu_s(server.pid) - begin) / QUIET_S
                for client in clients:
                    await client.pong()
            finally:
                for client in clients:
                    client.close()
        hot = profile.hot(server.profile)
    return Result(
        "idle",
        f"signed-in connections that have synced, each user in {CONVERSATIONS} groups of {GROUP}",
        [
            Figure(
                f"one more connection, from {few:,} to {many:,}",
                (at_many - at_few) / (many - few) * 1.024,
                "KB",
                Goal("at most", GOAL_KB),
            ),
            Figure("node without connections", empty / 1024, "MiB"),
            Figure(f"node with {few:,}", at_few / 1024, "MiB"),
            Figure(f"node with {many:,}", at_many / 1024, "MiB"),
            Figure(f"CPU with {many:,} of them quiet", quiet * 100, "% of a core"),
        ],
        hot,
    )


def _groups(people: int) -> list[list[int]]:
    """Everybody in exactly 50 groups: shuffled and cut into groups, 50 times over."""
    groups: list[list[int]] = []
    for layer in range(CONVERSATIONS):
        order = list(range(people))
        Random(layer).shuffle(order)
        groups += [order[first : first + GROUP] for first in range(0, people, GROUP)]
    return groups


async def _rss_kib(server: Node) -> int:
    await asyncio.sleep(QUIET_S)
    return meter.rss_kib(server.pid)


__all__ = ["CONVERSATIONS", "GROUP", "run"]
