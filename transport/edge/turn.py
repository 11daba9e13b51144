"""What leaves at the end of a turn of the actors: one write for each socket.

While actors run, an outbox only notes what it has; it is marked here. When the turn ends, each
marked one writes. A group of a hundred that was sent twenty frames in one turn has a hundred
outboxes with the same twenty frames, so what is joined for the first is kept for the others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import structlog

from ...actors.answers import Behind, ListMoved, PresenceState, Receipts, Typing
from ...config.metrics import Metrics
from .render import Rendered, Renderer

#: Joined batches that are kept until the turn ends, in number and in bytes of each.
KEPT = 64
KEPT_BYTES = 64 * 1024

log = structlog.get_logger(__name__)


class Flushed(Protocol):
    """Something that writes at the end of a turn."""

    def flush(self) -> None:
        """Write what there is."""
        ...

    def abort(self) -> None:
        """The write failed: the socket has missed something and has to end."""
        ...


class Turn:
    """The outboxes that have something to write, until the turn ends.

    Attributes:
        deliveries: Queued in this turn; counted once at its end, for a counter costs more than a
            delivery.
    """

    def __init__(
        self, at_turn_end: Callable[[Callable[[], None]], object], metrics: Metrics
    ) -> None:
        self.deliveries = 0
        self._at_turn_end = at_turn_end
        self._metrics = metrics
        self._marked: list[Flushed] = []
        self._joined: dict[tuple[Rendered, ...], bytes] = {}
        #: {(id of event, subprotocol): (event, its frame)}; holding the event keeps its id its own.
        self._events: dict[tuple[int, str], tuple[object, Rendered]] = {}

    def mark(self, outbox: Flushed) -> None:
        """Have this outbox flushed when the turn ends. An outbox marks itself once a turn."""
        if not self._marked:
            self._at_turn_end(self._end)
        self._marked.append(outbox)

    def joined(self, frames: list[Rendered], renderer: Renderer) -> bytes:
        """One WebSocket message with these frames."""
        key = tuple(frames)
        batch = self._joined.get(key)
        if batch is None:
            batch = renderer.batch(frames)
            if len(self._joined) < KEPT and len(batch) <= KEPT_BYTES:
                self._joined[key] = batch
        return batch

    def event(
        self, event: Behind | Receipts | PresenceState | Typing | ListMoved, renderer: Renderer
    ) -> Rendered:
        """An event as a frame, made once for all who get it in this turn."""
        key = (id(event), renderer.codec.subprotocol)
        found = self._events.get(key)
        if found is not None:
            return found[1]
        frame = renderer.event(event)
        if len(self._events) < KEPT:
            self._events[key] = (event, frame)
        return frame

    def _end(self) -> None:
        marked, self._marked = self._marked, []
        for outbox in marked:
            try:
                outbox.flush()
            except Exception as error:  # one socket's fault is not its neighbour's
                log.error("flush_failed", exc_info=error)
                outbox.abort()
        if not self._marked:
            self._joined.clear()
            self._events.clear()
        if self.deliveries:
            self._metrics.deliveries.inc(self.deliveries)
            self.deliveries = 0


__all__ = ["Flushed", "Turn"]
