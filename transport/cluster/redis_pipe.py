"""Commands to a Redis server and their replies, several at a time, on one connection of their own.

It is what the streams use, message after message: the library's pipeline, with a connection from
its pool each time and a coroutine or four a reply, took several times the CPU. The library still
connects and signs in (TLS, users, the database), and its parser parses.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.connection import Connection

from .redis_socket import RedisSocket

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
        self._timeout_s: float | None = self._connection.socket_timeout
        self._socket: RedisSocket | None = None

    async def ask(self, *commands: Command, unanswered: Command | None = None) -> list[Any]:
        """The reply to each command, in order; one that was refused has its ResponseError.

        Args:
            unanswered: Done before all others, and replied to by nobody: a reply that comes long
                before the next one would wake the loop for nothing.

        Raises:
            RedisError, OSError: They may have been done, or not. Nothing is done again.
        """
        socket = self._socket
        if socket is None or socket.lost:
            socket = await self._connect()
        asked = packed(commands if unanswered is None else (_SKIP, unanswered, *commands))
        return await socket.ask(asked, len(commands), self._timeout_s)

    async def close(self) -> None:
        """Let go of it."""
        if self._socket is not None:
            self._socket.close()
        await self._connection.disconnect(nowait=True)

    async def _connect(self) -> RedisSocket:
        connection = self._connection
        await connection.disconnect(nowait=True)
        async with asyncio.timeout(self._timeout_s):
            await connection.connect()  # type: ignore[no-untyped-call] # nor here
        # There is no other way to what it connected.
        writer = connection._writer  # pyright: ignore[reportPrivateUsage]
        assert writer is not None
        self._socket = RedisSocket(writer)
        return self._socket


def packed(commands: Sequence[Command]) -> bytes:
    """The bytes of these commands."""
    parts: list[bytes] = []
    for command in commands:
        parts.append(b"*%d\r\n" % len(command))
        parts += [b"$%d\r\n%b\r\n" % (len(word), word) for word in command]
    return b"".join(parts)


__all__ = ["Command", "RedisPipe", "packed"]
