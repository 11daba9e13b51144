"""The bytes of one connection to a Redis server: questions go out, their replies come back.

send -> written at once, before the replies to what was sent earlier have come
    -> what arrives is parsed (hiredis) -> each question's replies, in order -> told
    -> the connection ends, or the server says nothing for too long: an error, to all who wait
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import hiredis
from redis.exceptions import ConnectionError as LostError
from redis.exceptions import InvalidResponse, ResponseError
from redis.exceptions import TimeoutError as SilentError

#: Hears the replies to a question, or why there are none.
Told = Callable[[list[Any] | Exception], None]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question, how many replies it has, those that are there, and when it was asked."""

    count: int
    told: Told
    at: float
    replies: list[Any] = field(default_factory=list[Any])


class RedisSocket(asyncio.Protocol):
    """See the module."""

    def __init__(
        self, writer: asyncio.StreamWriter, timeout_s: float | None, rest_s: float = 0.0
    ) -> None:
        """Take over a connection that is signed in and on which nothing is to come.

        Args:
            timeout_s: A server that owes a reply for longer is out of reach.
            rest_s: Replies are looked for so much later, those to all that was sent meanwhile
                together: a loop that wakes up for one costs more than all else about it.
        """
        # It reads, too.
        self._transport = transport = cast("asyncio.Transport", writer.transport)
        self._loop = asyncio.get_running_loop()
        self._timeout_s = timeout_s
        self._rest_s = rest_s
        self._parser = hiredis.Reader(protocolError=InvalidResponse, replyError=ResponseError)
        self._asked: deque[_Asked] = deque()
        self._watch: asyncio.TimerHandle | None = None
        self._resting: asyncio.TimerHandle | None = None
        #: It woke up, and has read nothing since: to rest again before that is to sleep for ever.
        self._woken = False
        transport.set_protocol(self)
        transport.resume_reading()

    @property
    def lost(self) -> bool:
        """Whether nothing can be asked any more."""
        return self._transport.is_closing()

    def send(self, question: bytes, replies: int, told: Told) -> None:
        """Ask, and be told so many replies; one that is a refusal is a ResponseError among them.

        It is told a RedisError where there are none: the connection ends with it.
        """
        if self.lost:
            told(LostError("the connection is closed"))
            return
        self._asked.append(_Asked(replies, told, self._loop.time()))
        self._transport.write(question)
        if self._watch is None and self._timeout_s is not None:
            self._watch = self._loop.call_later(self._timeout_s, self._look)
        if self._rest_s and self._resting is None and not self._woken and not self.lost:
            self._transport.pause_reading()
            self._resting = self._loop.call_later(self._rest_s, self.wake)

    def wake(self) -> None:
        """Look for replies from now on."""
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None
            self._woken = True
            if not self.lost:
                self._transport.resume_reading()

    def close(self) -> None:
        """Let go of it; what was not yet sent is not sent."""
        self._end(LostError("the connection was closed"))

    # --- asyncio.Protocol -----------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        self._woken = False
        try:
            self._parser.feed(data)
            while (reply := self._parser.gets()) is not False:
                if not self._asked:
                    raise InvalidResponse("a reply to nothing")
                asked = self._asked[0]
                asked.replies.append(reply)
                if len(asked.replies) == asked.count:
                    self._asked.popleft()
                    asked.told(asked.replies)
        except InvalidResponse as error:
            self._end(error)

    def eof_received(self) -> None:
        """See `asyncio.Protocol`: the connection ends."""

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._end(LostError(str(exc) if exc is not None else "the server closed the connection"))

    # --- inside ---------------------------------------------------------------------------------

    def _look(self) -> None:
        """Whether the server owes something for too long."""
        self._watch = None
        if self._asked and self._timeout_s is not None:
            left_s = self._asked[0].at + self._timeout_s - self._loop.time()
            if left_s > 0:
                self._watch = self._loop.call_later(left_s, self._look)
            else:
                self._end(SilentError("the server says nothing"))

    def _end(self, error: Exception) -> None:
        for timer in (self._watch, self._resting):
            if timer is not None:
                timer.cancel()
        self._watch = self._resting = None
        self._transport.abort()
        asked, self._asked = self._asked, deque()
        for each in asked:
            each.told(error)


__all__ = ["RedisSocket", "Told"]
