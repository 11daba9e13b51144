"""An actor as a device: it is told what a client would get, and asks what a client could.

It is a Connection without a socket, for those who embed the actors: bots, and tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pykka

from ..config.errors import MailboxFullError
from ..config.ids import ConvId, DeviceId, UserId
from .answers import Answer, Event
from .bodies import Text
from .ports import Handover
from .requests import Notice, Request, SendRequest, WatchRequest
from .runtime.ref import LoopActorRef
from .runtime.system import ActorSystem


@dataclass(frozen=True, slots=True)
class Welcomed:
    """The device is attached: what happens from now on is pushed.

    Attributes:
        mine: Its last cid among its own user's requests.
    """

    mine: int


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a request; `more` follow when the answer has several parts."""

    request: int
    answer: Answer
    more: bool


@dataclass(frozen=True, slots=True)
class Closed:
    """The device is shut out, with a close code of the protocol."""

    code: int
    reason: str


class ActorDevice:
    """See the module. The actor is told Welcomed, Answered, Closed, and every Event."""

    def __init__(
        self,
        system: ActorSystem,
        session: str,
        user: UserId,
        device: DeviceId,
        actor: LoopActorRef[Any],
    ) -> None:
        self.session = session
        self.user = user
        self.device = device
        self.inst = ""
        self.attempt = 0
        self.welcomed = False
        self._system = system
        self._actor = actor
        self._handovers = 0
        #: The Session that has taken over; another one under our name has not done so yet.
        self._taken_by: object | None = None
        self._watch: WatchRequest | None = None
        self._last_id = 0
        #: {id: request}, in order: all and only those not yet answered.
        self._unanswered: dict[int, Request] = {}

    # --- what it can ask ------------------------------------------------------------------------

    def next_id(self) -> int:
        """A number for a request, unlike any other of this device."""
        self._last_id += 1
        return self._last_id

    def send(self, request: Request) -> int:
        """Ask; the actor is told the answer. Returns: the request's id."""
        self._unanswered[request.id] = request
        if isinstance(request, WatchRequest):
            self._watch = request
        self._tell_session(request)
        return request.id

    def post(self, conv: ConvId, cid: int, prev: int, text: str) -> int:
        """Send a text to a conversation. Returns: the request's id."""
        return self.send(SendRequest(self.next_id(), conv, None, cid, prev, Text(text)))

    def notice(self, notice: Notice) -> None:
        """Say how far the actor got, or that it is writing."""
        self._tell_session(notice)

    # --- Connection -----------------------------------------------------------------------------

    @property
    def outbox(self) -> ActorDevice:
        """What is pushed is told at once: the actor's mailbox is the out queue."""
        return self

    def handover(self) -> Handover:
        """See `ports.Connection`."""
        self._handovers += 1
        self._taken_by = self._system.lookup(self.session)
        return Handover(list(self._unanswered.values()), self._watch, self._handovers > 1)

    def attached(self, mine: int) -> None:
        """See `ports.Connection`."""
        if not self.welcomed:
            self.welcomed = True
            self._tell_actor(Welcomed(mine))

    # --- Outbox ---------------------------------------------------------------------------------

    def push(self, event: Event) -> None:
        """See `ports.Outbox`. An actor that cannot take more is closed: it reads the log."""
        self._tell_actor(event)

    def answer(self, request: int, answer: Answer, *, more: bool = False) -> None:
        """See `ports.Outbox`."""
        if not more:
            self._unanswered.pop(request, None)
        self._tell_actor(Answered(request, answer, more))

    def close(self, code: int, reason: str) -> None:
        """See `ports.Outbox`."""
        self._actor.tell_if_alive(Closed(code, reason))

    def _tell_actor(self, message: Any) -> None:
        try:
            self._actor.tell(message)
        except pykka.ActorDeadError:
            return
        except MailboxFullError:
            self.close(4508, "Too slow.")

    def _tell_session(self, message: Any) -> None:
        # A Session that is away, or has not taken over yet, gets it with all that is not answered.
        ref = self._system.lookup(self.session)
        if ref is not None and ref is self._taken_by:
            self._system.tell(self.session, message, activate=False)


__all__ = ["ActorDevice", "Answered", "Closed", "Welcomed"]
