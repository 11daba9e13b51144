"""A socket after its upgrade: what uvicorn makes for `ws=`.

    bytes -> slices -> pooled parser -> messages -> frames -> SignedIn
                 └─ kept while it is blocked; the socket is not read meanwhile

It does the handshake, reads, and finds out who it is. How a socket ends is WebSocket's, whether
anybody is still there is WatchedSocket's, what a signed-in device asks for is SignedIn's.
"""

from __future__ import annotations

import asyncio
import math
from typing import Any, Final

from ...config.errors import UnavailableError
from ...config.units import SECONDS
from ..wire import frames
from ..wire.codec import CODECS, Broken, Codec, FrameError
from ..wire.codes import CloseCode
from .handshake import Rejected
from .identity import Identity
from .outbox import Outbox
from .parser_pool import Message, Reader
from .sign_in import TurnedAway, sign_in
from .signed_in import SignedIn
from .watched_socket import WatchedSocket
from .web_socket import ABNORMAL, Phase

#: How long one may stand in line to be let in; the client gives up about then.
LINE_S: Final = 30 * SECONDS
#: From the handshake to the first frame.
HELLO_S: Final = 5 * SECONDS
#: From the first frame to knowing who it is.
SIGN_IN_S: Final = 10 * SECONDS
#: Bytes that are parsed at once, so that a flood of tiny frames is noticed early.
SLICE: Final = 8 * 1024
#: Messages that are handled before others have their turn.
MESSAGES: Final = 256

_CODECS: Final = {codec.subprotocol: codec for codec in CODECS}


