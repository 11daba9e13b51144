"""Questions on one connection, to a server that a test plays itself, byte by byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from redis.exceptions import ConnectionError as LostError
from redis.exceptions import InvalidResponse, ResponseError
from redis.exceptions import TimeoutError as SilentError

from hubbub.transport.cluster.redis_socket import RedisSocket


@dataclass(frozen=True, slots=True)
class Line:
    """Both ends of a connection."""

    socket: RedisSocket
    server: asyncio.StreamWriter
    asked: asyncio.StreamReader


@asynccontextmanager
async def line() -> AsyncGenerator[Line]:
    taken: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    listener = await asyncio.start_server(lambda r, w: taken.put_nowait((r, w)), "127.0.0.1", 0)
    _, writer = await asyncio.open_connection(*listener.sockets[0].getsockname())
    asked, server = await taken.get()
    socket = RedisSocket(writer)
    try:
        yield Line(socket, server, asked)
    finally:
        socket.close()
        server.close()
        listener.close()


async def test_replies_are_told_when_all_are_there_however_they_come() -> None:
    async with line() as ends:
        answer = asyncio.get_running_loop().create_task(ends.socket.ask(b"two things\r\n", 2, None))
        assert await ends.asked.readline() == b"two things\r\n"
        ends.server.write(b"$3\r\none\r\n:")
        await ends.server.drain()
        await asyncio.sleep(0)
        assert not answer.done()
        ends.server.write(b"2\r\n")
        assert await answer == [b"one", 2]
        last = asyncio.get_running_loop().create_task(ends.socket.ask(b"?\r\n", 1, None))
        ends.server.write(b"_\r\n")
        assert await last == [None]


async def test_a_refusal_is_a_reply_like_any_other() -> None:
    async with line() as ends:
        ends.server.write(b"-ERR no\r\n+OK\r\n")
        refused, fine = await ends.socket.ask(b"?\r\n", 2, None)
        assert isinstance(refused, ResponseError)
        assert (str(refused), fine) == ("ERR no", b"OK")


async def test_a_server_that_goes_away_answers_nothing_and_is_asked_nothing_more() -> None:
    async with line() as ends:
        answer = asyncio.get_running_loop().create_task(ends.socket.ask(b"?\r\n", 1, None))
        await ends.asked.readline()
        ends.server.close()
        with pytest.raises(LostError):
            await answer
        assert ends.socket.lost
        with pytest.raises(LostError):
            await ends.socket.ask(b"?\r\n", 1, None)


async def test_a_server_that_says_nothing_is_given_up_with_its_connection() -> None:
    async with line() as ends:
        with pytest.raises(SilentError):
            await ends.socket.ask(b"?\r\n", 1, 0.01)
        assert ends.socket.lost


async def test_what_is_no_reply_ends_the_connection() -> None:
    async with line() as ends:
        ends.server.write(b"!what?\r\n")
        with pytest.raises(InvalidResponse):
            await ends.socket.ask(b"?\r\n", 1, None)
        assert ends.socket.lost


async def test_who_asked_and_went_away_leaves_no_reply_to_another() -> None:
    async with line() as ends:
        answer = asyncio.get_running_loop().create_task(ends.socket.ask(b"?\r\n", 1, None))
        await ends.asked.readline()
        answer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await answer
        assert ends.socket.lost


async def test_what_comes_unasked_is_nobodys_reply() -> None:
    async with line() as ends:
        ends.server.write(b"+stray\r\n")
        assert await ends.asked.read() == b""
        with pytest.raises(LostError):
            await ends.socket.ask(b"?\r\n", 1, None)
