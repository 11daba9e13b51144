"""Twenty pairs of people, one message in flight each: what a stored message costs."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from statistics import median

from .pieces import meter, profile
from .pieces.client import Client, Frame, connect
from .pieces.floor import Sizes, floor
from .pieces.node import DATABASE, node
from .pieces.result import Figure, Goal, LostError, Options, Result
from .pieces.rounds import PATIENCE_S, text_of
from .pieces.seed import seed

PAIRS = 20

#: CPU of a stored message, over that of one write of the floor (issue 3).
GOAL_WRITES = 25

#: The bytes of one message on the wire.
SIZES = Sizes(sent=311, delivered=379, acked=120)

#: The floor that the group is held against: one frame a write, to so many sockets in a row.
GROUP = 100


class Pair:
    """One writes, the other reads; over when everything was acknowledged and delivered, once."""

    def __init__(self, writer: Client, reader: Client) -> None:
        self._writer = writer
        self._reader = reader
        self._conv = ""
        self._head = 0
        self._first = 0
        self._left = 0
        self._open = 0
        self._delivered = 0
        self._request = 0
        self._sent_at: list[float] = []
        self._done: asyncio.Future[None] | None = None
        self.acks_ms: list[float] = []
        self.heard_ms: list[float] = []

    async def begin(self) -> None:
        """Open the conversation by naming the other person."""
        writer, reader = self._writer, self._reader
        writer.listener, reader.listener = self._opened, self._greeted
        writer.cid, writer.ids = 1, writer.ids + 1
        greeting = {"k": "text", "text": "Hello."}
        to = reader.person.user
        writer.send({"t": "send", "id": writer.ids, "to": to, "cid": 1, "prev": 0, "b": greeting})
        await self._all_came(3)

    async def run(self, messages: int) -> None:
        """Send so many, each after the ack of the one before."""
        self._left, self._first = messages, self._head + 1
        self._sent_at = []
        self._writer.listener, self._reader.listener = self._acked, self._heard
        self._next()
        await self._all_came(2 * messages)

    async def _all_came(self, arrivals: int) -> None:
        self._open = arrivals
        self._done = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._done
        except TimeoutError:
            lost = self._writer.lost or self._reader.lost
            raise LostError(f"{self._open} acks and deliveries never came: {lost}") from None

    def _opened(self, frame: Frame) -> None:
        # The first entry, which says who is here, is for the writer too; it may come after the ack.
        if frame.t == "ack":
            self._conv, self._head = frame.c, frame.s
            self._arrived()
        elif (frame.t, frame.s) == ("msg", 1):
            self._arrived()
        else:
            self._fail(frame)

    def _greeted(self, frame: Frame) -> None:
        # The first entry says who is in the conversation, the second is the greeting.
        self._delivered += 1
        if (frame.t, frame.s) != ("msg", self._delivered):
            self._fail(frame)
        elif frame.s == 2:
            self._arrived()

    def _next(self) -> None:
        if self._left:
            self._left -= 1
            self._sent_at.append(time.perf_counter())
            self._request = self._writer.post(self._conv, text_of(self._left))

    def _acked(self, frame: Frame) -> None:
        expected = ("ack", self._request, self._head + 1, False)
        if (frame.t, frame.re, frame.s, frame.dup) != expected:
            self._fail(frame)
            return
        self._head += 1
        self.acks_ms.append((time.perf_counter() - self._sent_at[-1]) * 1e3)
        self._arrived()
        self._next()

    def _heard(self, frame: Frame) -> None:
        if (frame.t, frame.s, frame.c) != ("msg", self._delivered + 1, self._conv):
            self._fail(frame)
            return
        self._delivered += 1
        sent_at = self._sent_at[frame.s - self._first]
        self.heard_ms.append((time.perf_counter() - sent_at) * 1e3)
        self._arrived()

    def _arrived(self) -> None:
        self._open -= 1
        if not self._open and self._done is not None and not self._done.done():
            self._done.set_result(None)

    def _fail(self, frame: Frame) -> None:
        if self._done is not None and not self._done.done():
            self._done.set_exception(LostError(f"not expected: {frame}"))


async def run(options: Options) -> Result:
    """See the module."""
    rounds = 1 if options.quick else 5
    each = 100 if options.quick else 500
    with tempfile.TemporaryDirectory(prefix="hubbub-bench-") as folder:
        data = Path(folder)
        people = (await seed(data / DATABASE, 2 * PAIRS)).people
        async with (
            node(data, options) as server,
            floor(SIZES, hearers=PAIRS, senders=PAIRS, rooms=PAIRS) as bare,
            floor(SIZES, hearers=GROUP, senders=1) as row,
        ):
            clients = await connect(people, server.host, server.port, at_once=2 * PAIRS)
            pairs = [Pair(clients[n], clients[n + PAIRS]) for n in range(PAIRS)]
            await _first_words(pairs)
            await _together(pairs, each // 4)
            used_us: list[float] = []
            pairs_us: list[float] = []
            row_us: list[float] = []
            elapsed: list[float] = []
            for pair in pairs:
                pair.acks_ms, pair.heard_ms = [], []
            for _ in range(rounds):
                before, begin = meter.cpu_s(server.pid), time.perf_counter()
                await _together(pairs, each)
                elapsed.append(time.perf_counter() - begin)
                used_us.append((meter.cpu_s(server.pid) - before) * 1e6 / (each * PAIRS))
                pairs_us.append(await bare.cost_us(each * PAIRS * 2, PAIRS))
                row_us.append(await row.cost_us(each * 2, 1))
            for client in clients:
                client.close()
        hot = profile.hot(server.profile)
    acks = [ms for pair in pairs for ms in pair.acks_ms]
    heard = [ms for pair in pairs for ms in pair.heard_ms]
    cpu_us = median(used_us)
    # A message of a pair is two writes, the delivery and the ack.
    write_us, in_row_us = median(pairs_us) / 2, median(row_us) / (GROUP + 1)
    goal = Goal("at most", GOAL_WRITES)
    return Result(
        "direct",
        f"{PAIRS} pairs, one message of 200 bytes in flight each, stored",
        [
            Figure("CPU a message", cpu_us, "us"),
            Figure("CPU of one write of the floor, with the same pairs", write_us, "us"),
            Figure("writes of the floor a message", cpu_us / write_us, "", goal),
            Figure(f"CPU of one write of the floor, to {GROUP} sockets in a row", in_row_us, "us"),
            Figure("writes in a row a message", cpu_us / in_row_us, "", goal),
            Figure("messages", each * PAIRS / median(elapsed), "/s"),
            Figure("ack p50", meter.percentile(acks, 0.5), "ms"),
            Figure("ack p99", meter.percentile(acks, 0.99), "ms"),
            Figure("delivery p50", meter.percentile(heard, 0.5), "ms"),
            Figure("delivery p99", meter.percentile(heard, 0.99), "ms"),
        ],
        hot,
    )


async def _first_words(pairs: list[Pair]) -> None:
    await asyncio.gather(*(pair.begin() for pair in pairs))


async def _together(pairs: list[Pair], messages: int) -> None:
    await asyncio.gather(*(pair.run(messages) for pair in pairs))


__all__ = ["PAIRS", "Pair", "run"]
