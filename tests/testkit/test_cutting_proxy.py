"""A wire that is cut, silent, late or mended, with real sockets on both ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from hubbub.testkit.cutting_proxy import CuttingProxy

#: What must not come is waited for as long; what must, for longer than anything takes.
SOON_S = 0.1
PATIENCE_S = 20.0


class Wire:
    """A node's end of a connection through the proxy, to a service that sends back what it gets."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def says(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def hears(self, data: bytes) -> None:
        async with asyncio.timeout(PATIENCE_S):
            assert await self.reader.readexactly(len(data)) == data

    async def hears_nothing(self) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(SOON_S):
                await self.reader.read(1)

    async def is_reset(self) -> None:
        with pytest.raises(ConnectionResetError):
            async with asyncio.timeout(PATIENCE_S):
                await self.reader.read(1)


class Service:
    """The other end, and what it was told.

    Attributes:
        heard: Everything, of all connections.
        ends: How each connection ended: "end" or "reset".
    """

    def __init__(self) -> None:
        self.heard = bytearray()
        self.ends: asyncio.Queue[str] = asyncio.Queue()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        end = "end"
        try:
            while data := await reader.read(1 << 16):
                self.heard += data
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            end = "reset"
        self.ends.put_nowait(end)
        writer.close()

    async def ended(self) -> str:
        async with asyncio.timeout(PATIENCE_S):
            return await self.ends.get()


@asynccontextmanager
async def through(proxy: CuttingProxy) -> AsyncGenerator[Wire]:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.transport.abort()


Here = tuple[CuttingProxy, Service]


@pytest.fixture
async def here() -> AsyncGenerator[Here]:
    service = Service()
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0)
    proxy = CuttingProxy("127.0.0.1", server.sockets[0].getsockname()[1])
    await proxy.start()
    yield proxy, service
    await proxy.stop()
    server.close()
    await server.wait_closed()


async def test_what_is_said_comes_through_both_ways_and_is_counted(here: Here) -> None:
    proxy, service = here
    async with through(proxy) as wire:
        much = bytes(range(256)) * 2000
        await wire.says(much)
        await wire.hears(much)
        assert service.heard == much
        assert proxy.connections == 1
        assert proxy.passed == {"sent": len(much), "heard": len(much)}


async def test_an_end_comes_through_behind_what_was_said(here: Here) -> None:
    proxy, service = here
    async with through(proxy) as wire:
        await wire.says(b"bye")
        wire.writer.write_eof()
        await wire.hears(b"bye")
        assert await service.ended() == "end"
        assert await wire.reader.read() == b""


async def test_who_is_gone_without_a_word_is_gone_so_for_the_other(here: Here) -> None:
    proxy, service = here
    async with through(proxy) as wire:
        await wire.says(b"one")
        await wire.hears(b"one")
        proxy.cut()
        await wire.is_reset()
        assert await service.ended() == "reset"


async def test_a_cut_wire_resets_whoever_comes_until_it_is_mended(here: Here) -> None:
    proxy, _ = here
    proxy.cut()
    async with through(proxy) as wire:
        await wire.is_reset()
    proxy.mend()
    async with through(proxy) as wire:
        await wire.says(b"two")
        await wire.hears(b"two")


async def test_a_silent_wire_tells_nobody_and_gives_all_when_it_is_mended(here: Here) -> None:
    proxy, service = here
    async with through(proxy) as wire:
        await wire.says(b"before")
        await wire.hears(b"before")
        proxy.silence()
        await wire.says(b"while ")
        await wire.says(b"silent")
        await wire.hears_nothing()
        async with through(proxy) as late:
            await late.says(b"late")
            await late.hears_nothing()
            assert service.heard == b"before"
            proxy.mend()
            await wire.hears(b"while silent")
            await late.hears(b"late")


async def test_one_direction_can_be_silent_alone(here: Here) -> None:
    proxy, service = here
    async with through(proxy) as wire:
        await wire.says(b"one")
        await wire.hears(b"one")
        proxy.silence("heard")
        await wire.says(b"two")
        await wire.hears_nothing()
        assert service.heard == b"onetwo"
        proxy.mend()
        await wire.hears(b"two")
        proxy.silence("sent")
        await wire.says(b"three")
        await wire.hears_nothing()
        assert service.heard == b"onetwo"


async def test_a_silent_wire_can_be_cut_and_its_proxy_stopped(here: Here) -> None:
    proxy, service = here
    async with through(proxy) as wire:
        await wire.says(b"one")
        await wire.hears(b"one")
        proxy.silence()
        await wire.says(b"two")
        await wire.hears_nothing()
        proxy.cut()
        await wire.is_reset()
        assert await service.ended() == "reset"
        assert service.heard == b"one"


async def test_what_is_late_comes_in_order_and_no_later_for_its_number(here: Here) -> None:
    proxy, _ = here
    async with through(proxy) as wire:
        await wire.says(b"one")
        await wire.hears(b"one")
        proxy.delay(0.2, "sent")
        began = time.monotonic()
        for word in (b"a", b"b", b"c", b"d"):
            await wire.says(word)
            await asyncio.sleep(0)
        await wire.hears(b"abcd")
        assert time.monotonic() - began >= 0.2
        proxy.mend()
        await wire.says(b"e")
        await wire.hears(b"e")


async def test_a_service_that_is_not_there_is_a_reset() -> None:
    async def nobody(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(nobody, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    proxy = CuttingProxy("127.0.0.1", port)
    await proxy.start()
    async with through(proxy) as wire:
        await wire.is_reset()
    await proxy.stop()
