"""A socket after its upgrade: what uvicorn makes for `ws=`.

    bytes -> slices -> pooled parser -> messages -> frames -> SignedIn
                 └─ kept while it is blocked; the socket is not read meanwhile

It does the handshake, knows who signed in, and hears whether the client is still there. How a
socket ends is WebSocket's; what a signed-in device asks for is SignedIn's.
"""

from __future__ import annotations

import asyncio
import math
from typing import Any, Final

import structlog

from ...config.errors import ForbiddenError, Refusal, StoreError, UnauthenticatedError
from ...config.units import SECONDS
from ..wire import frames
from ..wire.codec import CODECS, Broken, Codec, FrameError
from ..wire.codes import CloseCode
from .framing import PING_FRAME
from .handshake import Rejected
from .identity import Identity
from .outbox import Outbox
from .parser_pool import Message, Reader
from .signed_in import SignedIn
from .web_socket import ABNORMAL, Phase, WebSocket

#: How long one may stand in line to be let in; the client gives up about then.
LINE_S: Final = 30 * SECONDS
#: From the handshake to the first frame.
HELLO_S: Final = 5 * SECONDS
#: From the first frame to knowing who it is.
SIGN_IN_S: Final = 10 * SECONDS
#: How long a socket may take nothing at all.
STUCK_S: Final = 30 * SECONDS
#: Pings without an answer after which nobody is there.
MISSES: Final = 2
#: Bytes that are parsed at once, so that a flood of tiny frames is noticed early.
SLICE: Final = 8 * 1024
#: Messages that are handled before others have their turn.
MESSAGES: Final = 256

_CODECS: Final = {codec.subprotocol: codec for codec in CODECS}

log = structlog.get_logger(__name__)


