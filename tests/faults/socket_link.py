"""A real WebSocket under the client that keeps every rule: messages both ways, in order.

Device --send--> queue ──> socket ──> node
Device <-received/ended─── socket <── node
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol

import websockets
from websockets.asyncio.client import ClientConnection, connect

from hubbub.testkit.simulation.wire import Channel

#: A handshake that takes longer has come to nothing: the node may be stopped, with its port open.
OPEN_S = 10.0


class Peer(Protocol):
    """Whose link it is."""

    def opened(self, link: Channel) -> None:
        """The upgrade was accepted."""
        ...

    def received(self, link: Channel, payload: bytes) -> None:
        """A message."""
        ...

    def ended(self, link: Channel, code: int) -> None:
        """It is over; the code of the close frame, or 1006 without one."""
        ...


#: Finds the node to connect to, `http://HOST:PORT`; OSError when nobody tells of one.
Find = Callable[[], Awaitable[str]]


class SocketLink:
    """See the module; it connects by itself, and its peer is told of its end once.

    Attributes:
        unsure: A real network never says whether what was said last has come.
    """

    def __init__(self, find: Find, peer: Peer) -> None:
        self.unsure = True
        self._find = find
        self._peer: Peer | None = peer
        self._ws: ClientConnection | None = None
        self._out: asyncio.Queue[bytes] = asyncio.Queue()
        self._task = asyncio.get_running_loop().create_task(self._run())

    def send(self, payload: bytes) -> None:
        """See `Channel`."""
        self._out.put_nowait(payload)

    def leave(self) -> None:
        """See `Channel`."""
        self._peer = None
        if self._ws is not None:
            self._ws.transport.abort()
        self._task.cancel()

    @property
    def over(self) -> bool:
        """Whether nothing of it is left."""
        return self._task.done()

    async def gone(self) -> None:
        """Wait until nothing of it is left."""
        await asyncio.wait((self._task,))

    async def _run(self) -> None:
        code = 1006
        try:
            with suppress(OSError, TimeoutError, websockets.WebSocketException):
                code = await self._connected()
        finally:
            peer, self._peer = self._peer, None
            if peer is not None:
                peer.ended(self, code)

    async def _connected(self) -> int:
        base = await self._find()
        async with connect(
            base.replace("http", "ws", 1) + "/ws",
            subprotocols=[websockets.Subprotocol("hubbub.v1.json")],
            compression=None,
            max_size=None,
            proxy=None,
            open_timeout=OPEN_S,
            close_timeout=1,
            # The device asks by itself whether anybody is there (protocol, item 11).
            ping_interval=None,
        ) as ws:
            self._ws = ws
            if self._peer is not None:
                self._peer.opened(self)
            writer = asyncio.get_running_loop().create_task(self._write(ws))
            try:
                while self._peer is not None:
                    self._peer.received(self, await ws.recv(decode=False))
            except websockets.ConnectionClosed:
                pass
            finally:
                writer.cancel()
            return ws.close_code or 1006

    async def _write(self, ws: ClientConnection) -> None:
        with suppress(websockets.ConnectionClosed):
            while True:
                await ws.send(await self._out.get(), text=True)


__all__ = ["OPEN_S", "Find", "Peer", "SocketLink"]
