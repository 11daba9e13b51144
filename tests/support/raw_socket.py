"""A bare connection to an edge: bytes, and the little of WebSocket that a test of bytes needs."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any

from tests.support.edge import JSON, PATIENCE_S, as_frames, hello_frame


@asynccontextmanager
async def raw_socket(port: int, *, receive_bytes: int | None = None) -> AsyncGenerator[Raw]:
    """A bare connection to the edge.

    Args:
        receive_bytes: How much the kernel holds for a client that does not read.
    """
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if receive_bytes is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    sock.connect(("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=sock, limit=1 << 12)
    try:
        yield Raw(reader, writer)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


class Raw:
    """Bytes, and the little of WebSocket that a test of bytes needs."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def upgrade(self, *, subprotocol: str = JSON, path: str = "/ws", **headers: str) -> str:
        """Ask for the upgrade; the whole head of the response."""
        fields = {
            "Host": "127.0.0.1",
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Protocol": subprotocol,
        } | {key.replace("_", "-"): value for key, value in headers.items()}
        lines = [f"GET {path} HTTP/1.1", *(f"{k}: {v}" for k, v in fields.items() if v), "", ""]
        await self.write("\r\n".join(lines).encode())
        return await self.head()

    async def head(self) -> str:
        """The head of an HTTP response."""
        async with asyncio.timeout(PATIENCE_S):
            return (await self.reader.readuntil(b"\r\n\r\n")).decode()

    async def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(data)
        await self.writer.drain()

    async def frame(self) -> tuple[int, bytes]:
        """The next frame from the server: opcode and payload."""
        async with asyncio.timeout(PATIENCE_S):
            head = await self.reader.readexactly(2)
            size = head[1] & 0x7F
            if size == 126:
                size = int.from_bytes(await self.reader.readexactly(2), "big")
            elif size == 127:
                size = int.from_bytes(await self.reader.readexactly(8), "big")
            return head[0] & 0x0F, await self.reader.readexactly(size)

    async def json(self) -> Any:
        """The next text frame, decoded."""
        opcode, payload = await self.frame()
        assert opcode == 1, (opcode, payload)
        return json.loads(payload)

    async def frames(self) -> list[dict[str, Any]]:
        """The frames of the next text frame."""
        return as_frames(await self.json())

    async def sign_in(self, **fields: Any) -> None:
        """Upgrade, say hello, and be welcomed."""
        await self.upgrade()
        await self.write(frame_bytes(hello_frame(**fields)))
        assert (await self.json())["t"] == "welcome"

    async def close_code(self) -> int:
        """Skip everything up to the close frame."""
        while True:
            opcode, payload = await self.frame()
            if opcode == 8:
                return int.from_bytes(payload[:2], "big")

    async def ended(self) -> bytes:
        """What comes until the server ends the stream."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b"reset"


def masked(payload: bytes, opcode: int = 1, *, fin: bool = True, mask: bytes = b"abcd") -> bytes:
    """A frame from a client."""
    first = opcode | (0x80 if fin else 0)
    size = len(payload)
    if size < 126:
        head = bytes((first, 0x80 | size))
    elif size < 1 << 16:
        head = bytes((first, 0x80 | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((first, 0x80 | 127)) + size.to_bytes(8, "big")
    return head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


def frame_bytes(value: Any) -> bytes:
    """A JSON frame from a client, on the wire."""
    return masked(json.dumps(value).encode())


__all__ = ["Raw", "frame_bytes", "masked", "raw_socket"]