class Holder(WebSocket):
    """The Protocol class; each edge has a subclass of its own that knows `shared`."""

    __slots__ = (
        "_codec",
        "_device",
        "_early",
        "_heard",
        "_leave",
        "_misses",
        "_reader",
        "_rest",
        "_signing_in",
        "_since",
        "_stuck_bytes",
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
        #: Monotonic seconds: when the handshake was, and when the client was last heard.
        self._since = self._heard = 0.0
        self._misses = 0
        #: What the socket's buffer held when it was last looked at.
        self._stuck_bytes = 0
        self._signing_in: asyncio.Task[None] | None = None
        self._device: SignedIn | None = None
        #: When the client has to be gone after `bye`, and the code if it is not.
        self._leave: tuple[float, int, str] | None = None

    # --- asyncio's side -------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Bytes of the handshake, then of WebSocket."""
        if self._phase == Phase.NEW:
            self._knock(data)
        elif Phase.HELLO <= self._phase < Phase.DRAINING:
            self._heard = self.shared.clock.monotonic()
            self._misses = 0
            if self._rest is not None or self._is_blocked():
                # Reading stops with the first bytes that have to wait, not before: the end of a
                # socket that is not read goes unnoticed.
                self._rest = data if self._rest is None else self._rest + data
                self._stop_reading()
            else:
                self._read(data)

    def pause_writing(self) -> None:
        """The socket's buffer is full."""
        if self._device is not None:
            self._device.outbox.pause()
            if self._phase == Phase.OPEN and not self._device.outbox.closing:
                self._stuck_bytes = self._transport.get_write_buffer_size()
                self._set_deadline(STUCK_S)

    def resume_writing(self) -> None:
        """The socket's buffer has room again."""
        if self._device is not None:
            if self._phase == Phase.OPEN and not self._device.outbox.closing:
                self._deadline = math.inf
            self._device.outbox.resume()

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
            self._count_out(device)

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
        shared.census.connections += 1
        shared.metrics.connections.inc()
        self._codec = _CODECS[answer.subprotocol]
        self._since = shared.clock.monotonic()
        self._phase = Phase.LINE
        self._set_deadline(LINE_S)
        shared.admission.enter(self, lambda: self._let_in(answer.response))

    def _let_in(self, response: bytes) -> None:
        self._phase = Phase.HELLO
        self._transport.write(response)
        self._heard = self.shared.clock.monotonic()
        self._set_deadline(HELLO_S)

    def _count_out(self, device: SignedIn | None) -> None:
        shared, census = self.shared, self.shared.census
        census.connections -= 1
        shared.metrics.connections.dec()
        code = self._code or ABNORMAL
        shared.metrics.closes.labels(str(int(code))).inc()
        log.info(
            "connection_closed",
            code=int(code),
            session=device.session if device is not None else "",
            user=device.user if device is not None else "",
            seconds=round(shared.clock.monotonic() - self._since, 1),
        )
        if census.connections == 0 and census.emptied is not None:
            census.emptied()

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
        if self._device is None or self._phase != Phase.OPEN:
            return self._phase < Phase.CLOSING
        # A client that pings and does not read gets no pongs; they would pile up.
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
        try:
            who = await self.shared.authenticator.authenticate(hello.token)
            if who.device != hello.device:
                raise ForbiddenError("That token is for another device.")
            if self._phase == Phase.SIGNING_IN:
                self._open(who, hello)
        except UnauthenticatedError as refusal:
            self.close(CloseCode.UNAUTHENTICATED, refusal.text)
        except ForbiddenError as refusal:
            self.close(CloseCode.FORBIDDEN, refusal.text)
        except (Refusal, StoreError):
            self.close(CloseCode.GAVE_UP, "Not possible just now.")
        finally:
            self._signing_in = None
            if self._phase == Phase.SIGNING_IN:
                # What else the authenticator raised goes on, to the log of tasks.
                self.close(CloseCode.GAVE_UP, "Not possible just now.")

    def _open(self, who: Identity, hello: frames.Hello) -> None:
        shared = self.shared
        device = self._device = SignedIn(shared, self, who, hello)
        lane = shared.lanes[self._codec.subprotocol]
        device.outbox = Outbox(lane, device, self._transport, hello.cut)
        self._phase = Phase.OPEN
        self._deadline = math.inf
        # The first ping comes earlier for some: after a stampede all would come at once.
        self._heard -= shared.chance.uniform(0, shared.heartbeat_s / 2)
        self._look_again()
        early, self._early = self._early, None
        if early:
            device.take(early)
        shared.directory.add(device)
        shared.nursery.start_session(device)

    # --- closing --------------------------------------------------------------------------------

    def close(self, code: int, reason: str) -> None:
        """Close with this code after what is queued."""
        if self._phase <= Phase.LINE:
            self._note(code)
            self.abort()
        elif self._device is not None:
            self._device.outbox.close(code, reason)
        else:
            self.send_close(code, reason)

    def bye(self, after_s: float, code: int, reason: str) -> None:
        """Ask the client to go within these seconds; close then, if it has not."""
        device = self._device
        if device is None or not device.welcomed:
            self.close(code, reason)
        else:
            device.outbox.keep(
                device.outbox.lane.renderer.frame(frames.Bye(after=round(after_s * 1000)))
            )
            self._leave = (self.shared.clock.monotonic() + after_s, code, reason)
            self._look_again()

    def _last_words(self) -> None:
        """Write what is queued as far as it goes, and nothing after it."""
        if self._device is not None:
            self._device.outbox.flush()
            self._device.outbox.lost()

    # --- time -----------------------------------------------------------------------------------

    def expires(self) -> None:
        """The token has a new end."""
        self._look_again()

    def on_time(self, now: float) -> float | None:
        """The wheel's call: the deadline, else what a signed-in device has to be looked at for."""
        device = self._device
        if self._phase == Phase.OPEN and device is not None and now < self._deadline:
            self._check(now, device)
        return super().on_time(now)

    def _check(self, now: float, device: SignedIn) -> None:
        if self.shared.clock.now_ms() >= device.expires_ms:
            device.outbox.close(CloseCode.UNAUTHENTICATED, "The token has expired.")
        elif self._leave is not None and now >= self._leave[0]:
            _, code, reason = self._leave
            device.outbox.close(code, reason)
        elif not self._reading:
            # Its answers cannot be seen; the other end has not been silent.
            self._heard = now
            self._misses = 0
        elif now >= self._ping_due():
            if self._misses >= MISSES:
                self.abort()
                return
            self._misses += 1
            if not device.outbox.paused:
                self._transport.write(PING_FRAME)

    def _overdue(self, now: float) -> None:
        device = self._device
        if self._phase == Phase.HELLO:
            self.close(CloseCode.NO_HELLO, "No hello in time.")
        elif self._phase == Phase.SIGNING_IN:
            self.close(CloseCode.GAVE_UP, "Not possible just now.")
        elif self._phase != Phase.OPEN or device is None or device.outbox.closing:
            self.abort()
        elif self._transport.get_write_buffer_size() < self._stuck_bytes:
            # Slow, but it moves.
            self._stuck_bytes = self._transport.get_write_buffer_size()
            self._deadline = now + STUCK_S
        else:
            device.outbox.lost()
            self.send_close(CloseCode.STUCK, "What was sent was not read.")

    def _ping_due(self) -> float:
        return self._heard + (self._misses + 1) * self.shared.heartbeat_s

    def _due(self) -> float | None:
        device = self._device
        if self._phase != Phase.OPEN or device is None or device.outbox.closing:
            return super()._due()
        clock = self.shared.clock
        left_s = (device.expires_ms - clock.now_ms()) / 1000
        due = min(self._deadline, self._ping_due(), clock.monotonic() + max(0.0, left_s))
        return due if self._leave is None else min(due, self._leave[0])


__all__ = [
    "HELLO_S",
    "LINE_S",
    "MESSAGES",
    "MISSES",
    "SIGN_IN_S",
    "SLICE",
    "STUCK_S",
    "Holder",
]
