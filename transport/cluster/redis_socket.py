"""The bytes of one connection to a Redis server: a question goes out, its replies come back.

ask -> written at once -> what arrives is parsed (hiredis) -> as many replies as were asked for
    -> the connection ends, or the time is over: an error, and no other question after it
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

import hiredis
from redis.exceptions import ConnectionError as LostError
from redis.exceptions import InvalidResponse, ResponseError
from redis.exceptions import TimeoutError as SilentError


class RedisSocket(asyncio.Protocol):
    """See the module; one question at a time."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        """Take over a connection that is signed in and on which nothing is to come."""
        # It reads, too.
        self._transport = transport = cast("asyncio.Transport", writer.transport)
        self._loop = asyncio.get_running_loop()
        self._parser = hiredis.Reader(protocolError=InvalidResponse, replyError=ResponseError)
        self._replies: list[Any] = []
        self._awaited = 0
        self._answer: asyncio.Future[list[Any]] | None = None
        transport.set_protocol(self)
        transport.resume_reading()

    @property
    def lost(self) -> bool:
        """Whether nothing can be asked any more."""
        return self._transport.is_closing()

    async def ask(self, question: bytes, replies: int, timeout_s: float | None) -> list[Any]:
        """So many replies; one that is a refusal is a ResponseError among them.

        Raises:
            RedisError: The connection is lost, or the server says nothing. It ends with it.
        """
        if self.lost:
            raise LostError
        answer: asyncio.Future[list[Any]] = self._loop.create_future()
        self._answer = answer
        self._awaited = replies
        timer = self._loop.call_later(timeout_s, self._silent) if timeout_s is not None else None
        try:
            self._transport.write(question)
            return await answer
        except BaseException:
            # What is still to come would be taken for the next one's.
            self.close()
            raise
        finally:
            self._answer = None
            if timer is not None:
                timer.cancel()

    def close(self) -> None:
        """Let go of it; what was not yet sent is not sent."""
        self._transport.abort()

    # --- asyncio.Protocol -----------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        if self._answer is None:
            # It would be taken for the next one's reply.
            self._end(InvalidResponse("a reply to nothing"))
            return
        try:
            self._parser.feed(data)
            while len(self._replies) < self._awaited:
                reply = self._parser.gets()
                if reply is False:
                    return
                self._replies.append(reply)
        except InvalidResponse as error:
            self._end(error)
            return
        replies, self._replies, self._awaited = self._replies, [], 0
        if not self._answer.done():
            self._answer.set_result(replies)

    def eof_received(self) -> None:
        """See `asyncio.Protocol`: the connection ends."""

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._end(LostError(str(exc) if exc is not None else "the server closed the connection"))

    # --- inside ---------------------------------------------------------------------------------

    def _silent(self) -> None:
        self._end(SilentError("the server says nothing"))

    def _end(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
        self._transport.abort()


__all__ = ["RedisSocket"]
