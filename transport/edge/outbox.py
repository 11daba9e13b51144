"""What waits for one device's socket (protocol, item 14).

    push    deliveries ──┐                      at the end of the turn, while the socket takes it:
    answer  answers ─────┼─> queue, in order ─> one write, a batch if there are several
    push    receipts,    │
            presence,    │
            typing ──────┴─> soft, by key       merged while they wait, dropped first

Over the bounds the soft ones go, then the deliveries become one map of heads, `behind`, and until
the socket has taken everything further deliveries only raise that map. Answers are never dropped;
while too many bytes of them wait, nothing more is read from this socket.
"""

from __future__ import annotations

from asyncio import Transport
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from ...actors.answers import (
    Answer,
    Behind,
    Delivery,
    Event,
    ListMoved,
    PresenceState,
    Receipts,
    Typing,
)
from ...config.errors import Refusal
from ...config.ids import ConvId
from ...config.limits import Limits
from ...config.metrics import Metrics
from .render import Rendered, Renderer
from .turn import Turn

#: Payload bytes of one write, so that a socket that takes little is noticed early.
WRITE_BYTES: Final = 256 * 1024

_PAUSED: Final = 1
_HELD: Final = 2

#: What may be merged or dropped, and what it is merged by: ("receipts", conversation),
#: ("presence", user), ("typing", conversation and user) or ("list", ""), which is not dropped.
Soft: TypeAlias = Receipts | PresenceState | Typing | ListMoved
SoftKey: TypeAlias = tuple[str, str]


class Owner(Protocol):
    """The connection that an outbox writes for."""

    def expects(self, request: int) -> bool:
        """Whether this request waits for an answer."""
        ...

    def answered(self, request: int, answer: Answer) -> bool:
        """The last answer to this request is here. False when nobody waits for it."""
        ...

    def weighed(self) -> None:
        """`heavy` changed."""
        ...

    def close_asked(self, code: int) -> None:
        """A close with this code waits behind what is queued."""
        ...

    def written_out(self, code: int, reason: str) -> None:
        """Everything is written, and a close was asked for."""
        ...

    def abort(self) -> None:
        """End without a word."""
        ...


@dataclass(frozen=True, slots=True)
class Lane:
    """What all outboxes of one edge and encoding have in common."""

    renderer: Renderer
    turn: Turn
    limits: Limits
    metrics: Metrics


