"""Follows one stream of Redis: what is new in it is taken, in order; what was taken is trimmed.

XREAD BLOCK -> take, one by one -> a moment later again
            -> now and then before it XTRIM: what lies before the last that was taken
            -> nothing new, or out of reach -> from the beginning: a stream that was forgotten
               meanwhile, or that another server has, may count from lower ids

So what was not trimmed may be taken twice, and what came with lower ids while nothing was asked is
trimmed unread: whoever takes it can tell by what it says itself (the number of a batch, of a view).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from ...actors.runtime.tasks import Tasks
from ...config.clock import Clock, Timer
from ...config.units import MILLISECONDS
from .reach import Reach
from .redis_links import BLOCK_MS
from .redis_pipe import UNANSWERED, Command, RedisPipe, packed

#: Entries that come at a time: each is bounded in bytes.
MOST_ENTRIES = 64
#: Entries that are trimmed at a time.
TRIM_ENTRIES = 16
#: How long entries are taken one after the other: the loop belongs to others, too.
SLICE_S = 5 * MILLISECONDS
#: What comes within this time of what was read is read together. Who reads each entry by itself
#: pays more for that, and for what it leads to one by one, than for all else about it.
GATHER_S = 1 * MILLISECONDS
#: The same while the stream is busy: where several entries came together.
BUSY_GATHER_S = 3 * MILLISECONDS
#: Before all ids.
BEGINNING = b"0-0"

log = structlog.get_logger(__name__)


class StreamReader:
    """See the module. It is calls from end to end: a task would be woken twice a read."""

    def __init__(
        self,
        link: Redis,
        stream: str,
        reach: Reach,
        clock: Clock,
        tasks: Tasks,
        take: Callable[[Mapping[bytes, bytes]], None],
    ) -> None:
        """Nothing was read.

        Args:
            link: One that waits long enough.
            take: Handles an entry's fields.
        """
        self._pipe = RedisPipe(link)
        self._stream = stream
        self._key = stream.encode()
        self._reach = reach
        self._clock = clock
        self._tasks = tasks
        self._take = take
        #: The last that was taken.
        self._after = BEGINNING
        self._untrimmed = 0
        #: What came and is not yet taken.
        self._came: deque[tuple[bytes, list[bytes]]] = deque()
        self._gather_s = GATHER_S
        self._timer: Timer | None = None
        self._stopped = False

    def start(self) -> None:
        """Follow it until `stop`."""
        self._ask()

    def stop(self) -> None:
        """Take nothing more."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()
        self._came.clear()

    async def close(self) -> None:
        """Let go of the connection, too."""
        self.stop()
        await self._pipe.close()

    # --- inside ---------------------------------------------------------------------------------

    def _ask(self) -> None:
        socket = self._pipe.socket
        if socket is None:
            self._tasks.start(self._connect(), "bus reader")
            return
        after = self._after
        commands: list[Command] = [
            (b"XREAD", b"COUNT", b"%d" % MOST_ENTRIES, b"BLOCK", b"%d" % BLOCK_MS,
             b"STREAMS", self._key, after)
        ]  # fmt: skip
        if self._untrimmed >= TRIM_ENTRIES and after != BEGINNING:
            self._untrimmed = 0
            commands = [UNANSWERED, (b"XTRIM", self._key, b"MINID", b"=", after), *commands]
        socket.send(packed(commands), 1, self._told)

    async def _connect(self) -> None:
        # Whoever answers there may be another server by now.
        self._after = BEGINNING
        try:
            await self._pipe.connect()
        except (RedisError, OSError) as error:
            self._failed(error)
        else:
            if self._stopped:
                await self._pipe.close()
            else:
                self._ask()

    def _told(self, replies: list[Any] | Exception) -> None:
        if self._stopped:
            return
        reply = replies if isinstance(replies, Exception) else replies[0]
        if isinstance(reply, Exception):
            self._failed(reply)
            return
        self._reach.worked()
        found: dict[bytes, list[Any]] = reply or {}
        self._came.extend(found.get(self._key, ()))
        self._untrimmed += len(self._came)
        if self._came:
            busy = 1 < len(self._came) < MOST_ENTRIES  # with as many as can be, more wait
            self._gather_s = BUSY_GATHER_S if busy else GATHER_S
            # In the next turn of the loop: what it reads now leads to one write, with this.
            asyncio.get_running_loop().call_soon(self._take_all)
        else:
            self._after = BEGINNING
            self._ask()

    def _take_all(self) -> None:
        began = self._clock.monotonic()
        while self._came:
            if self._clock.monotonic() - began > SLICE_S:
                asyncio.get_running_loop().call_soon(self._take_all)
                return
            self._after, fields = self._came.popleft()
            try:
                self._take(dict(zip(fields[::2], fields[1::2], strict=True)))
            except Exception:
                # One entry must not end the reading of all that follow.
                log.exception("entry_failed", stream=self._stream)
        if not self._stopped:
            self._timer = self._clock.call_later(self._gather_s, self._ask)

    def _failed(self, error: Exception) -> None:
        self._after = BEGINNING
        if not self._stopped:
            self._timer = self._clock.call_later(self._reach.failed(error), self._ask)


__all__ = [
    "BEGINNING",
    "BUSY_GATHER_S",
    "GATHER_S",
    "MOST_ENTRIES",
    "SLICE_S",
    "TRIM_ENTRIES",
    "StreamReader",
]
