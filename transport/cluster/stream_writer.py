"""Writes to the streams of one Redis server: what waits goes out together, then what came since.

put -> waits -> asked at once: an entry each, and how large each stream is by now
    -> too much waits, the server is out of reach, the stream is full: dropped, and counted

Nothing is sent twice. Whoever should have had what was dropped learns of it by the numbers of the
batches (links.py).
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import RedisError

from ...actors.runtime.tasks import Tasks
from ...config.clock import Clock
from ...config.metrics import Metrics
from ...config.units import MILLISECONDS
from .reach import Reach
from .redis_pipe import Command, RedisPipe

#: The field of an entry that holds a batch.
BATCH = "b"
_BATCH = BATCH.encode()
#: How often it is looked whether a full stream has room again.
LOOK_S = 50 * MILLISECONDS


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
        *,
        stream_bytes: int,
        waiting_bytes: int,
    ) -> None:
        """Nothing waits.

        Args:
            stream_bytes: A stream that takes so much memory at the server is full.
            waiting_bytes: So much may wait here.
        """
        self._pipe = RedisPipe(link)
        self._reach = reach
        self._clock = clock
        self._tasks = tasks
        self._metrics = metrics
        self._stream_bytes = stream_bytes
        self._waiting_bytes = waiting_bytes
        self._waiting: deque[_Entry] = deque()
        #: Of what waits and what is under way.
        self._bytes = 0
        #: {full stream: when to look again}
        self._full: dict[str, float] = {}
        #: Full streams to look at.
        self._looks: set[str] = set()
        self._writing: asyncio.Task[None] | None = None

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
        if self._writing is not None:
            await asyncio.wait([self._writing], timeout=within_s)
            self._writing.cancel()
        await self._pipe.close()

    def _begin(self) -> None:
        if self._writing is None or self._writing.done():
            self._writing = self._tasks.start(self._write_all(), "bus writer")

    async def _write_all(self) -> None:
        while self._waiting or self._looks:
            entries, looks = list(self._waiting), self._looks
            self._waiting.clear()
            self._looks = set()
            if self._reach.waits:
                self._drop_all("bus_down", entries)
            else:
                await self._write(entries, looks)
            self._bytes -= sum(len(entry.data) for entry in entries)

    async def _write(self, entries: list[_Entry], looks: set[str]) -> None:
        # Its reader makes a stream: what is for somebody who is gone makes none.
        commands: list[Command] = [
            (b"XADD", entry.stream.encode(), b"NOMKSTREAM", b"*", _BATCH, entry.data)
            for entry in entries
        ]
        streams = list(dict.fromkeys([*(entry.stream for entry in entries), *looks]))
        commands += [(b"MEMORY", b"USAGE", stream.encode()) for stream in streams]
        try:
            replies = await self._pipe.ask(*commands)
        except (RedisError, OSError) as error:
            # Perhaps they arrive. To send them again could do so twice.
            self._reach.failed(error)
            self._drop_all("bus_down", entries)
            return
        refusal = next((reply for reply in replies if isinstance(reply, RedisError)), None)
        if refusal is None:
            self._reach.worked()
        else:
            self._reach.failed(refusal)
        for entry, reply in zip(entries, replies, strict=False):
            if not isinstance(reply, bytes):
                self._drop("no_stream" if reply is None else "bus_refused", entry)
        look_at = self._clock.monotonic() + LOOK_S
        for stream, size in zip(streams, replies[len(entries) :], strict=True):
            if isinstance(size, int) and size >= self._stream_bytes:
                self._full[stream] = look_at
            else:
                self._full.pop(stream, None)

    def _drop_all(self, reason: str, entries: list[_Entry]) -> None:
        for entry in entries:
            self._drop(reason, entry)

    def _drop(self, reason: str, entry: _Entry) -> None:
        self._metrics.dropped.labels(reason).inc(entry.envelopes)


__all__ = ["BATCH", "LOOK_S", "StreamWriter"]