class Outbox:
    """Implements the actors' port of the same name.

    Nothing is sent before `release`: the client's first frame is its welcome.

    Attributes:
        lane: What all outboxes of this edge and encoding share.
    """

    __slots__ = (
        "_answer_bytes",
        "_behind",
        "_bytes",
        "_closing",
        "_collapsed",
        "_key",
        "_marked",
        "_owner",
        "_queue",
        "_soft",
        "_stop",
        "_transport",
        "lane",
    )

    def __init__(self, lane: Lane, owner: Owner, transport: Transport, cut: int) -> None:
        self.lane = lane
        self._owner: Owner | None = owner
        self._transport: Transport | None = transport
        self._key = lane.renderer.key(cut)
        #: Deliveries and what is never dropped, in order; None while there is nothing.
        self._queue: list[Rendered] | None = None
        #: Payload bytes in the queue, and those of them that are never dropped.
        self._bytes = 0
        self._answer_bytes = 0
        #: {key: event}: what may be merged or dropped; None while there is nothing.
        self._soft: dict[SoftKey, Soft] | None = None
        #: {conversation: head}: what the client will be told to read; None for nothing.
        self._behind: dict[ConvId, int] | None = None
        #: Whether deliveries go to `behind` until everything is written.
        self._collapsed = False
        #: Whether this is marked for the end of the turn.
        self._marked = False
        #: Why nothing is written now: bits of _PAUSED and _HELD.
        self._stop = _HELD
        self._closing: tuple[int, str] | None = None

    @property
    def heavy(self) -> bool:
        """Whether more bytes of answers wait than may: read nothing more meanwhile."""
        return self._answer_bytes > self.lane.limits.out_bytes

    @property
    def closing(self) -> bool:
        """Whether a close was asked for: nothing is taken any more."""
        return self._closing is not None

    # --- the actors' side -----------------------------------------------------------------------

    def push(self, event: Event) -> None:
        """Queue an event, or merge it into what waits."""
        if self._closing is not None or self._transport is None:
            return
        if type(event) is Delivery:
            if self._collapsed:
                self._fold(event.conv, event.entry.seq)
                return
            lane = self.lane
            frame = event.rendered.get(self._key)
            if frame is None:
                frame = lane.renderer.delivery(event, self._key)
            lane.turn.deliveries += 1
            queue = self._queue
            if queue is None:
                self._queue = [frame]
                self._bytes = frame.size
                self._mark()
                return
            queue.append(frame)
            self._bytes += frame.size
            limits = lane.limits
            waiting = len(queue) if self._soft is None else len(queue) + len(self._soft)
            if waiting > limits.out_frames or self._bytes > limits.out_bytes:
                self._overflow()
        elif isinstance(event, Behind):
            for conv, seq in event.convs.items():
                self._raise(conv, seq)
            self._mark()
        elif not isinstance(event, Delivery):
            self._soften(event)

    def answer(self, request: int, answer: Answer, *, more: bool = False) -> None:
        """Queue an answer; one that nobody waits for (any more) is dropped and counted."""
        owner = self._owner
        if owner is None or self._closing is not None:
            return
        if not (owner.expects(request) if more else owner.answered(request, answer)):
            self.lane.metrics.dropped.labels("late_answer").inc()
            return
        if isinstance(answer, Refusal):
            self.lane.metrics.refusals.labels(answer.code).inc()
        self.keep(self.lane.renderer.answer(request, answer, self._key[1]))

    def close(self, code: int, reason: str) -> None:
        """Close with this code after what is queued; the first code stands."""
        if self._closing is None and self._owner is not None:
            self._closing = (code, reason)
            self._stop &= ~_HELD
            self._mark()
            self._owner.close_asked(code)

    # --- the edge's side ------------------------------------------------------------------------

    def keep(self, frame: Rendered) -> None:
        """Queue a frame that is never dropped."""
        if self._closing is not None or self._transport is None:
            return
        if self._queue is None:
            self._queue = [frame]
        else:
            self._queue.append(frame)
        self._bytes += frame.size
        self._weigh(self._answer_bytes + frame.size)
        self._mark()

    def refuse(self, request: int | None, refusal: Refusal) -> None:
        """Queue a refusal that is the edge's own."""
        self.lane.metrics.refusals.labels(refusal.code).inc()
        self.keep(self.lane.renderer.refusal(request, refusal))

    def release(self, welcome: Rendered) -> None:
        """Let go of what is held back, behind the welcome."""
        if self._transport is None or self._closing is not None:
            return
        self._stop &= ~_HELD
        self._queue = [welcome, *(self._queue or ())]
        self._bytes += welcome.size
        self._weigh(self._answer_bytes + welcome.size)
        self._mark()

    def pause(self) -> None:
        """The socket takes no more for now."""
        self._stop |= _PAUSED

    def resume(self) -> None:
        """The socket takes more again."""
        self._stop &= ~_PAUSED
        self.flush()

    @property
    def paused(self) -> bool:
        """Whether the socket takes no more for now."""
        return bool(self._stop & _PAUSED)

    def lost(self) -> None:
        """The socket is gone, and with it everything that waited."""
        self._transport = self._owner = None
        self._queue = self._soft = self._behind = None

    def abort(self) -> None:
        """End the connection without a word."""
        if self._owner is not None:
            self._owner.abort()

    def flush(self) -> None:
        """Write what the socket takes."""
        self._marked = False
        transport = self._transport
        if self._stop or transport is None:
            return
        queue = self._queue
        if (
            queue is not None
            and self._bytes <= WRITE_BYTES
            and self._soft is None
            and self._behind is None
        ):
            # The common case, kept short: everything in one write.
            self._queue = None
            self._bytes = 0
            transport.write(self._written(queue))
            if self._answer_bytes:
                self._weigh(0)
        else:
            self._write_parts(transport)
        self._collapsed = self._collapsed and not self._is_empty()
        if self._closing is not None and self._is_empty() and self._owner is not None:
            self._owner.written_out(*self._closing)

    # --- inside ---------------------------------------------------------------------------------

    def _mark(self) -> None:
        if not self._marked:
            self._marked = True
            self.lane.turn.mark(self)

    def _is_empty(self) -> bool:
        return self._queue is None and self._soft is None and self._behind is None

    def _written(self, frames: list[Rendered]) -> bytes:
        if len(frames) == 1:
            return frames[0].alone
        return self.lane.turn.joined(frames, self.lane.renderer)

    def _write_parts(self, transport: Transport) -> None:
        # `write` pauses this outbox as soon as the socket's buffer is over its mark.
        while not self._stop:
            part = self._next_part()
            if part is None:
                return
            transport.write(self._written(part))
            self._weigh(self._answer_bytes - sum(f.size for f in part if f.conv is None))

    def _next_part(self) -> list[Rendered] | None:
        """Some frames to write now, at least one; they leave this outbox."""
        queue = self._queue
        if queue is None:
            return self._rest()
        size = count = 0
        for frame in queue:
            size += frame.size
            if count and size > WRITE_BYTES:
                size -= frame.size
                break
            count += 1
        self._bytes -= size
        self._queue = queue[count:] or None
        return queue[:count]

    def _rest(self) -> list[Rendered] | None:
        """What follows the queue: the map of heads, then receipts and presence."""
        lane, behind, soft = self.lane, self._behind, self._soft
        self._behind = self._soft = None
        frames: list[Rendered] = []
        if behind is not None:
            frames.append(lane.renderer.event(Behind(behind)))
        if soft is not None:
            frames.extend(lane.turn.event(event, lane.renderer) for event in soft.values())
        # They are written at once, so they count as nothing that waits.
        for frame in frames:
            self._answer_bytes += frame.size
        return frames or None

    def _weigh(self, answer_bytes: int) -> None:
        bound = self.lane.limits.out_bytes
        before, self._answer_bytes = self._answer_bytes, answer_bytes
        if (before > bound) is not (answer_bytes > bound) and self._owner is not None:
            self._owner.weighed()

    def _soften(self, event: Soft) -> None:
        soft = self._soft
        if soft is None:
            soft = self._soft = {}
        if isinstance(event, Receipts):
            key = ("receipts", str(event.conv))
            waiting = soft.get(key)
            soft[key] = _merged(waiting, event) if isinstance(waiting, Receipts) else event
        elif isinstance(event, Typing):
            soft["typing", f"{event.conv} {event.user}"] = event
        elif isinstance(event, ListMoved):
            soft["list", ""] = event
        else:
            soft["presence", event.user] = event
        if len(soft) + len(self._queue or ()) > self.lane.limits.out_frames:
            self._overflow()
        self._mark()

    def _overflow(self) -> None:
        if not self._stop:
            # What waits may only be this turn's; the socket has not been asked yet.
            marked = self._marked
            self.flush()
            self._marked = marked
        if self._soft is not None and self._is_over():
            # One frame at most, and nothing else would tell this device.
            kept = {key: event for key, event in self._soft.items() if key[0] == "list"}
            self.lane.metrics.dropped.labels("soft").inc(len(self._soft) - len(kept))
            self._soft = kept or None
        if self._queue is not None and self._is_over():
            self._collapse(self._queue)

    def _is_over(self) -> bool:
        limits = self.lane.limits
        waiting = len(self._queue or ()) + len(self._soft or ())
        return waiting > limits.out_frames or self._bytes > limits.out_bytes

    def _collapse(self, queue: list[Rendered]) -> None:
        self._collapsed = True
        for frame in queue:
            if frame.conv is not None:
                self._bytes -= frame.size
                self._fold(frame.conv, frame.seq)
        self._queue = [frame for frame in queue if frame.conv is None] or None

    def _fold(self, conv: ConvId, seq: int) -> None:
        self.lane.metrics.collapsed.inc()
        self._raise(conv, seq)

    def _raise(self, conv: ConvId, seq: int) -> None:
        if self._behind is None:
            self._behind = {}
        self._behind[conv] = max(seq, self._behind.get(conv, 0))


def _merged(one: Receipts, other: Receipts) -> Receipts:
    recv, read = dict(one.recv), dict(one.read)
    for user, seq in other.recv.items():
        recv[user] = max(seq, recv.get(user, 0))
    for user, seq in other.read.items():
        read[user] = max(seq, read.get(user, 0))
    return Receipts(one.conv, recv, read)


__all__ = ["WRITE_BYTES", "Lane", "Outbox", "Owner"]
