"""A socket that ends properly: phases, deadlines and the closing handshake.

    LINE -> HELLO -> SIGNING_IN -> OPEN -> CLOSING -> GONE
              └──────────┴──────────┴────> DRAINING ──┘

CLOSING: our close frame is out and the client's is awaited. DRAINING: what still comes is thrown
away, unread; to close a socket with unread bytes would reset it, and the client would not see why.
"""

from __future__ import annotations

import asyncio
import math
from enum import IntEnum
from typing import ClassVar, Final, cast

from ...config.units import SECONDS
from .framing import close_frame
from .parser_pool import Closed
from .shared import Shared

#: From our close frame to the end of the connection, whatever the client does.
CLOSE_S: Final = 5 * SECONDS
#: The same where half a connection cannot be closed (TLS).
TLS_CLOSE_S: Final = 1 * SECONDS


class Phase(IntEnum):
    """Where in its life a connection is."""

    NEW = 0
    """The handshake is to come."""

    LINE = 1
    """It is accepted, and stands in line to be let in."""

    HELLO = 2
    """The first frame is awaited."""

    SIGNING_IN = 3
    """Who is it? Nothing is read."""

    OPEN = 4
    """A device is signed in."""

    CLOSING = 5
    """Our close frame is out; the client's is awaited."""

    DRAINING = 6
    """Our close frame is out, and nothing that comes is looked at."""

    GONE = 7
    """The socket is lost, or was never let in."""


class WebSocket(asyncio.Protocol):
    """What any connection does, whoever is at its other end.

    Attributes:
        shared: The edge's, on the class that an edge makes for itself.
        tick: The wheel's.
    """

    __slots__ = ("_code", "_deadline", "_phase", "_reading", "_transport", "tick")

    shared: ClassVar[Shared]

    def __init__(self) -> None:
        self.tick = 0
        self._phase = Phase.NEW
        self._transport: asyncio.Transport
        self._reading = True
        #: Monotonic seconds by which something has to have happened.
        self._deadline = math.inf
        #: Why it closed, once that is known.
        self._code = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is handed over."""
        # A cast, for uvloop's transports are no subclass of asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def address(self) -> str:
        """The peer's, for the log."""
        peer: object = self._transport.get_extra_info("peername")
        return str(cast("tuple[object, ...]", peer)[0]) if isinstance(peer, tuple) else ""

    def abort(self) -> None:
        """End without a word."""
        self._transport.abort()

    def send_close(self, code: int, reason: str) -> None:
        """Send the close frame now, and wait for the client's."""
        if Phase.HELLO <= self._phase < Phase.CLOSING:
            self._note(code)
            self._phase = Phase.CLOSING
            self._transport.write(close_frame(code, reason))
            self._read_on()
            self._set_deadline(CLOSE_S)

    def closing(self, code: int) -> None:
        """A close waits behind what is queued: it has this long to get out and be answered."""
        self._note(code)
        self._set_deadline(CLOSE_S)

    def on_time(self, now: float) -> float | None:
        """The wheel's call: is something overdue?"""
        if now >= self._deadline:
            self._deadline = math.inf
            self._overdue(now)
        return self._due()

    # --- for the holder -------------------------------------------------------------------------

    def _overdue(self, now: float) -> None:
        """The deadline has passed."""
        raise NotImplementedError

    def _due(self) -> float | None:
        """When there is next something to look at."""
        return self._deadline if self._deadline < math.inf else None

    def _set_deadline(self, seconds: float) -> None:
        self._deadline = self.shared.clock.monotonic() + seconds
        self._look_again()

    def _look_again(self) -> None:
        due = self._due()
        if due is not None and self._phase != Phase.GONE:
            self.shared.wheel.set(self, due)

    def _note(self, code: int) -> None:
        """The first reason is the one that counts."""
        self._code = self._code or code

    def _read_on(self) -> None:
        if not self._reading:
            self._reading = True
            self._transport.resume_reading()

    def _stop_reading(self) -> None:
        if self._reading:
            self._reading = False
            self._transport.pause_reading()

    def _fail(self, code: int, reason: str) -> None:
        """Nothing that comes can be understood any more: say why, and look at nothing."""
        self._end(Closed(code, close_frame(code, reason), broken=True))

    def _end(self, closed: Closed) -> None:
        """The client closed, or has to be left."""
        if self._phase >= Phase.CLOSING:
            # Our own close frame is out; there must not be another.
            self._transport.close()
            return
        self._phase = Phase.DRAINING
        self._note(closed.code)
        self._transport.write(closed.reply)
        if not closed.broken:
            self._transport.close()
            self._set_deadline(CLOSE_S)
            return
        self._read_on()
        if self._transport.can_write_eof():
            self._transport.write_eof()
            self._set_deadline(CLOSE_S)
        else:
            self._set_deadline(TLS_CLOSE_S)


#: What the log calls a connection that ended without a close frame.
ABNORMAL: Final = 1006

__all__ = ["ABNORMAL", "CLOSE_S", "TLS_CLOSE_S", "Phase", "WebSocket"]
