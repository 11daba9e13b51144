"""One connection of the load: a bare Protocol, so that little of the machine goes to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any, cast

import msgspec

from . import frames
from .result import LostError
from .seed import Person

#: Far above what a healthy node needs for one answer.
PATIENCE_S = 60.0

_UPGRADE = (
    "GET /ws HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: hubbub.v1.json\r\n\r\n"
)


class Frame(msgspec.Struct, gc=False):
    """What a load looks at in any frame of the server's."""

    t: str
    re: int = -1
    c: str = ""
    s: int = 0
    dup: bool = False
    code: str = ""
    more: bool = False
    convs: msgspec.Raw = msgspec.Raw(b"")


#: A message holds one frame, or an array of them.
_decode: Callable[[bytes], Frame | list[Frame]] = msgspec.json.Decoder(Frame | list[Frame]).decode

#: Gets every frame that comes.
Listener = Callable[[Frame], None]


class Client(asyncio.Protocol):
    """A signed-in device.

    Attributes:
        listener: Who gets the frames; at first this client's own questions.
        bytes_in, bytes_out: Everything that came and went, headers included.
        cid: The last cid used.
    """

    def __init__(self, person: Person) -> None:
        self.person = person
        self.listener: Listener = self._for_asker
        self.bytes_in = 0
        self.bytes_out = 0
        self.cid = 0
        self.ids = 0
        self.lost: LostError | None = None
        self._transport: asyncio.Transport | None = None
        self._rest = b""
        self._upgraded = False
        self._waiter: asyncio.Future[list[Frame]] | None = None
        self._wanted = ""
        self._pages: list[Frame] = []

    # --- asyncio --------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Part of the socket's life."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is no subclass

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody closes a load's connections but the load."""
        if self._transport is not None:
            self._fail(LostError(f"a connection was lost: {exc}"))

    def data_received(self, data: bytes) -> None:
        """Split into frames, and hand each to who listens."""
        self.bytes_in += len(data)
        if self._rest:
            data = self._rest + data
        if not self._upgraded:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self._rest = head
                return
            if b" 101 " not in head.split(b"\r\n", 1)[0]:
                self._fail(LostError(f"no upgrade: {head[:200]!r}"))
                return
            self._upgraded = True
            self._for_asker(Frame("upgraded"))
        found, taken = frames.split(data)
        self._rest = data[taken:]
        for opcode, payload in found:
            if opcode == frames.TEXT:
                decoded = _decode(payload)
                if isinstance(decoded, list):
                    for frame in decoded:
                        self.listener(frame)
                else:
                    self.listener(decoded)
            elif opcode == frames.PING:
                self._write(frames.masked(frames.PONG, payload))
            elif opcode == frames.CLOSE:
                code = int.from_bytes(payload[:2], "big")
                self._fail(LostError(f"closed by the server: {code} {payload[2:]!r}"))

    # --- sending --------------------------------------------------------------------------------

    def send(self, frame: dict[str, Any]) -> None:
        """Send a frame."""
        self.send_text(json.dumps(frame, separators=(",", ":")).encode())

    def send_text(self, payload: bytes) -> None:
        """Send a frame that is JSON already."""
        self._write(frames.masked(frames.TEXT, payload))

    def post(self, conv: str, text: str) -> int:
        """Send a text to a conversation, as the next of this device's; returns the request's id."""
        self.ids += 1
        self.cid += 1
        self.send_text(
            b'{"t":"send","id":%d,"c":"%b","cid":%d,"prev":%d,"b":{"k":"text","text":"%b"}}'
            % (self.ids, conv.encode(), self.cid, self.cid - 1, text.encode())
        )
        return self.ids

    def close(self) -> None:
        """Close the socket; nothing that comes of it is a loss."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self.bytes_out += len(data)
            self._transport.write(data)

    # --- asking ---------------------------------------------------------------------------------

    async def ask(self, frame: dict[str, Any], wanted: str) -> list[Frame]:
        """Send a frame and wait for its answer, page after page; anything else is a loss."""
        self.listener = self._for_asker
        self.send(frame)
        return await self._until(wanted)

    async def open(self, host: str, port: int) -> None:
        """Connect, upgrade, sign in."""
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self, host, port)
        self._write(_UPGRADE.format(host=host, port=port).encode())
        await self._until("upgraded")
        me = self.person
        await self.ask({"t": "hello", "v": 1, "token": me.token, "device": me.device}, "welcome")

    async def sync(self) -> int:
        """Read the whole list once; how many conversations it holds."""
        self.ids += 1
        pages = await self.ask({"t": "sync", "id": self.ids, "lv": 0}, "heads")
        return sum(len(msgspec.json.decode(page.convs)) for page in pages)

    async def pong(self) -> None:
        """Make sure that the node still knows this connection."""
        await self.ask({"t": "ping"}, "pong")

    async def _until(self, wanted: str) -> list[Frame]:
        if self.lost is not None:
            raise self.lost
        self._waiter = asyncio.get_running_loop().create_future()
        self._wanted, self._pages = wanted, []
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._waiter
        except TimeoutError:
            raise LostError(f"no {wanted} in {PATIENCE_S:.0f} s") from None

    def _for_asker(self, frame: Frame) -> None:
        if self._waiter is None or self._waiter.done() or frame.t != self._wanted:
            self._fail(LostError(f"not expected: {frame}"))
            return
        self._pages.append(frame)
        if not frame.more:
            self._waiter.set_result(self._pages)

    def _fail(self, why: LostError) -> None:
        self.lost = self.lost or why
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(why)


async def connect(people: Sequence[Person], host: str, port: int, *, at_once: int) -> list[Client]:
    """Everybody connected and signed in, with the list read once, so many at a time."""
    clients: list[Client] = []
    for first in range(0, len(people), at_once):
        some = [Client(person) for person in people[first : first + at_once]]
        async with asyncio.TaskGroup() as together:
            for client in some:
                together.create_task(_enter(client, host, port))
        clients += some
    return clients


async def _enter(client: Client, host: str, port: int) -> None:
    await client.open(host, port)
    found = await client.sync()
    if found != client.person.conversations:
        raise LostError(f"{found} conversations in the list, not {client.person.conversations}")


__all__ = ["PATIENCE_S", "Client", "Frame", "Listener", "connect"]
