"""The load on the raw floor: the same bytes, the same number in flight, as many sockets."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from . import meter
from .result import LostError

ROOT = Path(__file__).parents[2]

#: Far above what the floor takes for a round.
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Sizes:
    """The bytes on the wire of one send, one delivery and one ack."""

    sent: int
    delivered: int
    acked: int


class _Side(asyncio.Protocol):
    """A socket of the load: it counts bytes."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.got = 0
        self.ready = asyncio.Event()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's own is no subclass

    def data_received(self, data: bytes) -> None:
        if not self.ready.is_set():
            data = data[1:]
            self.ready.set()
        self.got += len(data)
        self.counted()

    def counted(self) -> None:
        """More came."""


class _Hearer(_Side):
    """Gets everything."""

    def __init__(self, room: int, round_over: Round) -> None:
        super().__init__(room)
        self._round = round_over
        self.due = 0

    def counted(self) -> None:
        """Say so when everything of the round is here."""
        if self.got == self.due > 0:
            self._round.one_is_done()


class _Sender(_Side):
    """Sends the next one when it has the ack of the one before."""

    def __init__(self, room: int, sizes: Sizes) -> None:
        super().__init__(room)
        self._sizes = sizes
        self._message = b"m" * sizes.sent
        self._left = 0
        self._due = 0

    def begin(self, messages: int) -> None:
        """Send so many, one in flight."""
        self._left = messages
        self._due = self.got
        self._next()

    def counted(self) -> None:
        """The ack may be here."""
        if self.got == self._due and self._left:
            self._next()

    def _next(self) -> None:
        assert self.transport is not None
        self._left -= 1
        self._due += self._sizes.acked
        self.transport.write(self._message)


class Round:
    """One round: how many hearers still wait."""

    def __init__(self) -> None:
        self._open = 0
        self._done = asyncio.Event()

    def expect(self, hearers: int) -> None:
        """A new round."""
        self._open = hearers
        self._done.clear()

    def one_is_done(self) -> None:
        """A hearer has everything."""
        self._open -= 1
        if not self._open:
            self._done.set()

    async def wait(self) -> None:
        """Until all have everything."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._done.wait()
        except TimeoutError:
            raise LostError(f"the floor: {self._open} sockets still wait") from None


class Floor:
    """A running floor server with its sockets."""

    def __init__(
        self,
        pid: int,
        sizes: Sizes,
        rooms: int,
        round_: Round,
        hearers: list[_Hearer],
        senders: list[_Sender],
    ) -> None:
        self._pid = pid
        self._rooms = rooms
        self._sizes = sizes
        self._round = round_
        self._hearers = hearers
        self._senders = senders

    async def cost_us(self, messages: int, in_flight: int) -> float:
        """CPU of the server for each message, in us: it is read, heard by a room, acknowledged."""
        senders = self._senders[:in_flight]
        each = messages // in_flight
        for hearer in self._hearers:
            in_room = sum(1 for n in range(in_flight) if n % self._rooms == hearer.room)
            hearer.due = hearer.got + each * in_room * self._sizes.delivered
        self._round.expect(len(self._hearers))
        before = meter.cpu_s(self._pid)
        for sender in senders:
            sender.begin(each)
        await self._round.wait()
        used = meter.cpu_s(self._pid) - before
        return used * 1e6 / (each * in_flight)


@asynccontextmanager
async def floor(
    sizes: Sizes, *, hearers: int, senders: int, rooms: int = 1
) -> AsyncGenerator[Floor]:
    """A floor server in its own process, with so many sockets that hear and that send.

    Args:
        rooms: They are dealt out to so many rooms in turn.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.pieces.floor_server",
        *map(str, (sizes.sent, sizes.delivered, sizes.acked)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    sides: list[_Side] = []
    try:
        assert process.stdout is not None
        port = int(await process.stdout.readline())
        round_ = Round()
        hear = [_Hearer(n % rooms, round_) for n in range(hearers)]
        send = [_Sender(n % rooms, sizes) for n in range(senders)]
        sides = [*hear, *send]
        for side in sides:
            await _join(side, b"R" if isinstance(side, _Hearer) else b"S", port)
        yield Floor(process.pid, sizes, rooms, round_, hear, send)
    finally:
        for side in sides:
            if side.transport is not None:
                side.transport.abort()
        process.terminate()
        await process.wait()


async def _join(side: _Side, role: bytes, port: int) -> None:
    await asyncio.get_running_loop().create_connection(lambda: side, "127.0.0.1", port)
    assert side.transport is not None
    side.transport.write(role + bytes((side.room,)))
    await side.ready.wait()


__all__ = ["ROOT", "Floor", "Sizes", "floor"]
