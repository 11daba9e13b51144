"""A round of a group: a number of messages in flight, every ack and every delivery counted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from .client import Client, Frame
from .result import LostError

#: Far above what a round takes.
PATIENCE_S = 120.0

_TEXT = "The quick brown fox jumps over the lazy dog, and comes back for the other one. "


def text_of(number: int, size: int = 200) -> str:
    """A text of exactly so many bytes, unlike its neighbours."""
    return (f"{number} " + _TEXT * (size // len(_TEXT) + 1))[:size]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the load saw of a round.

    Attributes:
        acks_ms: From each send to its ack.
        heard_ms: From each send to its last delivery.
        bytes_in, bytes_out: What came from the node and went to it, over all sockets.
    """

    messages: int
    deliveries: int
    elapsed_s: float
    acks_ms: list[float]
    heard_ms: list[float]
    bytes_in: int
    bytes_out: int


class GroupRound:
    """Runs once.

    Args:
        clients: Every member that is online.
        in_flight: Messages that are not yet acknowledged, over all senders; each member sends,
            if there are so many.
        head: The last seq of the conversation before the round.
    """

    def __init__(
        self, clients: Sequence[Client], in_flight: int, conv: str, head: int, messages: int
    ) -> None:
        self._clients = clients
        self._in_flight = in_flight
        self._conv = conv
        self._first = head + 1
        self._messages = messages
        self._unsent = messages
        self._open = messages * len(clients)
        #: For each seq: how many still wait for it, and when it was sent.
        self._missing = [len(clients)] * messages
        self._sent_at = [0.0] * messages
        self._acks: list[float] = []
        self._heard: list[float] = []
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self) -> Outcome:
        """Send everything; over when every member has everything.

        Raises:
            LostError: Something was lost, doubled, refused, or did not come in time.
        """
        bytes_before = sum(client.bytes_in for client in self._clients)
        sent_before = sum(client.bytes_out for client in self._clients)
        members = [_Member(self, client) for client in self._clients]
        for member in members:
            member.client.listener = member.hear
        begin = time.perf_counter()
        for n in range(self._in_flight):
            members[n % len(members)].send_next()
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._done
        except TimeoutError:
            lost = [client.lost for client in self._clients if client.lost is not None]
            raise LostError(
                f"{self._open} of {self._messages * len(members)} arrivals never came; {lost[:1]}"
            ) from None
        return Outcome(
            self._messages,
            self._messages * (len(members) - 1),
            time.perf_counter() - begin,
            self._acks,
            self._heard,
            sum(client.bytes_in for client in self._clients) - bytes_before,
            sum(client.bytes_out for client in self._clients) - sent_before,
        )

    def take(self) -> int | None:
        """The number of the next message to send, or None."""
        if not self._unsent:
            return None
        self._unsent -= 1
        return self._messages - self._unsent

    def acked(self, seq: int, sent_at: float, now: float) -> None:
        """A sender knows the seq of what it sent."""
        self._acks.append((now - sent_at) * 1e3)
        self._sent_at[seq - self._first] = sent_at
        self._arrived(seq - self._first, now)

    def arrived(self, seq: int, now: float) -> None:
        """A member got this one, for the first time."""
        self._arrived(seq - self._first, now)

    def _arrived(self, at: int, now: float) -> None:
        self._open -= 1
        missing = self._missing[at] = self._missing[at] - 1
        if not missing:
            # The ack may be the last arrival, or the first.
            self._heard.append((now - self._sent_at[at]) * 1e3)
        if not self._open and not self._done.done():
            self._done.set_result(None)

    def fail(self, why: str) -> None:
        """Something came that must not."""
        if not self._done.done():
            self._done.set_exception(LostError(why))

    @property
    def conv(self) -> str:
        """The conversation."""
        return self._conv

    @property
    def span(self) -> tuple[int, int]:
        """The first seq of the round, and how many there are."""
        return self._first, self._messages


class _Member:
    """A member that is online: it marks what comes, and sends when it is a sender."""

    def __init__(self, round_: GroupRound, client: Client) -> None:
        self.client = client
        self._round = round_
        self._first, count = round_.span
        #: How often each seq of the round arrived, as ack or as message.
        self._seen = bytearray(count)
        #: {request: when it was sent}: all and only those not yet acknowledged.
        self._sent: dict[int, float] = {}

    def send_next(self) -> None:
        """Send one more, if there is one."""
        number = self._round.take()
        if number is not None:
            now = time.perf_counter()
            self._sent[self.client.post(self._round.conv, text_of(number))] = now

    def hear(self, frame: Frame) -> None:
        """A delivery, or the ack of what was sent; nothing else may come."""
        if frame.t == "msg":
            if self._mark(frame.s):
                self._round.arrived(frame.s, time.perf_counter())
        elif frame.t == "ack" and frame.re in self._sent and not frame.dup:
            if self._mark(frame.s):
                self._round.acked(frame.s, self._sent.pop(frame.re), time.perf_counter())
                self.send_next()
        else:
            self._round.fail(f"not expected: {frame}")

    def _mark(self, seq: int) -> bool:
        at = seq - self._first
        if not 0 <= at < len(self._seen) or self._seen[at]:
            self._round.fail(f"seq {seq} came twice, or is not of this round")
            return False
        self._seen[at] = 1
        return True


__all__ = ["GroupRound", "Outcome", "text_of"]
