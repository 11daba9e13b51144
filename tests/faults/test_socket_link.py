"""A real WebSocket looks to its device like any other channel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from hubbub.testkit.simulation.wire import Channel

from .socket_link import Find, SocketLink

PATIENCE_S = 20.0


class Peer:
    """What a device was told, in order."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[object] = asyncio.Queue()

    def opened(self, link: Channel) -> None:
        link.send(b"hello")
        self.told.put_nowait("opened")

    def received(self, link: Channel, payload: bytes) -> None:
        self.told.put_nowait(payload)

    def ended(self, link: Channel, code: int) -> None:
        self.told.put_nowait(code)

    async def next(self) -> object:
        async with asyncio.timeout(PATIENCE_S):
            return await self.told.get()


def at(base: str) -> Find:
    """Where it is known to be."""

    async def find() -> str:
        return base

    return find


async def echo(ws: ServerConnection) -> None:
    """Says what it is told, and goes when it is told so."""
    async for message in ws:
        # Text, as the protocol has it.
        assert isinstance(message, str)
        if message == "go":
            await ws.close(1012)
        await ws.send(message)


@asynccontextmanager
async def node() -> AsyncGenerator[str]:
    async with serve(echo, "127.0.0.1", 0, subprotocols=[Subprotocol("hubbub.v1.json")]) as server:
        (listening,) = server.sockets
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


async def test_it_opens_carries_messages_in_order_and_tells_of_its_end_once() -> None:
    async with node() as base:
        peer = Peer()
        link = SocketLink(at(base), peer)
        assert await peer.next() == "opened"
        for word in (b"one", b"two", b"go"):
            link.send(word)
        assert [await peer.next() for _ in range(4)] == [b"hello", b"one", b"two", 1012]
        await link.gone()
        assert link.over and peer.told.empty()


async def test_who_leaves_hears_nothing_more() -> None:
    async with node() as base:
        peer = Peer()
        link = SocketLink(at(base), peer)
        assert await peer.next() == "opened"
        link.leave()
        await link.gone()
        assert peer.told.empty()


async def test_where_nobody_is_it_ends_without_a_code() -> None:
    async with node() as base:
        pass
    peer = Peer()
    link = SocketLink(at(base), peer)
    assert await peer.next() == 1006
    await link.gone()
