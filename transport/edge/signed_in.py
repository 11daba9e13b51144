"""A signed-in device: what it asked for, between its socket and its Session.

    frames -> rate -> backlog -> tell the Session -> unanswered -> answer
                         └─ waits, in order, while the Session is away or full, or too much is
                            unanswered; nothing is read from the socket meanwhile

It outlives its Session. A new one gets what was told and not yet answered (`handover`); what was
not yet told follows once it is attached.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final, Protocol

from ...actors.answers import Answer, Done
from ...actors.ports import Handover
from ...actors.requests import Notice, Request, WatchRequest
from ...config.clock import Timer
from ...config.errors import (
    BadRequestError,
    ForbiddenError,
    InternalError,
    MailboxFullError,
    RateLimitedError,
    Refusal,
    StoreError,
    UnavailableError,
)
from ...config.ids import DeviceId, UserId
from ...config.units import SECONDS
from ..wire import frames, out_frames
from ..wire.codec import Broken
from ..wire.codes import CloseCode
from .identity import Identity
from .outbox import Outbox
from .requests import to_request
from .shared import Shared
from .token_bucket import TokenBucket

#: A request in hand at so many crashes of its Session is not given to another one.
CRASHES: Final = 2
#: When a full mailbox is tried again.
FULL_RETRY_S: Final = 0.1 * SECONDS


class Socket(Protocol):
    """The socket's side of a connection."""

    def flow(self) -> None:
        """`blocked` may have changed: read on, or stop reading."""
        ...

    def closing(self, code: int) -> None:
        """A close with this code waits behind what is queued."""
        ...

    def send_close(self, code: int, reason: str) -> None:
        """Everything is written: the close frame follows."""
        ...

    def abort(self) -> None:
        """End without a word."""
        ...

    def expires(self) -> None:
        """`expires_ms` has changed."""
        ...

    def address(self) -> str:
        """The peer's, for the log."""
        ...