class Holder(WatchedSocket):
    """The Protocol class; each edge has a subclass of its own that knows `shared`."""

    __slots__ = (
        "_codec",
        "_early",
        "_reader",
        "_rest",
        "_signing_in",
        "_since",
    )

    def __init__(self, **_uvicorn: Any) -> None:
        """
        Args:
            _uvicorn: Its config and state, which nothing here needs.
        """
        super().__init__()
        self._codec: Codec
        #: The parser in use while a message is half here.
        self._reader: Reader | None = None
        #: Bytes that were read before reading stopped; what followed hello too soon.
        self._rest: bytes | None = None
        self._early: list[frames.InFrame | Broken] | None = None
        #: Monotonic seconds of the handshake.
        self._since = 0.0
        self._signing_in: asyncio.Task[None] | None = None

    # --- asyncio's side -------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Bytes of the handshake, then of WebSocket."""
        if self._phase == Phase.NEW:
            self._knock(data)
        elif Phase.HELLO <= self._phase < Phase.DRAINING:
            self._hear(self.shared.clock.monotonic())
            if self._rest is not None or self._is_blocked():
                # Reading stops with the first bytes that have to wait, not before: the end of a
                # socket that is not read goes unnoticed.
                self._rest = data if self._rest is None else self._rest + data
                self._stop_reading()
            else:
                self._read(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone."""
        shared, phase = self.shared, self._phase
        self._phase = Phase.GONE
        shared.wheel.drop(self)
        shared.admission.leave(self)
        self._reader = self._rest = self._early = None
        if self._signing_in is not None:
            self._signing_in.cancel()
        device, self._device = self._device, None
        if device is not None:
            device.lost()
            shared.directory.remove(device)
            shared.nursery.end_session(device.session)
        if Phase.NEW < phase < Phase.GONE:
            seconds = shared.clock.monotonic() - self._since
            shared.census.went(int(self._code or ABNORMAL), device, seconds)

    # --- the handshake --------------------------------------------------------------------------

    def _knock(self, request: bytes) -> None:
        # Before it stands in line: where nobody is let in, nobody waits.
        shared = self.shared
        secure = self._transport.get_extra_info("sslcontext") is not None
        answer = shared.handshake.answer(request, secure=secure, refuse=shared.census.refusal())
        if isinstance(answer, Rejected):
            shared.metrics.refusals.labels(f"http_{answer.status}").inc()
            self._phase = Phase.GONE
            self._transport.write(answer.response)
            self._transport.close()
            return
        shared.census.came()
        self._codec = _CODECS[answer.subprotocol]
        self._since = shared.clock.monotonic()
        self._phase = Phase.LINE
        self._set_deadline(LINE_S)
        shared.admission.enter(self, lambda: self._let_in(answer.response))

    def _let_in(self, response: bytes) -> None:
        self._phase = Phase.HELLO
        self._transport.write(response)
        self._set_deadline(HELLO_S)

    # --- bytes in -------------------------------------------------------------------------------

    def flow(self) -> None:
        """Read on, or stop reading."""
        if self._phase >= Phase.DRAINING:
            return
        if self._rest is None:
            self._read_on()
        else:
            self._stop_reading()
            if not self._is_blocked():
                self.shared.system.at_turn_end(self._read_rest)

    def _is_blocked(self) -> bool:
        if self._phase == Phase.OPEN:
            return self._device is not None and self._device.blocked
        return self._phase == Phase.SIGNING_IN

    def send_close(self, code: int, reason: str) -> None:
        """Send the close frame now; the client's may stand behind bytes that wait."""
        super().send_close(code, reason)
        self.flow()

    def _read_rest(self) -> None:
        rest = self._rest
        if rest is not None and not self._is_blocked():
            self._rest = None
            self._read(rest)

    def _read(self, data: bytes) -> None:
        handled = at = 0
        while at < len(data) and self._phase < Phase.DRAINING:
            piece = data[at : at + SLICE] if len(data) > SLICE else data
            at += SLICE
            handled += self._parse(piece)
            if self._is_blocked() or handled >= MESSAGES:
                self._rest = data[at:] or None
                break
        if self._rest is not None or not self._reading:
            self.flow()

    def _parse(self, data: bytes) -> int:
        """Handle what these bytes complete.

        Returns: How many messages, pings included.
        """
        pool = self.shared.pool
        if self._reader is None and (lone := pool.lone_message(data)) is not None:
            if self._phase < Phase.CLOSING:
                self._message(lone)
            return 1
        reader = self._reader or pool.borrow()
        received = reader.receive(data)
        if reader.is_idle:
            self._reader = None
            pool.give_back(reader)
        else:
            self._reader = reader
        for message in received.messages:
            if self._phase >= Phase.CLOSING:
                break
            self._message(message)
        if received.closed is not None:
            self._reader = None
            self._last_words()
            self._end(received.closed)
        elif received.pongs and self._may_pong(len(received.pongs)):
            self._transport.write(b"".join(received.pongs))
        return len(received.messages) + len(received.pongs)

    def _may_pong(self, count: int) -> bool:
        # A client that pings and does not read gets no pongs; they would pile up.
        if self._device is None:
            return self._phase < Phase.CLOSING and not self._transport.get_write_buffer_size()
        if self._phase != Phase.OPEN:
            return False
        return self._device.take_pings(count) and not self._device.outbox.paused

    def _message(self, message: Message) -> None:
        self.shared.metrics.frames_in.inc()
        if message.binary is not self._codec.binary:
            self.close(CloseCode.BAD_FRAME, "This subprotocol has messages of the other type.")
            return
        try:
            if not message.binary:
                # msgspec does not look at the bytes of fields that it ignores.
                message.data.decode()
            arrived = self._codec.decode(message.data)
        except UnicodeDecodeError:
            self._last_words()
            self._fail(CloseCode.INVALID_DATA, "Not UTF-8.")
            return
        except FrameError as error:
            self.close(CloseCode.BAD_FRAME, str(error))
            return
        if self._phase == Phase.HELLO and arrived:
            self._hello(arrived[0])
            del arrived[0]
        if self._device is not None:
            self._device.take(arrived)
        elif arrived and self._phase == Phase.SIGNING_IN:
            # A client that does not wait for its welcome; at most a slice of such.
            self._early = [*(self._early or ()), *arrived]

    # --- signing in -----------------------------------------------------------------------------

    def _hello(self, frame: frames.InFrame | Broken) -> None:
        if not isinstance(frame, frames.Hello):
            self.close(CloseCode.BAD_FRAME, "The first frame is hello.")
        elif frame.v != 1:
            self.close(CloseCode.BAD_FRAME, "This server speaks version 1.")
        else:
            self._phase = Phase.SIGNING_IN
            self._set_deadline(SIGN_IN_S)
            self._signing_in = self.shared.system.tasks.start(self._sign_in(frame), "sign in")

    async def _sign_in(self, hello: frames.Hello) -> None:
        who = await sign_in(self.shared.authenticator, hello)
        self._signing_in = None
        if self._phase != Phase.SIGNING_IN:
            return
        if isinstance(who, TurnedAway):
            self.close(who.code, who.reason)
            return
        try:
            self._open(who, hello)
        except UnavailableError:
            # No Session can be started: the node is on its way out.
            self.close(CloseCode.GAVE_UP, "Not possible just now.")

    def _open(self, who: Identity, hello: frames.Hello) -> None:
        shared = self.shared
        device = self._device = SignedIn(shared, self, who, hello)
        lane = shared.lanes[self._codec.subprotocol]
        device.outbox = Outbox(lane, device, self._transport, hello.cut)
        self._phase = Phase.OPEN
        self._deadline = math.inf
        # The first ping comes earlier for some: after a stampede all would come at once.
        self._hear(shared.clock.monotonic() - shared.chance.uniform(0, shared.heartbeat_s / 2))
        self._look_again()
        early, self._early = self._early, None
        if early:
            device.take(early)
        shared.directory.add(device)
        shared.nursery.start_session(device)


__all__ = [
    "HELLO_S",
    "LINE_S",
    "MESSAGES",
    "SIGN_IN_S",
    "SLICE",
    "Holder",
]
