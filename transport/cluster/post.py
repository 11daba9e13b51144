"""A node's envelopes: out in numbered batches, one a tick and receiver; in, in order, counted.

put -> end of the tick -> a batch a receiver, more where there is more in bytes -> bus
bus -> of the view's senders, in order -> handle, one by one
    -> a number is missing             -> lost(sender)
    -> of a sender not yet in the view -> waits for the view
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping

import structlog

from ...actors.runtime.system import ActorSystem
from ...config.units import KIB
from .bus import Batch, Bus
from .envelopes import Envelope, Payloads, decode, encode
from .links import Arrived, Sent
from .versions import VERSION

#: A batch that has so many bytes is full, and another one begins.
BATCH_BYTES = 64 * KIB
#: Batches that wait for the view their sender is in.
MOST_EARLY = 1_000
#: Those who are gone and whose batches are still known as theirs.
MOST_FORMER = 10_000

log = structlog.get_logger(__name__)


class Post:
    """One incarnation's.

    Attributes:
        sent: What went out.
    """

    def __init__(
        self,
        bus: Bus,
        system: ActorSystem,
        me: str,
        handle: Callable[[str, Envelope], None],
        lost: Callable[[str], None],
        dropped: Callable[[str, int], None],
    ) -> None:
        """Nothing is under way.

        Args:
            me: This incarnation.
            handle: Takes what arrived, with its sender.
            lost: Hears of a sender of whose batches one is missing.
            dropped: Hears why so many envelopes are not sent or not handled: "envelope" (a message
                that is none, bytes that are none of this version), "stranger" (the sender is in no
                view), "no_view" (this incarnation is over).
        """
        self.sent = Sent()
        self._bus = bus
        self._system = system
        self._me = me
        self._handle = handle
        self._lost = lost
        self._dropped = dropped
        self._arrived = Arrived()
        #: {who is in the view: the version of envelopes that it is written to in}
        self._members: Mapping[str, int] = {}
        #: Who was a sender, and is none any more.
        self._former: set[str] = set()
        #: {sender: its batches}: it is not in the view yet.
        self._early: dict[str, list[Batch]] = {}
        #: {receiver: envelopes} of this tick.
        self._out: dict[str, list[Envelope]] = {}

    # --- out ------------------------------------------------------------------------------------

    def put(self, receiver: str, envelope: Envelope) -> None:
        """Send this, with what else there is for the receiver in this tick."""
        if not self._out:
            self._system.at_turn_end(self.flush)
        self._out.setdefault(receiver, []).append(envelope)

    def flush(self) -> None:
        """Send what waits."""
        out, self._out = self._out, {}
        payloads = Payloads()
        for receiver, envelopes in out.items():
            left = deque(envelopes)
            while left:
                number = self.sent.next(receiver)
                version = self._members.get(receiver, VERSION)
                packed = self._packed(left, number, version, payloads)
                self._bus.send(receiver, Batch(self._me, number, packed))

    def _packed(
        self, left: deque[Envelope], number: int, version: int, payloads: Payloads
    ) -> tuple[bytes, ...]:
        """As many of those that are left as fill a batch."""
        packed: list[bytes] = []
        size = 0
        while left and size < BATCH_BYTES:
            envelope = left.popleft()
            try:
                packed.append(encode(envelope, self._me, number, version, payloads))
            except (TypeError, ValueError, OverflowError) as error:
                # One mistake must not take its neighbours with it.
                log.error("not_packed", message=type(envelope.message).__name__, error=repr(error))
                self._dropped("envelope", 1)
            else:
                size += len(packed[-1])
        return tuple(packed)

    def close(self) -> None:
        """This incarnation is over: what waits is not sent."""
        waits = sum(map(len, self._out.values()))
        if waits or self._early:
            self._dropped("no_view", waits + sum(map(_count, self._early.values())))
        self._out.clear()
        self._early.clear()

    # --- in -------------------------------------------------------------------------------------

    def take(self, batch: Batch) -> bool:
        """A batch arrived; False when its sender is not in the view yet: is there a newer one?"""
        if batch.sender not in self._members:
            if batch.sender in self._former:
                self._dropped("stranger", len(batch.envelopes))
                return True  # it is gone, and nobody waits for what it said
            early = self._early.setdefault(batch.sender, [])
            if len(early) < MOST_EARLY:
                early.append(batch)
            else:
                self._dropped("stranger", len(batch.envelopes))
            return len(early) > 1
        wanted, hole = self._arrived.take(batch.sender, batch.number)
        if hole:
            self._lost(batch.sender)
        for packed in batch.envelopes if wanted else ():
            try:
                envelope = decode(packed)
            except ValueError as error:
                log.warning("envelope_refused", sender=batch.sender, error=str(error))
                self._dropped("envelope", 1)
            else:
                self._handle(batch.sender, envelope)
        return True

    def published(self, counts: dict[str, int]) -> None:
        """What senders say that they have sent here."""
        for sender in self._arrived.published(
            {sender: count for sender, count in counts.items() if sender in self._members}
        ):
            self._lost(sender)

    def change(self, members: Mapping[str, int], *, again: bool) -> None:
        """These are in the view now, and what they sent early is taken.

        Args:
            members: {incarnation: the version of envelopes that it is written to in}
            again: In a new generation those who are not in it may come back.
        """
        if again or len(self._former) > MOST_FORMER:
            self._former = set()
        if not again:
            self._former |= self._members.keys()
        self._former -= members.keys()
        self._members = members
        early, self._early = self._early, {}
        for sender, batches in sorted(early.items()):
            if sender not in members:
                self._dropped("stranger", _count(batches))
                continue
            for batch in batches:
                self.take(batch)


def _count(batches: Iterable[Batch]) -> int:
    """The envelopes in them."""
    return sum(len(batch.envelopes) for batch in batches)


__all__ = ["BATCH_BYTES", "MOST_EARLY", "MOST_FORMER", "Post"]