class SignedIn:
    """Implements the actors' port Connection, and owns the outbox.

    Attributes:
        session, user, device, inst, attempt, outbox, welcomed: As the port says.
        expires_ms: UTC ms; the token vouches for nobody from then on.
    """

    __slots__ = (
        "_backlog",
        "_bucket",
        "_ref",
        "_renewal",
        "_retry",
        "_shared",
        "_socket",
        "_unanswered",
        "_watch",
        "attempt",
        "device",
        "expires_ms",
        "inst",
        "outbox",
        "session",
        "user",
        "welcomed",
    )

    def __init__(self, shared: Shared, socket: Socket, who: Identity, hello: frames.Hello) -> None:
        self._shared = shared
        self._socket: Socket | None = socket
        self.session = shared.next_session()
        self.user: UserId = who.user
        self.device: DeviceId = who.device
        self.expires_ms = who.expires_ms
        self.inst = hello.inst
        self.attempt = hello.try_
        self.outbox: Outbox
        self.welcomed = False
        self._watch: WatchRequest | None = None
        #: {id: (request, crashes)}: told to a Session and not yet answered; None for none.
        self._unanswered: dict[int, tuple[Request, int]] | None = None
        #: What cannot be told yet, in order; None for nothing.
        self._backlog: deque[frames.InFrame | Broken] | None = None
        #: The Session that has taken over; another one under our name has not done so yet.
        self._ref: object | None = None
        self._bucket: TokenBucket | None = None
        self._renewal: asyncio.Task[None] | None = None
        self._retry: Timer | None = None

    # --- the Session's side ---------------------------------------------------------------------

    def handover(self) -> Handover:
        """What a new Session takes over. A request that was in hand too often is refused."""
        restarted = self._ref is not None
        self._ref = self._shared.system.lookup(self.session)
        again: list[Request] = []
        for number, (request, crashes) in list((self._unanswered or {}).items()):
            if restarted:
                crashes += 1
            if crashes >= CRASHES:
                self.outbox.answer(number, InternalError())
            elif self._unanswered is not None:
                self._unanswered[number] = (request, crashes)
                again.append(request)
        return Handover(again, self._watch, restarted)

    def attached(self, mine: int) -> None:
        """Welcome the client, the first time; go on with what waits."""
        if self._socket is None:
            return
        if not self.welcomed:
            self.welcomed = True
            self._welcome(mine)
        self._shared.system.at_turn_end(self.go_on)

    def _welcome(self, mine: int) -> None:
        shared = self._shared
        shared.census.opened(self, self._socket.address() if self._socket is not None else "")
        self.outbox.release(
            self.outbox.lane.renderer.frame(
                out_frames.Welcome(
                    user=self.user,
                    device=self.device,
                    node=shared.node,
                    now=shared.clock.now_ms(),
                    hb=round(shared.heartbeat_s),
                    mine=mine,
                    limits=shared.welcome_limits,
                )
            )
        )

    # --- the outbox's side ----------------------------------------------------------------------

    def expects(self, request: int) -> bool:
        """Whether this request waits for an answer."""
        return self._unanswered is not None and request in self._unanswered

    def answered(self, request: int, answer: Answer) -> bool:
        """The last answer to this request is here."""
        done = self._forget(request)
        if done is None:
            return False
        if isinstance(done, WatchRequest) and isinstance(answer, Done):
            # Only one that did no harm is for the next Session too.
            self._watch = done
        if self._backlog is not None:
            self._shared.system.at_turn_end(self.go_on)
        return True

    def weighed(self) -> None:
        """The outbox got too heavy, or is not any more."""
        if self.outbox.heavy:
            self._flow()
        else:
            self._shared.system.at_turn_end(self.go_on)

    def close_asked(self, code: int) -> None:
        """A close with this code waits behind what is queued."""
        if self._socket is not None:
            self._socket.closing(code)

    def written_out(self, code: int, reason: str) -> None:
        """Everything is written: close."""
        if self._socket is not None:
            self._socket.send_close(code, reason)

    def abort(self) -> None:
        """End without a word."""
        if self._socket is not None:
            self._socket.abort()

    # --- the socket's side ----------------------------------------------------------------------

    @property
    def blocked(self) -> bool:
        """Whether nothing more may be read now."""
        return not self.welcomed or self._backlog is not None or self.outbox.heavy

    def take(self, arrived: Sequence[frames.InFrame | Broken]) -> None:
        """Frames from the client, in order."""
        for frame in arrived:
            if self.outbox.closing:
                return
            if self._is_too_fast(frame):
                continue
            if self._backlog is not None:
                self._backlog.append(frame)
            elif not self._do(frame):
                self._backlog = deque((frame,))

    def take_pings(self, count: int) -> bool:
        """Pings of WebSocket's own. False when there are too many."""
        refused = 0
        for _ in range(count):
            refused += self._is_too_fast(None)
        return refused == 0

    def go_on(self) -> None:
        """Do what waits, as far as it goes now, and read on."""
        if self._socket is None or not self.welcomed:
            return
        backlog = self._backlog
        while backlog:
            if self.outbox.closing:
                backlog.clear()
            elif self._do(backlog[0]):
                backlog.popleft()
            else:
                return
        self._backlog = None
        self._flow()

    def rest(self, now: float) -> None:
        """Keep nothing that an idle connection does not need."""
        if self._bucket is not None and self._bucket.is_full(
            now, self._shared.limits.rate_per_s, self._shared.limits.rate_burst
        ):
            self._bucket = None

    def lost(self) -> None:
        """The socket is gone."""
        self._socket = None
        self._backlog = self._unanswered = None
        self.outbox.lost()
        if self._renewal is not None:
            self._renewal.cancel()
        if self._retry is not None:
            self._retry.cancel()

    # --- inside ---------------------------------------------------------------------------------

    def _flow(self) -> None:
        if self._socket is not None:
            self._socket.flow()

    def _is_too_fast(self, frame: frames.InFrame | Broken | None) -> bool:
        limits = self._shared.limits
        if limits.rate_per_s <= 0:
            return False
        bucket = self._bucket
        if bucket is None:
            bucket = self._bucket = TokenBucket(limits.rate_burst)
        wait_ms = bucket.take(self._shared.clock.monotonic(), limits.rate_per_s, limits.rate_burst)
        if wait_ms == 0:
            return False
        if bucket.is_abused(limits.rate_burst):
            self.outbox.close(CloseCode.RATE, "Far too many frames.")
            return True
        number = frame.re if isinstance(frame, Broken) else getattr(frame, "id", None)
        if number is not None:
            self.outbox.refuse(number, RateLimitedError("Too fast.", retry_ms=wait_ms))
        return True

    def _do(self, frame: frames.InFrame | Broken) -> bool:
        """Do what a frame says. False when that cannot be just now."""
        match frame:
            case Broken():
                self.outbox.refuse(frame.re, frame.refusal)
            case frames.Ping():
                self.outbox.keep(self.outbox.lane.renderer.frame(out_frames.Pong()))
            case _:
                try:
                    if isinstance(frame, frames.Auth):
                        self._renew(frame)
                    else:
                        return self._tell(to_request(frame))
                except Refusal as refusal:
                    self.outbox.refuse(getattr(frame, "id", None), refusal)
        return True

    def _tell(self, request: Request | Notice) -> bool:
        shared, ref = self._shared, self._ref
        if ref is None or shared.system.lookup(self.session) is not ref or self.outbox.heavy:
            return False
        if isinstance(request, Notice):
            return self._told(request)
        waiting = self._unanswered
        if waiting is None:
            waiting = self._unanswered = {}
        if request.id in waiting:
            raise BadRequestError("A request with that id is still unanswered.")
        if len(waiting) >= shared.limits.requests:
            return False
        # Before it is told, since it may be answered in place.
        waiting[request.id] = (request, 0)
        if self._told(request):
            return True
        self._forget(request.id)
        return False

    def _forget(self, number: int) -> Request | None:
        waiting = self._unanswered
        if waiting is None or number not in waiting:
            return None
        request, _ = waiting.pop(number)
        if not waiting:
            self._unanswered = None
        return request

    def _told(self, request: Request | Notice) -> bool:
        try:
            return self._shared.system.tell(self.session, request, in_place=True, activate=False)
        except MailboxFullError:
            if self._retry is None:
                self._retry = self._shared.clock.call_later(FULL_RETRY_S, self._try_again)
            return False

    def _try_again(self) -> None:
        self._retry = None
        self.go_on()

    # --- a fresh token --------------------------------------------------------------------------

    def _renew(self, frame: frames.Auth) -> None:
        if self._renewal is not None:
            raise BadRequestError("Another auth is still unanswered.")
        self._renewal = self._shared.system.tasks.start(self._renewed(frame), "renew a token")

    async def _renewed(self, frame: frames.Auth) -> None:
        try:
            who = await self._shared.authenticator.authenticate(frame.token)
        except ForbiddenError as refusal:
            self.outbox.close(CloseCode.FORBIDDEN, refusal.text)
        except Refusal as refusal:
            self.outbox.refuse(frame.id, refusal)
        except StoreError:
            self.outbox.refuse(frame.id, UnavailableError())
        else:
            self._extend(frame.id, who)
        finally:
            self._renewal = None

    def _extend(self, request: int, who: Identity) -> None:
        if (who.user, who.device) != (self.user, self.device):
            self.outbox.refuse(request, ForbiddenError("That token is for another device."))
            return
        self.expires_ms = who.expires_ms
        if self._socket is not None:
            self._socket.expires()
        self.outbox.keep(self.outbox.lane.renderer.frame(out_frames.Ok(re=request)))


__all__ = ["CRASHES", "FULL_RETRY_S", "SignedIn", "Socket"]
