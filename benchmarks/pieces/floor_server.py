"""The raw floor: a bare asyncio.Protocol that passes bytes on, and nothing else.

    python -m benchmarks.pieces.floor_server IN OUT ACK      sizes in bytes; prints its port

A connection says in its first two bytes what it is, R for one that hears or S for one that sends,
and in which room. Of every IN bytes that a sender wrote, each R of its room gets OUT bytes and the
sender ACK bytes: what a chat server would write, without a frame parsed, an actor told or a row
stored. Each is a write of its own; those that meet in one turn of the loop are joined by uvloop.
"""

from __future__ import annotations

import asyncio
import sys
from typing import cast

import uvloop

#: {room: who hears}
Rooms = dict[int, list[asyncio.Transport]]


class _Floor(asyncio.Protocol):
    def __init__(self, sizes: tuple[int, int, int], rooms: Rooms) -> None:
        self._in, out, ack = sizes
        self._frame, self._ack = b"x" * out, b"a" * ack
        self._rooms = rooms
        self._hearers: list[asyncio.Transport] | None = None
        self._got = 0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is no subclass

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        hearers = self._hearers
        if hearers is None:
            hearers = self._hearers = self._rooms.setdefault(data[1], [])
            if data[:1] == b"R":
                hearers.append(self._transport)
            self._transport.write(b"k")
            data = data[2:]
        whole, self._got = divmod(self._got + len(data), self._in)
        for _ in range(whole):
            frame = self._frame
            for hearer in hearers:
                hearer.write(frame)
            self._transport.write(self._ack)


async def main(sizes: tuple[int, int, int]) -> None:
    """Serve until the process is ended."""
    rooms: Rooms = {}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Floor(sizes, rooms), "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    size_in, size_out, size_ack = map(int, sys.argv[1:4])
    uvloop.run(main((size_in, size_out, size_ack)))
