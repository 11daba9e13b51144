"""Follows one stream of Redis: what is new in it is taken, in order; what was taken is trimmed.

XTRIM (what lies before the last that was taken) + XREAD BLOCK -> take, one by one -> again
    -> nothing new, or out of reach -> from the beginning: a stream that was forgotten meanwhile,
       or that another server has, may count from lower ids

So the last entry, and after a break what was not trimmed, may be taken twice: whoever takes it can
tell by what it says itself (the number of a batch, of a view).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from ...actors.waiting import pause
from ...config.clock import Clock
from .reach import Reach
from .redis_links import BLOCK_MS
from .redis_pipe import RedisPipe

#: Entries that come at a time: each is bounded in bytes.
MOST_ENTRIES = 64
#: Before all ids.
BEGINNING = b"0-0"

log = structlog.get_logger(__name__)


class StreamReader:
    """See the module."""

    def __init__(
        self,
        link: Redis,
        stream: str,
        reach: Reach,
        clock: Clock,
        take: Callable[[Mapping[bytes, bytes]], None],
    ) -> None:
        """Nothing was read.

        Args:
            link: One that waits long enough.
            take: Handles an entry's fields.
        """
        self._pipe = RedisPipe(link)
        self._stream = stream
        self._reach = reach
        self._clock = clock
        self._take = take

    async def run(self) -> None:
        """Follow it until this is cancelled."""
        try:
            await self._follow()
        finally:
            await self._pipe.close()

    async def _follow(self) -> None:
        me = asyncio.current_task()
        assert me is not None
        after = BEGINNING
        # To be cancelled while it sends is lost on the library: `wait_for` in CPython 3.11.
        while not me.cancelling():
            try:
                entries = await self._read(after)
            except (RedisError, OSError) as error:
                after = BEGINNING
                await pause(self._clock, self._reach.failed(error))
                continue
            self._reach.worked()
            if not entries:
                after = BEGINNING
            for index, (name, fields) in enumerate(entries):
                if index:
                    # The loop belongs to others, too.
                    await asyncio.sleep(0)
                self._handle(fields)
                after = name

    async def _read(self, after: bytes) -> list[tuple[bytes, Mapping[bytes, bytes]]]:
        stream = self._stream.encode()
        (reply,) = await self._pipe.ask(
            (b"XREAD", b"COUNT", b"%d" % MOST_ENTRIES, b"BLOCK", b"%d" % BLOCK_MS,
             b"STREAMS", stream, after),
            unanswered=(b"XTRIM", stream, b"MINID", b"=", after),
        )  # fmt: skip
        if isinstance(reply, RedisError):
            raise reply
        found: dict[bytes, list[Any]] = reply or {}
        return [
            (name, dict(zip(fields[::2], fields[1::2], strict=True)))
            for name, fields in found.get(stream, [])
        ]

    def _handle(self, fields: Mapping[bytes, bytes]) -> None:
        try:
            self._take(fields)
        except Exception:
            # One entry must not end the reading of all that follow.
            log.exception("entry_failed", stream=self._stream)


__all__ = ["BEGINNING", "MOST_ENTRIES", "StreamReader"]
