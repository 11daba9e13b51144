"""Ask on a connection to Redis and wait for it; what is tested is told instead."""

from __future__ import annotations

import asyncio
from typing import Any

from hubbub.transport.cluster.redis_pipe import Command, RedisPipe, packed
from hubbub.transport.cluster.redis_socket import RedisSocket


async def ask(socket: RedisSocket, question: bytes, replies: int) -> list[Any]:
    """The replies.

    Raises:
        RedisError: There are none.
    """
    answer: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()

    def told(replies: list[Any] | Exception) -> None:
        if isinstance(replies, Exception):
            answer.set_exception(replies)
        else:
            answer.set_result(replies)

    socket.send(question, replies, told)
    return await answer


async def command(pipe: RedisPipe, *commands: Command, replies: int = 0) -> list[Any]:
    """The replies to these commands, one each unless it is said; connects if need be.

    Raises:
        RedisError, OSError: There are none.
    """
    return await ask(await pipe.connect(), packed(commands), replies or len(commands))


__all__ = ["ask", "command"]
