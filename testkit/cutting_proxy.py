"""A TCP proxy between a node and what it leans on, which can cut the wire in every way.

    node ──> proxy ──> service          sent: bytes to the service     heard: bytes from it

It runs on the loop it is started on; `proxy_process` gives it a process of its own.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from typing import Literal, NamedTuple, TypeAlias

#: What goes to the service is sent, what comes from it is heard; by the node, that is.
Direction: TypeAlias = Literal["sent", "heard"]
BOTH: tuple[Direction, ...] = ("sent", "heard")

#: How much is read at once, and how many of these are held while they are late or cut off. What is
#: more waits with its sender, as it does on a wire.
_CHUNK_BYTES = 1 << 16
_HELD = 64
#: SO_LINGER: close at once, and let the other side know by a reset.
_RESET = struct.pack("ii", 1, 0)


class _Chunk(NamedTuple):
    """Bytes under way; no byte: the end of all; None: an end without a word."""

    due: float
    data: bytes | None


class CuttingProxy:
    """See the module; every order holds for the connections that are there and for new ones.

    Attributes:
        port: Where it listens, once started.
        passed: {direction: bytes that it passed on}.
    """

    def __init__(self, host: str, port: int) -> None:
        """Not started yet.

        Args:
            host, port: The service.
        """
        self.port = 0
        self.passed: dict[Direction, int] = dict.fromkeys(BOTH, 0)
        self._service = (host, port)
        self._server: asyncio.Server | None = None
        self._delay_s: dict[Direction, float] = dict.fromkeys(BOTH, 0.0)
        self._open: dict[Direction, asyncio.Event] = {each: asyncio.Event() for each in BOTH}
        self._refuses = False
        self._ends: set[asyncio.StreamWriter] = set()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen, on a free port unless one is named."""
        self.mend()
        self._server = await asyncio.start_server(self._serve, host, port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close everything."""
        assert self._server is not None
        self._server.close()
        self.cut()
        for each in BOTH:
            self._open[each].set()
        await self._server.wait_closed()

    # --- orders ---------------------------------------------------------------------------------

    def cut(self) -> None:
        """Reset every connection, and each new one at once."""
        self._refuses = True
        for end in self._ends:
            _reset(end)

    def silence(self, *directions: Direction) -> None:
        """Nothing passes and nobody is told, both ways or one; connections stand.

        What is said meanwhile is held, as it would be by whoever sends it again on a real wire: it
        comes when the wire is mended.
        """
        for each in directions or BOTH:
            self._open[each].clear()

    def delay(self, seconds: float, *directions: Direction) -> None:
        """What is said from now on is late by so much, both ways or one."""
        for each in directions or BOTH:
            self._delay_s[each] = seconds

    def mend(self) -> None:
        """Everything passes, and nothing is late."""
        self._refuses = False
        for each in BOTH:
            self._delay_s[each] = 0.0
            self._open[each].set()

    @property
    def connections(self) -> int:
        """How many there are."""
        return len(self._ends) // 2

    # --- inside ---------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The handshake goes both ways, too.
        for each in BOTH:
            await self._open[each].wait()
        try:
            answers, service = await asyncio.open_connection(*self._service)
        except OSError:
            _reset(writer)
            return
        ends = (writer, service)
        self._ends.update(ends)
        if self._refuses:
            self.cut()
        await asyncio.gather(
            self._pass("sent", reader, service, ends), self._pass("heard", answers, writer, ends)
        )
        self._ends.difference_update(ends)
        for end in ends:
            end.close()

    async def _pass(
        self,
        direction: Direction,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        ends: tuple[asyncio.StreamWriter, ...],
    ) -> None:
        held: asyncio.Queue[_Chunk] = asyncio.Queue(_HELD)
        await asyncio.gather(
            self._take(direction, source, held), self._give(direction, held, target, ends)
        )

    async def _take(
        self, direction: Direction, source: asyncio.StreamReader, held: asyncio.Queue[_Chunk]
    ) -> None:
        now = asyncio.get_running_loop().time
        data: bytes | None = None
        while data != b"":
            try:
                data = await source.read(_CHUNK_BYTES)
            except OSError:
                data = None
            await held.put(_Chunk(now() + self._delay_s[direction], data))
            if data is None:
                return

    async def _give(
        self,
        direction: Direction,
        held: asyncio.Queue[_Chunk],
        target: asyncio.StreamWriter,
        ends: tuple[asyncio.StreamWriter, ...],
    ) -> None:
        now = asyncio.get_running_loop().time
        while True:
            due, data = await held.get()
            if due > now():
                await asyncio.sleep(due - now())
            await self._open[direction].wait()
            try:
                if data is None:
                    raise ConnectionResetError
                if not data:
                    target.write_eof()
                    return
                # To whom is gone nothing is said, but all of it is taken.
                if not target.is_closing():
                    target.write(data)
                    await target.drain()
                    self.passed[direction] += len(data)
            except OSError:
                # One side is gone without a word: so it is for the other.
                for end in ends:
                    _reset(end)
                if not data:
                    return


def _reset(end: asyncio.StreamWriter) -> None:
    wire: socket.socket = end.get_extra_info("socket")
    with suppress(OSError):
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    end.transport.abort()


__all__ = ["BOTH", "CuttingProxy", "Direction"]
