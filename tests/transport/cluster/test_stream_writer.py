"""What goes to the streams of one server: together, in order, bounded, and never twice."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis
from tests.support.nodes import SeededChance
from tests.support.redis_server import RedisServer, running_redis
from tests.support.redis_wire import RedisWire, redis_wire

from hubbub.config.clock import LoopClock
from hubbub.config.metrics import Metrics
from hubbub.config.units import KIB, MIB
from hubbub.transport.cluster.reach import Reach
from hubbub.transport.cluster.redis_links import RedisLinks
from hubbub.transport.cluster.stream_writer import StreamWriter


class Desk:
    """A writer, and what became of what it was given."""

    def __init__(self, wire: RedisWire, links: RedisLinks, **bounds: int) -> None:
        self.wire = wire
        self.metrics = Metrics()
        self.writer = StreamWriter(
            links.quick,
            Reach("writer", links.place, LoopClock(), SeededChance(), self.metrics),
            LoopClock(),
            wire.systems[""].tasks,
            self.metrics,
            wire.systems[""].at_turn_end,
            **{"stream_bytes": MIB, "waiting_bytes": MIB, **bounds},
        )

    @property
    def link(self) -> Redis:
        return self.wire.link

    async def make(self, stream: str) -> None:
        """As its reader does."""
        await self.link.xadd(stream, {"m": "0"})

    async def there(self, stream: str) -> list[bytes]:
        """What is in a stream."""
        entries: Any = await self.link.xrange(stream)
        return [fields[b"b"] for _, fields in entries if b"b" in fields]

    async def wrote(self) -> None:
        """Wait until nothing waits."""
        await self.writer.close(5.0)

    def dropped(self, reason: str) -> float:
        return self.metrics.dropped.labels(reason)._value.get()  # type: ignore[no-any-return] # pyright: ignore


@asynccontextmanager
async def desk(server: RedisServer, timeout_s: float = 5.0, **bounds: int) -> AsyncGenerator[Desk]:
    async with redis_wire(server) as wire:
        await wire.forget()
        wire.systems[""] = await wire.system()
        links = RedisLinks.to(server.url, node="n1", timeout_s=timeout_s)
        try:
            yield Desk(wire, links, **bounds)
        finally:
            await links.close()


async def test_what_is_put_arrives_in_order_in_as_many_entries(redis_server: RedisServer) -> None:
    async with desk(redis_server) as at:
        for stream in ("one", "two"):
            await at.make(stream)
        for n in range(100):
            at.writer.put("one" if n % 2 else "two", b"%d" % n, 1)
        await at.wrote()
        assert await at.there("one") == [b"%d" % n for n in range(1, 100, 2)]
        assert await at.there("two") == [b"%d" % n for n in range(0, 100, 2)]
        at.writer.put("one", b"later", 1)
        await at.wrote()
        assert (await at.there("one"))[-1] == b"later"


async def test_what_is_for_somebody_who_is_gone_is_lost_and_makes_nothing(
    redis_server: RedisServer,
) -> None:
    async with desk(redis_server) as at:
        at.writer.put("nobody", b"x", 3)
        await at.wrote()
        assert at.dropped("no_stream") == 3
        assert not await at.link.exists("nobody")


async def test_a_full_stream_takes_nothing_until_its_reader_has_read(
    redis_server: RedisServer,
) -> None:
    async with desk(redis_server, stream_bytes=8 * KIB) as at:
        await at.make("slow")
        at.writer.put("slow", b"x" * 10 * KIB, 1)
        await at.wrote()
        assert not at.writer.room("slow")
        assert at.writer.room("other")
        at.writer.put("slow", b"lost", 5)
        await at.wrote()
        assert at.dropped("stream_full") == 5
        await at.link.xtrim("slow", maxlen=0, approximate=False)
        lost = 5
        while not at.writer.room("slow"):
            at.writer.put("slow", b"lost", 1)
            lost += 1
            await at.wrote()
            await at.wire.step()
        assert at.dropped("stream_full") == lost
        at.writer.put("slow", b"again", 1)
        await at.wrote()
        assert await at.there("slow") == [b"again"]


async def test_what_waits_here_is_bounded_in_bytes(redis_server: RedisServer) -> None:
    async with desk(redis_server, waiting_bytes=1000) as at:
        await at.make("one")
        for n in range(5):
            at.writer.put("one", b"%d" % n * 300, 2)
        assert at.dropped("bus_full") == 4
        at.writer.put("one", b"x" * 100, 1)
        assert not at.writer.room("one")
        await at.wrote()
        assert len(await at.there("one")) == 4
        assert at.writer.room("one")


async def test_a_server_that_is_gone_costs_what_is_sent_and_is_tried_again_later() -> None:
    with running_redis() as server:
        async with desk(server) as at:
            await at.make("one")
            server.kill()
            at.writer.put("one", b"lost", 1)
            await at.wrote()
            assert at.dropped("bus_down") == 1
            assert not at.writer.room("one")
            at.writer.put("one", b"lost, too", 1)
            assert at.dropped("bus_down") == 2
            server.start()
            await at.wire.step()
            while not at.writer.room("one"):
                await at.wire.step()
            await at.make("one")
            at.writer.put("one", b"again", 1)
            await at.wrote()
            assert await at.there("one") == [b"again"]


async def test_a_server_that_says_nothing_is_out_of_reach_and_what_was_under_way_is_lost() -> None:
    with running_redis() as server:
        async with desk(server, timeout_s=0.2) as at:
            await at.make("one")
            server.signal(signal.SIGSTOP)
            at.writer.put("one", b"under way", 1)
            for _ in range(10):
                await asyncio.sleep(0)
            at.writer.put("one", b"under way, too", 1)
            await at.wrote()
            assert at.dropped("bus_down") == 2
            at.writer.put("one", b"comes later", 1)
            assert at.dropped("bus_down") == 3
            server.signal(signal.SIGCONT)
            # What was under way may arrive all the same. It is not sent again.
            found = await at.there("one")
            assert found in ([], [b"under way"], [b"under way", b"under way, too"])


async def test_what_the_server_refuses_is_counted() -> None:
    with running_redis("--maxmemory", "1mb", "--maxmemory-policy", "noeviction") as server:
        async with desk(server) as at:
            await at.make("one")
            await at.link.config_set("maxmemory", 1)  # pyright: ignore[reportUnknownMemberType]
            at.writer.put("one", b"x", 1)
            await at.wrote()
            assert at.dropped("bus_refused") == 1
            assert not at.writer.room("one")
