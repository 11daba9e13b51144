"""A node of several that cannot start says why in one line, and shows no password."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.support.node import Node, running
from tests.support.redis_server import running_redis

from hubbub.storage.cassandra.schema import migrate

if TYPE_CHECKING:
    from tests.support.redis_server import RedisServer
    from tests.support.ring import Ring


async def refused(node: Node, *flags: str) -> str:
    """The last line of a start that fails, which has to be the only one but for infos."""
    process = await asyncio.create_subprocess_exec(
        *node.command("node", "--port", "0", "--log-level", "warning", *flags),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 90)
    assert (process.returncode, out) == (2, b""), err.decode()
    (line,) = err.decode().splitlines()
    assert line.startswith("hubbub: ")
    return line.removeprefix("hubbub: ")


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path / "data")


def in_ring(ring: Ring, keyspace: str) -> list[str]:
    point, port = ring.options.contact_points[0], str(ring.port)
    return [
        *("--store", "cassandra", "--cassandra-contact-points", point),
        *("--cassandra-port", port, "--cassandra-keyspace", keyspace),
    ]


async def test_a_file_that_cannot_be_shared_is_refused(node: Node) -> None:
    line = await refused(node, "--redis", "redis://127.0.0.1:1")
    assert "a SQLite file is one node's alone" in line


async def test_a_ring_that_does_not_answer_is_named(node: Node) -> None:
    line = await refused(node, "--store", "cassandra", "--cassandra-contact-points", "127.0.0.1:1")
    assert line.startswith("no Cassandra answers at 127.0.0.1:1: ")


async def test_a_keyspace_that_is_not_there_is_told_how_to_make(node: Node, one_node: Ring) -> None:
    assert await refused(node, *in_ring(one_node, "nowhere")) == (
        "keyspace nowhere has schema 0 of 4: run `hubbub migrate` first"
    )


async def test_a_wrong_password_of_redis_is_told_and_not_shown(node: Node, one_node: Ring) -> None:
    await asyncio.to_thread(migrate, one_node.in_keyspace("starts"))
    with running_redis("--requirepass", "right") as server:
        place = f"127.0.0.1:{server.port}/0"
        where = in_ring(one_node, "starts")
        line = await refused(node, *where, "--redis", f"redis://:wr0ng@{place}")
    assert line == f"Redis at {place} refuses the user or the password of its URL"


async def test_a_node_of_another_cluster_is_kept_out_of_the_keyspace(
    tmp_path: Path, node: Node, one_node: Ring, redis_server: RedisServer
) -> None:
    await asyncio.to_thread(migrate, one_node.in_keyspace("claimed"))
    flags = [*in_ring(one_node, "claimed"), "--redis", redis_server.url, "--cluster"]
    async with running(tmp_path / "first", *flags, "chat"):
        line = await refused(node, *flags, "staging")
    assert line.startswith("this store is that of cluster chat, not of staging")
