"""Two real nodes on a real ring and a real Redis: one is killed, and the Redis is emptied."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from redis.asyncio import Redis
from tests.support.node import Node
from tests.support.redis_server import running_redis
from tests.support.ring import Ring
from tests.support.ws_client import Frame, Person, Socket, sign_up, whole_log

from hubbub.storage.cassandra.schema import migrate

pytestmark = pytest.mark.slow


async def acked(socket: Socket, where: str, cid: int, text: str) -> Frame:
    """Post it until it is acknowledged: meanwhile nobody may own the conversation."""
    async with asyncio.timeout(60):
        while True:
            answer = await socket.post(where, cid, text)
            if answer["t"] == "ack":
                return answer
            assert answer["code"] in ("unavailable", "resend"), answer
            await asyncio.sleep(0.5)


async def learns(socket: Socket, conv: str, seq: int) -> None:
    """Wait until the device has a message, or knows that there is one to be read."""

    def tells(frame: Frame) -> bool:
        behind: Frame = frame.get("convs", {})
        pushed = (frame["t"], frame.get("c"), frame.get("s")) == ("msg", conv, seq)
        return pushed or (frame["t"] == "behind" and behind.get(conv, 0) >= seq)

    await socket.until(tells, f"word of {seq}")


async def at(person: Person, node: Node) -> Socket:
    """The person's device, connected to this node."""
    person.base = node.base
    return await person.socket()


async def test_two_nodes_lose_nothing_when_one_is_killed_and_the_redis_is_emptied(
    tmp_path: Path, one_node: Ring
) -> None:
    options = one_node.in_keyspace("two_nodes")
    await asyncio.to_thread(migrate, options)
    with running_redis() as server:
        flags = (
            *("--store", "cassandra", "--cassandra-contact-points", options.contact_points[0]),
            *("--cassandra-port", str(options.port), "--cassandra-keyspace", "two_nodes"),
            *("--cluster", "two", "--lease-s", "3", "--renew-s", "0.5", "--no-limits"),
        )
        # A password could stand in it.
        env = {"HUBBUB_REDIS": server.url}
        one, two = (Node(tmp_path / name, "--node", name, *flags, env=env) for name in ("n1", "n2"))
        await one.start()
        await two.start()
        try:
            ann, bob = await sign_up(one.base, "ann"), await sign_up(two.base, "bob")
            ann_ws, bob_ws = await at(ann, one), await at(bob, two)
            first = await acked(ann_ws, bob.user, 1, "one")
            conv = first["c"]
            await learns(bob_ws, conv, first["s"])
            await acked(bob_ws, conv, 1, "two")
            await learns(ann_ws, conv, first["s"] + 1)
            await one.kill()
            ann_ws = await at(ann, two)
            await acked(ann_ws, conv, 2, "three")
            await learns(bob_ws, conv, first["s"] + 2)
            link = Redis.from_url(server.url)  # pyright: ignore[reportUnknownMemberType]
            await link.flushall()  # pyright: ignore[reportUnknownMemberType]
            await link.aclose()
            await acked(bob_ws, conv, 2, "four")
            await one.start()
            await acked(bob_ws, conv, 3, "five")
            await learns(ann_ws, conv, first["s"] + 4)
            log = await whole_log(ann_ws, conv)
            texts = [frame["b"]["text"] for frame in log if frame["b"]["k"] == "text"]
            assert texts == ["one", "two", "three", "four", "five"]
            for person, socket in ((ann, ann_ws), (bob, bob_ws)):
                await socket.close()
                await person.close()
            await two.stop()
            await one.stop()
            assert two.complaints() == []
        finally:
            await one.kill()
            await two.kill()
