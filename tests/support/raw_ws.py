"""WebSocket by hand: bytes as no library would send them, and what comes back."""

from __future__ import annotations

import asyncio
import base64
import json
import os
from collections import deque
from typing import Any

from .ws_client import PATIENCE_S, Frame, frames_of

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def frame(
    payload: bytes,
    opcode: int = TEXT,
    *,
    fin: bool = True,
    masked: bool = True,
    reserved: int = 0,
    length: int | None = None,
) -> bytes:
    """One frame of a client (RFC 6455, 5.2), right or, when asked, wrong.

    Args:
        length: What the header claims; None for the truth.
    """
    head = bytearray([(0x80 if fin else 0) | reserved << 4 | opcode])
    claimed = len(payload) if length is None else length
    bit = 0x80 if masked else 0
    if claimed < 126:
        head.append(bit | claimed)
    elif claimed < 1 << 16:
        head.append(bit | 126)
        head += claimed.to_bytes(2, "big")
    else:
        head.append(bit | 127)
        head += claimed.to_bytes(8, "big")
    if not masked:
        return bytes(head) + payload
    mask = os.urandom(4)
    stretched = (mask * (len(payload) // 4 + 1))[: len(payload)]
    mixed = int.from_bytes(payload, "big") ^ int.from_bytes(stretched, "big")
    return bytes(head) + mask + mixed.to_bytes(len(payload), "big")


def text(*frames: Frame) -> bytes:
    """One text message with one of our frames, or a batch."""
    content: Any = frames[0] if len(frames) == 1 else list(frames)
    return frame(json.dumps(content, ensure_ascii=False).encode())


class RawSocket:
    """A TCP connection to a node.

    Attributes:
        status: Of the answer to the handshake.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.status = 0
        #: Frames of ours that came in a batch and were not yet looked at.
        self._came: deque[Frame] = deque()

    @classmethod
    async def connect(cls, base: str) -> RawSocket:
        """Connected; nothing said."""
        host, port = base.removeprefix("http://").split(":")
        return cls(*await asyncio.open_connection(host, int(port)))

    async def upgrade(self, base: str, path: str = "/ws", **headers: str) -> int:
        """Ask for a WebSocket; the status that came."""
        lines = {
            "Host": base.removeprefix("http://"),
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            "Sec-WebSocket-Protocol": "hubbub.v1.json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        wanted = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        await self.write(f"GET {path} HTTP/1.1\r\n{wanted}\r\n".encode())
        async with asyncio.timeout(PATIENCE_S):
            answer = await self.reader.readuntil(b"\r\n\r\n")
        self.status = int(answer.split(b" ", 2)[1])
        return self.status

    async def write(self, data: bytes) -> None:
        """Send bytes."""
        self.writer.write(data)
        await self.writer.drain()

    async def read_frame(self) -> tuple[int, bytes]:
        """(opcode, payload) of the next frame from the server."""
        async with asyncio.timeout(PATIENCE_S):
            head = await self.reader.readexactly(2)
            length = head[1] & 0x7F
            assert not head[1] & 0x80, "a server does not mask"
            if length == 126:
                length = int.from_bytes(await self.reader.readexactly(2), "big")
            elif length == 127:
                length = int.from_bytes(await self.reader.readexactly(8), "big")
            return head[0] & 0x0F, await self.reader.readexactly(length)

    async def expect(self, t: str, **fields: Any) -> Frame:
        """The next frame of ours of this type with these fields; others are passed over."""
        while True:
            while self._came:
                ours = self._came.popleft()
                if ours["t"] == t and all(ours.get(k) == v for k, v in fields.items()):
                    return ours
            opcode, payload = await self.read_frame()
            assert opcode in (TEXT, PING, PONG), (opcode, payload)
            if opcode == TEXT:
                self._came.extend(frames_of(json.loads(payload)))

    async def close_code(self) -> int:
        """The code of the server's close frame; 1006 when it just ends the connection."""
        try:
            while True:
                opcode, payload = await self.read_frame()
                if opcode == CLOSE:
                    return int.from_bytes(payload[:2], "big")
        except (asyncio.IncompleteReadError, ConnectionError):
            return 1006

    async def ended(self) -> bytes:
        """Everything until the server ends the connection."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""

    async def read_line(self) -> bytes:
        """A line of HTTP."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.reader.readline()

    def close(self) -> None:
        """Hang up."""
        self.writer.transport.abort()


__all__ = ["BINARY", "CLOSE", "PING", "PONG", "TEXT", "RawSocket", "frame", "text"]
