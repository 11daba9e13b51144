"""Follows a stream: everything in order, trimmed once it was taken, whatever happens to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
import structlog
from tests.support.clock import ManualClock
from tests.support.nodes import SeededChance
from tests.support.redis_server import RedisServer
from tests.support.redis_wire import RedisWire, redis_wire

from hubbub.config.clock import Clock, LoopClock
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

    async def waits(self) -> None:
        """Wait until it waits for more."""
        async with asyncio.timeout(20):
            while not int((await self._info("clients"))["blocked_clients"]):
                await self.wire.step()

    async def reads(self) -> int:
        """How often anybody has read."""
        return int((await self._info("commandstats"))["cmdstat_xread"]["calls"])

    async def cut(self) -> None:
        """End its connection."""
        await self.wire.link.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")  # type: ignore[no-untyped-call] # pyright: ignore

    async def _info(self, section: str) -> Any:
        return await self.wire.link.info(section)  # pyright: ignore[reportUnknownMemberType]


@asynccontextmanager
async def follower(server: RedisServer, clock: Clock | None = None) -> AsyncGenerator[Follower]:
    async with redis_wire(server) as wire:
        await wire.link.delete(STREAM)
        links = RedisLinks.to(server.url, node="n1", timeout_s=5.0)
        follows = Follower(wire)
        reach = Reach("reader", links.place, LoopClock(), SeededChance(), follows.metrics)
        system = await wire.system()
        reader = StreamReader(
            links.patient,
            STREAM,
            reach,
            clock or LoopClock(),
            system.tasks,
            lambda fields: follows.take(fields),
        )
        reader.start()
        try:
            yield follows
        finally:
            await reader.close()
            await links.close()


async def test_everything_is_taken_in_order_and_trimmed(redis_server: RedisServer) -> None:
    async with follower(redis_server) as follows:
        words = [f"{n}" for n in range(200)]
        await follows.add(*words)
        await follows.took(*words)
        assert [int(word) for word in follows.taken] == list(range(200))
        async with asyncio.timeout(20):
            while await follows.wire.link.xlen(STREAM) > module.TRIM_ENTRIES:
                await follows.wire.step()


async def test_what_comes_a_moment_after_what_was_read_is_read_together(
    redis_server: RedisServer,
) -> None:
    clock = ManualClock()
    async with follower(redis_server, clock) as follows:
        await follows.add("one")
        await follows.took("one")
        before = await follows.reads()
        for word in ("two", "three", "four"):
            await follows.add(word)
        await follows.wire.step()
        assert follows.taken == [b"one"]
        clock.advance(module.GATHER_S)
        await follows.took("two", "three", "four")
        assert await follows.reads() == before + 1


async def test_of_a_busy_stream_more_is_read_together(redis_server: RedisServer) -> None:
    clock = ManualClock()
    async with follower(redis_server, clock) as follows:
        await follows.add("one")
        await follows.took("one")
        await follows.add("two", "three")
        clock.advance(module.GATHER_S)
        await follows.took("two", "three")
        before = await follows.reads()
        await follows.add("four")
        clock.advance(module.GATHER_S)
        await follows.wire.step()
        assert await follows.reads() == before
        clock.advance(module.BUSY_GATHER_S - module.GATHER_S)
        await follows.took("four")
        await follows.add("five")
        clock.advance(module.GATHER_S)
        await follows.took("five")


async def test_entries_that_take_long_leave_the_loop_to_others(redis_server: RedisServer) -> None:
    clock = ManualClock()
    turns: list[str] = []
    async with follower(redis_server, clock) as follows:
        take, loop = follows.take, asyncio.get_running_loop()

        def slow(fields: Mapping[bytes, bytes]) -> None:
            take(fields)
            turns.append("entry")
            if b"slow" in fields:
                loop.call_soon(turns.append, "others")
                clock.advance(module.SLICE_S * 1.1)

        follows.take = slow  # type: ignore[method-assign]
        pipe = follows.wire.link.pipeline()
        for _ in range(3):
            pipe.xadd(STREAM, {"b": "x"})
        for _ in range(2):
            pipe.xadd(STREAM, {"b": "y", "slow": "1"})
        pipe.xadd(STREAM, {"b": "z"})
        await pipe.execute()
        await follows.took("z")
    assert turns == [*["entry"] * 4, "others", "entry", "others", "entry"]


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
        await follows.waits()
        await follows.cut()
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
        await follows.waits()
        await follows.wire.link.delete(STREAM)
        await follows.add("three", "four", after=3000)
        await follows.took("three", "four")


async def test_a_server_that_was_away_while_nothing_was_asked_is_read_from_the_beginning(
    redis_server: RedisServer,
) -> None:
    clock = ManualClock()
    async with follower(redis_server, clock) as follows:
        await follows.add("one", after=5000)
        await follows.took("one")
        await follows.cut()
        await follows.wire.link.delete(STREAM)
        await follows.add("two", after=3000)
        clock.advance(module.GATHER_S)
        await follows.took("two")


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
