"""A node of several that cannot start says why in one line, and shows no password; one whose Redis
is away waits for it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from tests.support.node import Node, running
from tests.support.redis_server import running_redis

from hubbub.storage.cassandra.schema import migrate
from hubbub.supervision.control import call
from hubbub.supervision.data_dir import DataDir

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


async def state(node: Node) -> str:
    """What a node says of itself to its operator; "" while it does not answer."""
    try:
        told = await call(DataDir(node.data), "status")
    except (FileNotFoundError, ConnectionError):
        return ""
    return str(told["nodes"][0]["state"])


async def until_readyz(base: str, code: int) -> str:
    """What `/readyz` says once it has this code."""
    async with asyncio.timeout(30), httpx.AsyncClient(base_url=base) as http:
        while (answer := await http.get("/readyz")).status_code != code:  # noqa: ASYNC110 - a process
            await asyncio.sleep(0)
        return answer.text


async def test_a_node_takes_traffic_once_it_is_in_a_view_and_none_when_it_is_cut_off(
    node: Node, one_node: Ring
) -> None:
    await asyncio.to_thread(migrate, one_node.in_keyspace("starts"))
    with running_redis() as server:
        server.kill()
        flags = (*in_ring(one_node, "starts"), "--redis", server.url, "--cluster", "starts")
        node.flags = (*flags, "--lease-s", "1", "--renew-s", "0.2")
        starting = asyncio.ensure_future(node.start())  # noqa: TID251 - a test's own
        try:
            async with asyncio.timeout(60):
                while await state(node) != "out":  # noqa: ASYNC110 - a process
                    await asyncio.sleep(0)
            assert not starting.done(), "it has started, and waits to be let in"
            server.start()
            await starting
            assert await until_readyz(node.base, 200) == "ready\n"
            server.kill()
            assert "it is in no view" in await until_readyz(node.base, 503)
            async with httpx.AsyncClient(base_url=node.base) as http:
                assert (await http.get("/healthz")).status_code == 200
            server.start()
            await until_readyz(node.base, 200)
            await node.stop()
        finally:
            starting.cancel()
            await node.kill()
