"""Nodes in processes of their own that are one chat, on one ring and one Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from hubbub.storage.cassandra.options import CassandraOptions
from hubbub.storage.cassandra.schema import migrate

from .node import Node

#: How often it is looked whether a node is in.
LOOK_S = 0.1


def flags_of_one(name: str, ring: CassandraOptions, redis_url: str, cluster: str) -> list[str]:
    """What makes a node the one of this name among several.

    Args:
        ring: What it is told of the ring: its hosts, port and keyspace.
        cluster: The nodes of this name are one chat.
    """
    of_its_own = ("--node", name, "--redis", redis_url, "--cluster", cluster)
    return [*of_its_own, *flags_of_ring(ring)]


def flags_of_ring(ring: CassandraOptions) -> list[str]:
    """What tells a program of a ring."""
    return [
        *("--store", "cassandra", "--cassandra-contact-points", ",".join(ring.contact_points)),
        *("--cassandra-port", str(ring.port), "--cassandra-keyspace", ring.keyspace),
    ]


@asynccontextmanager
async def several(
    folder: Path, count: int, ring: CassandraOptions, redis_url: str, *flags: str
) -> AsyncGenerator[Sequence[Node]]:
    """Nodes n1, n2, .. for the length of a block, in a keyspace and a cluster of one name; those
    that run at its end must stop in order, unless the block failed.

    Args:
        ring: Its keyspace is made if it is not there.
        flags: More, of each.
    """
    await asyncio.to_thread(migrate, ring)
    names = [f"n{number}" for number in range(1, count + 1)]
    nodes = [
        Node(folder / name, *flags_of_one(name, ring, redis_url, ring.keyspace), *flags)
        for name in names
    ]
    try:
        await asyncio.gather(*(node.start() for node in nodes))
        await asyncio.gather(*(_knows(node, count) for node in nodes))
        yield nodes
        await asyncio.gather(*(node.stop() for node in nodes if node.runs))
    finally:
        await asyncio.gather(*(node.kill() for node in nodes))


async def _knows(node: Node, count: int) -> None:
    """Wait until a node is in a view with so many that take connections."""
    async with httpx.AsyncClient(base_url=node.base) as http, asyncio.timeout(60):
        while True:
            answer = await http.get("/v1/nodes")
            if answer.is_success and len(answer.json()) == count:
                return
            await asyncio.sleep(LOOK_S)


__all__ = ["flags_of_one", "flags_of_ring", "several"]
