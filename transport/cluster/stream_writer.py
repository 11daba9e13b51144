"""Writes to the streams of one Redis server: what is put in one turn of the loop goes out together.

put -> waits for the end of the turn -> an entry each, and now and then how large its stream is
    -> too much waits or is unanswered, the server is out of reach, the stream is full: dropped

Nothing waits for an answer to what went out before, and nothing is sent twice. Whoever should have
had what was dropped learns of it by the numbers of the batches (links.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from ...actors.runtime.tasks import Tasks
from ...config.clock import Clock
from ...config.metrics import Metrics
from ...config.units import MILLISECONDS
from .reach import Reach
from .redis_pipe import Command, RedisPipe, packed

#: The field of an entry that holds a batch.
BATCH = "b"
_BATCH = BATCH.encode()
#: How often it is looked whether a full stream has room again.
LOOK_S = 50 * MILLISECONDS
#: Answers may wait so long for each other: they tell what was lost, and nobody waits for them.
REST_S = 20 * MILLISECONDS
#: How large a stream is by now is asked whenever so much of what it holds at most was written.
LOOKS = 64


@dataclass(frozen=True, slots=True)
class _Entry:
    """What waits: for a stream, with so many envelopes in it."""

    stream: str
    data: bytes
    envelopes: int


class StreamWriter:
    """See the module."""

    def __init__(
        self,
        link: Redis,
        reach: Reach,
        clock: Clock,
        tasks: Tasks,
        metrics: Metrics,
        at_turn_end: Callable[[Callable[[], object]], object],
        *,
        stream_bytes: int,
        waiting_bytes: int,
    ) -> None:
        """Nothing waits.

        Args:
            at_turn_end: Calls once when the turn ends that is under way.
            stream_bytes: A stream that takes so much memory at the server is full.
            waiting_bytes: So much may wait here.
        """
        self._pipe = RedisPipe(link, REST_S)
        self._reach = reach
        self._clock = clock
        self._tasks = tasks
        self._metrics = metrics
        self._at_turn_end = at_turn_end
        self._stream_bytes = stream_bytes
        self._waiting_bytes = waiting_bytes
        self._waiting: list[_Entry] = []
        #: Of what waits and what is unanswered.
        self._bytes = 0
        #: {full stream: when to look again}
        self._full: dict[str, float] = {}
        #: Full streams to look at.
        self._looks: set[str] = set()
        #: {stream: so many bytes may be written until its size is asked}
        self._left: dict[str, int] = {}
        #: Whether it is to be written at the end of this turn.
        self._begun = False
        self._connecting: asyncio.Task[None] | None = None
        #: Questions without an answer, and whether there is nothing to be done.
        self._unanswered = 0
        self._done = asyncio.Event()
        self._done.set()

    def room(self, stream: str) -> bool:
        """Whether what is put now has a chance to arrive."""
        return (
            stream not in self._full
            and self._bytes < self._waiting_bytes
            and not self._reach.waits
        )  # fmt: skip

    def put(self, stream: str, data: bytes, envelopes: int) -> None:
        """Write an entry, after all that came before it; never raises.

        Args:
            envelopes: How many are lost if it is.
        """
        entry = _Entry(stream, data, envelopes)
        if stream in self._full:
            self._drop("stream_full", entry)
            if self._clock.monotonic() >= self._full[stream]:
                self._looks.add(stream)
                self._begin()
        elif self._bytes + len(data) > self._waiting_bytes:
            self._drop("bus_full", entry)
        elif self._reach.waits:
            self._drop("bus_down", entry)
        else:
            self._waiting.append(entry)
            self._bytes += len(data)
            self._begin()

    async def close(self, within_s: float) -> None:
        """Let what waits go out, if it can in this time."""
        if self._pipe.socket is not None:
            self._pipe.socket.wake()
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._done.wait()
        if self._connecting is not None:
            self._connecting.cancel()
        await self._pipe.close()

    def _begin(self) -> None:
        self._done.clear()
        if not self._begun and self._connecting is None:
            self._begun = True
            self._at_turn_end(self._write)

    def _write(self) -> None:
        self._begun = False
        socket = self._pipe.socket
        if socket is None:
            self._connecting = self._tasks.start(self._connect(), "bus writer")
            return
        entries, looks = self._waiting, self._looks
        self._waiting, self._looks = [], set()
        # Its reader makes a stream: what is for somebody who is gone makes none.
        commands: list[Command] = [
            (b"XADD", entry.stream.encode(), b"NOMKSTREAM", b"*", _BATCH, entry.data)
            for entry in entries
        ]
        for entry in entries:
            left = self._left[entry.stream] = self._left.get(entry.stream, 0) - len(entry.data)
            if left < 0:
                self._left[entry.stream] = self._stream_bytes // LOOKS
                looks.add(entry.stream)
        streams = sorted(looks)
        commands += [(b"MEMORY", b"USAGE", stream.encode()) for stream in streams]
        self._unanswered += 1
        socket.send(packed(commands), len(commands), partial(self._told, entries, streams))

    async def _connect(self) -> None:
        try:
            await self._pipe.connect()
        except (RedisError, OSError) as error:
            self._failed(error, self._waiting)
            self._waiting, self._looks = [], set()
        finally:
            self._connecting = None
        if self._waiting or self._looks:
            self._begin()
        self._settle()

    def _told(
        self, entries: Sequence[_Entry], streams: Sequence[str], replies: list[Any] | Exception
    ) -> None:
        """What became of these entries, and how large these streams are."""
        self._unanswered -= 1
        if isinstance(replies, Exception):
            # Perhaps they arrive. To send them again could do so twice.
            self._failed(replies, entries)
        else:
            self._heard(entries, streams, replies)
        self._settle()

    def _heard(self, entries: Sequence[_Entry], streams: Sequence[str], replies: list[Any]) -> None:
        refusal = next((reply for reply in replies if isinstance(reply, RedisError)), None)
        if refusal is None:
            self._reach.worked()
        else:
            self._reach.failed(refusal)
        for entry, reply in zip(entries, replies, strict=False):
            self._bytes -= len(entry.data)
            if not isinstance(reply, bytes):
                self._left.pop(entry.stream, None)
                self._drop("no_stream" if reply is None else "bus_refused", entry)
        look_at = self._clock.monotonic() + LOOK_S
        for stream, size in zip(streams, replies[len(entries) :], strict=True):
            if isinstance(size, int) and size >= self._stream_bytes:
                self._full[stream] = look_at
            else:
                self._full.pop(stream, None)

    def _failed(self, error: Exception, entries: Sequence[_Entry]) -> None:
        """They are lost, as far as anybody here knows."""
        if not self._reach.waits:
            # One failure, however much was under way.
            self._reach.failed(error)
        for entry in entries:
            self._bytes -= len(entry.data)
            self._drop("bus_down", entry)

    def _settle(self) -> None:
        if not (self._unanswered or self._begun or self._connecting or self._waiting):
            self._done.set()

    def _drop(self, reason: str, entry: _Entry) -> None:
        self._metrics.dropped.labels(reason).inc(entry.envelopes)


__all__ = ["BATCH", "LOOKS", "LOOK_S", "REST_S", "StreamWriter"]
