"""Commands to a Redis server and their replies, several at a time, on one connection of their own.

It is what the streams use, message after message: the library's pipeline, with a connection from
its pool each time, took twice the CPU. The library still connects, signs in and parses.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.connection import Connection
from redis.exceptions import ResponseError

#: A command and its arguments.
Command = Sequence[bytes]

_SKIP: Command = (b"CLIENT", b"REPLY", b"SKIP")


class RedisPipe:
    """See the module; it connects when it is first used, and again after a failure."""

    def __init__(self, link: Redis) -> None:
        """Nothing is connected.

        Args:
            link: Says where the server is, how to get in, and how long to wait.
        """
        # The library has no types here.
        self._connection: Connection = link.connection_pool.make_connection()  # type: ignore[no-untyped-call] # pyright: ignore
        # One clock for all that is asked at once, and not one for each reply.
        self._timeout_s = self._connection.socket_timeout
        self._connection.socket_timeout = None

    async def ask(self, *commands: Command, unanswered: Command | None = None) -> list[Any]:
        """The reply to each command, in order; one that was refused has its ResponseError.

        Args:
            unanswered: Done before all others, and replied to by nobody: a reply that comes long
                before the next one would wake the loop for nothing.

        Raises:
            RedisError, OSError: They may have been done, or not. Nothing is done again.
        """
        connection = self._connection
        asked = packed(commands if unanswered is None else (_SKIP, unanswered, *commands))
        replies: list[Any] = []
        try:
            async with asyncio.timeout(self._timeout_s):
                if not connection.is_connected:
                    await connection.connect()  # type: ignore[no-untyped-call] # nor here
                await connection.send_packed_command(asked, check_health=False)
                for _ in commands:
                    try:
                        replies.append(await connection.read_response(timeout=math.inf))
                    except ResponseError as refusal:
                        replies.append(refusal)
        except BaseException:
            # What is still to come would be taken for the next one's.
            await connection.disconnect(nowait=True)
            raise
        return replies

    async def close(self) -> None:
        """Let go of it."""
        await self._connection.disconnect(nowait=True)


def packed(commands: Sequence[Command]) -> bytes:
    """The bytes of these commands."""
    parts: list[bytes] = []
    for command in commands:
        parts.append(b"*%d\r\n" % len(command))
        parts += [b"$%d\r\n%b\r\n" % (len(word), word) for word in command]
    return b"".join(parts)


__all__ = ["Command", "RedisPipe", "packed"]
