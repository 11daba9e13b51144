"""uvicorn's HTTP protocol with the bounds it leaves out: a head's size, and a request's time.

Without them a stranger can make us keep headers without end, or hold sockets by saying nothing.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from ...config.units import KIB, SECONDS

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"connection: close\r\ncontent-length: 0\r\n\r\n"
)
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class BoundedHttp(HttpToolsProtocol):
    """Answers 431 to a head that is too large, 408 to a request that takes too long to come.

    Attributes:
        head_bytes: The largest head, give or take what arrives in one read.
        head_s: From connecting, or a request's first byte, to the end of its head.
        body_s: From there to the end of its body.
    """

    head_bytes: ClassVar[int] = 64 * KIB
    head_s: ClassVar[float] = 10 * SECONDS
    body_s: ClassVar[float] = 60 * SECONDS

    _head: int | None = None
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A head has to follow."""
        # uvloop's transports are no subclasses of asyncio's.
        super().connection_made(cast("asyncio.Transport", transport))
        self._expect(self.head_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is expected any more."""
        self._expect(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes of a request."""
        super().data_received(data)
        if self._head is not None:
            self._head += len(data)
            if self._head > self.head_bytes:
                self._refuse(_TOO_LARGE)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._head = 0
        if self._deadline is None:
            self._expect(self.head_s)

    def on_headers_complete(self) -> None:
        """Its head is here."""
        self._head = None
        self._expect(self.body_s)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of it is here, or it becomes a WebSocket."""
        self._expect(None)
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """The socket is somebody else's from here on."""
        super().handle_websocket_upgrade()
        # It and its parser hold each other: 5 KB a connection until the garbage is collected.
        self.parser = None  # type: ignore[assignment]  # as its connection_lost does

    def _expect(self, within_s: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if within_s is not None:
            self._deadline = self.loop.call_later(within_s, self._late)

    def _late(self) -> None:
        self._deadline = None
        self._refuse(_TOO_SLOW)

    def _refuse(self, answer: bytes) -> None:
        self._head = None
        if self.transport.is_closing():
            return
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is None or cycle.response_complete or not cycle.response_started:
            # Else a response is under way, and this would be taken for a part of it.
            self.transport.write(answer)
        self.transport.close()


__all__ = ["BoundedHttp"]
