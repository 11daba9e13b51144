"""Follows a stream: everything in order, trimmed once it was taken, whatever happens to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

import pytest
import structlog
from tests.support.nodes import SeededChance
from tests.support.redis_server import RedisServer
from tests.support.redis_wire import RedisWire, redis_wire

from hubbub.config.clock import LoopClock
from hubbub.config.metrics import Metrics
from hubbub.transport.cluster import stream_reader as module
from hubbub.transport.cluster.reach import Reach
from hubbub.transport.cluster.redis_links import RedisLinks
from hubbub.transport.cluster.stream_reader import StreamReader

STREAM = "followed"


class Follower:
    """A reader, and what it took."""

    def __init__(self, wire: RedisWire) -> None:
        self.wire = wire
        self.taken: list[bytes] = []
        self.metrics = Metrics()

    def take(self, fields: Mapping[bytes, bytes]) -> None:
        self.taken.append(fields[b"b"])

    async def add(self, *values: str, after: int = 0) -> None:
        """Entries, with ids of their own if there is an `after`."""
        for n, value in enumerate(values, start=1):
            await self.wire.link.xadd(STREAM, {"b": value}, id=f"{after}-{n}" if after else "*")

    async def took(self, *values: str) -> None:
        """Wait until these are the last that it took."""
        wanted = [value.encode() for value in values]
        async with asyncio.timeout(20):
            while self.taken[-len(wanted) :] != wanted:
                await self.wire.step()


@asynccontextmanager
async def follower(server: RedisServer) -> AsyncGenerator[Follower]:
    async with redis_wire(server) as wire:
        await wire.link.delete(STREAM)
        links = RedisLinks.to(server.url, node="n1", timeout_s=5.0)
        follows = Follower(wire)
        reach = Reach("reader", links.place, LoopClock(), SeededChance(), follows.metrics)
        reader = StreamReader(links.patient, STREAM, reach, LoopClock(), follows.take)
        system = await wire.system()
        task = system.tasks.start(reader.run(), "follow")
        try:
            yield follows
        finally:
            task.cancel()
            await asyncio.wait([task])
            await links.close()


async def test_everything_is_taken_in_order_and_trimmed(redis_server: RedisServer) -> None:
    async with follower(redis_server) as follows:
        words = [f"{n}" for n in range(200)]
        await follows.add(*words)
        await follows.took(*words)
        assert [int(word) for word in follows.taken] == list(range(200))
        async with asyncio.timeout(20):
            while await follows.wire.link.xlen(STREAM) > 1:
                await follows.wire.step()


async def test_what_cannot_be_taken_is_logged_and_the_next_is_taken(
    redis_server: RedisServer,
) -> None:
    async with follower(redis_server) as follows:
        with structlog.testing.capture_logs() as logs:
            await follows.wire.link.xadd(STREAM, {"x": "no b"})
            await follows.add("fine")
            await follows.took("fine")
        assert "entry_failed" in [line["event"] for line in logs]


async def test_a_connection_that_breaks_is_opened_again(redis_server: RedisServer) -> None:
    async with follower(redis_server) as follows:
        await follows.add("one")
        await follows.took("one")
        link = follows.wire.link
        await link.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")  # type: ignore[no-untyped-call] # pyright: ignore
        await follows.add("two")
        await follows.took("two")
        assert follows.taken.count(b"two") == 1
        assert follows.metrics.bus_failures.labels("reader")._value.get() >= 1  # pyright: ignore


async def test_a_stream_that_was_forgotten_and_begins_with_lower_ids_is_followed(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BLOCK_MS", 50)
    async with follower(redis_server) as follows:
        await follows.add("one", "two", after=5000)
        await follows.took("one", "two")
        await follows.wire.link.delete(STREAM)
        await follows.add("three", "four", after=3000)
        await follows.took("three", "four")


async def test_what_is_no_stream_is_waited_for(redis_server: RedisServer) -> None:
    async with follower(redis_server) as follows:
        await follows.wire.link.delete(STREAM)
        await follows.wire.link.set(STREAM, "text")
        async with asyncio.timeout(20):
            while not follows.metrics.bus_failures.labels("reader")._value.get():  # pyright: ignore
                await follows.wire.step()
        await follows.wire.link.delete(STREAM)
        await follows.add("one")
        await follows.took("one")
