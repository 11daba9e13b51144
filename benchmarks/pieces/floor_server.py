"""The raw floor: a bare asyncio.Protocol that passes bytes on, and nothing else.

    python -m benchmarks.pieces.floor_server IN OUT ACK      sizes in bytes; prints its port

A connection says in its first byte what it is: R hears everything, S sends. Of every IN bytes that
a sender wrote, every R gets OUT bytes and the sender ACK bytes: what a chat server would write,
without a frame parsed, an actor told or a row stored. Each is a write of its own; those that meet
in one turn of the loop are joined by uvloop itself.
"""

from __future__ import annotations

import asyncio
import sys
from typing import cast

import uvloop


class _Floor(asyncio.Protocol):
    def __init__(self, sizes: tuple[int, int, int], hearers: list[asyncio.Transport]) -> None:
        self._in, out, ack = sizes
        self._frame, self._ack = b"x" * out, b"a" * ack
        self._hearers = hearers
        self._role = b""
        self._got = 0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is no subclass

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        if not self._role:
            self._role, data = data[:1], data[1:]
            if self._role == b"R":
                self._hearers.append(self._transport)
            self._transport.write(b"k")
        whole, self._got = divmod(self._got + len(data), self._in)
        for _ in range(whole):
            frame = self._frame
            for hearer in self._hearers:
                hearer.write(frame)
            self._transport.write(self._ack)


async def main(sizes: tuple[int, int, int]) -> None:
    """Serve until the process is ended."""
    hearers: list[asyncio.Transport] = []
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Floor(sizes, hearers), "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    size_in, size_out, size_ack = map(int, sys.argv[1:4])
    uvloop.run(main((size_in, size_out, size_ack)))
