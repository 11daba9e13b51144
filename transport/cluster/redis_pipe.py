"""Commands to a Redis server and their replies, several at a time, on one connection of their own.

It is what the streams use, message after message: the library's pipeline, with a connection from
its pool each time and a coroutine or four a reply, took several times the CPU. The library still
connects and signs in (TLS, users, the database), and its parser parses.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import cast

import hiredis
from redis.asyncio import Redis
from redis.asyncio.connection import Connection

from .redis_socket import RedisSocket

#: A command and its arguments.
Command = Sequence[bytes]
#: Its type says one argument.
_pack = cast("Callable[[tuple[bytes, ...]], bytes]", hiredis.pack_command)

#: The command after it is replied to by nobody: a reply that comes long before the next one would
#: wake the loop for nothing.
UNANSWERED: Command = (b"CLIENT", b"REPLY", b"SKIP")


class RedisPipe:
    """See the module; it connects when it is first used, and again after a failure."""

    def __init__(self, link: Redis, rest_s: float = 0.0) -> None:
        """Nothing is connected.

        Args:
            link: Says where the server is, how to get in, and how long to wait.
            rest_s: See `RedisSocket`.
        """
        # The library has no types here.
        self._connection: Connection = link.connection_pool.make_connection()  # type: ignore[no-untyped-call] # pyright: ignore
        self._timeout_s: float | None = self._connection.socket_timeout
        self._rest_s = rest_s
        self._socket: RedisSocket | None = None
        self._connecting = self._closed = False

    @property
    def socket(self) -> RedisSocket | None:
        """The connection, while there is one."""
        return None if self._socket is None or self._socket.lost else self._socket

    async def connect(self) -> RedisSocket:
        """The connection, made if there is none.

        Raises:
            RedisError, OSError: It cannot be made, or was let go of meanwhile.
        """
        if self.socket is not None:
            return self.socket
        connection = self._connection
        self._closed, self._connecting = False, True
        try:
            await connection.disconnect(nowait=True)
            async with asyncio.timeout(self._timeout_s):
                await connection.connect()  # type: ignore[no-untyped-call] # nor here
        finally:
            self._connecting = False
            if self._closed:
                await connection.disconnect(nowait=True)
        if self._closed:
            raise ConnectionAbortedError("it was let go of while it connected")
        # There is no other way to what it connected.
        writer = connection._writer  # pyright: ignore[reportPrivateUsage]
        assert writer is not None
        self._socket = RedisSocket(writer, self._timeout_s, self._rest_s)
        return self._socket

    async def close(self) -> None:
        """Let go of it; who connects just now does so as soon as that is done."""
        self._closed = True
        if self._socket is not None:
            self._socket.close()
        if not self._connecting:
            await self._connection.disconnect(nowait=True)


def packed(commands: Sequence[Command]) -> bytes:
    """The bytes of these commands."""
    return b"".join([_pack(tuple(command)) for command in commands])


__all__ = ["UNANSWERED", "Command", "RedisPipe", "packed"]
