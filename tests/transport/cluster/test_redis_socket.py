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
from tests.support.asked import ask

from hubbub.transport.cluster.redis_socket import RedisSocket


@dataclass(frozen=True, slots=True)
class Line:
    """Both ends of a connection."""

    socket: RedisSocket
    server: asyncio.StreamWriter
    asked: asyncio.StreamReader


@asynccontextmanager
async def line(timeout_s: float | None = None, rest_s: float = 0.0) -> AsyncGenerator[Line]:
    taken: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    listener = await asyncio.start_server(lambda r, w: taken.put_nowait((r, w)), "127.0.0.1", 0)
    _, writer = await asyncio.open_connection(*listener.sockets[0].getsockname())
    asked, server = await taken.get()
    socket = RedisSocket(writer, timeout_s, rest_s)
    try:
        yield Line(socket, server, asked)
    finally:
        socket.close()
        server.close()
        listener.close()


async def test_replies_are_told_when_all_are_there_however_they_come() -> None:
    async with line() as ends:
        answer = asyncio.get_running_loop().create_task(ask(ends.socket, b"two things\r\n", 2))
        assert await ends.asked.readline() == b"two things\r\n"
        ends.server.write(b"$3\r\none\r\n:")
        await ends.server.drain()
        await asyncio.sleep(0)
        assert not answer.done()
        ends.server.write(b"2\r\n")
        assert await answer == [b"one", 2]
        last = asyncio.get_running_loop().create_task(ask(ends.socket, b"?\r\n", 1))
        ends.server.write(b"_\r\n")
        assert await last == [None]


async def test_a_refusal_is_a_reply_like_any_other() -> None:
    async with line() as ends:
        answer = asyncio.get_running_loop().create_task(ask(ends.socket, b"?\r\n", 2))
        await ends.asked.readline()
        ends.server.write(b"-ERR no\r\n+OK\r\n")
        refused, fine = await answer
        assert isinstance(refused, ResponseError)
        assert (str(refused), fine) == ("ERR no", b"OK")


async def test_a_server_that_goes_away_answers_nothing_and_is_asked_nothing_more() -> None:
    async with line() as ends:
        answer = asyncio.get_running_loop().create_task(ask(ends.socket, b"?\r\n", 1))
        await ends.asked.readline()
        ends.server.close()
        with pytest.raises(LostError):
            await answer
        assert ends.socket.lost
        with pytest.raises(LostError):
            await ask(ends.socket, b"?\r\n", 1)


async def test_a_server_that_says_nothing_is_given_up_with_its_connection() -> None:
    async with line(timeout_s=0.01) as ends:
        with pytest.raises(SilentError):
            await ask(ends.socket, b"?\r\n", 1)
        assert ends.socket.lost


async def test_what_is_no_reply_ends_the_connection() -> None:
    async with line() as ends:
        answer = asyncio.get_running_loop().create_task(ask(ends.socket, b"?\r\n", 1))
        await ends.asked.readline()
        ends.server.write(b"@what?\r\n")
        with pytest.raises(InvalidResponse):
            await answer
        assert ends.socket.lost


async def test_what_comes_unasked_is_nobodys_reply() -> None:
    async with line() as ends:
        ends.server.write(b"+stray\r\n")
        assert await ends.asked.read() == b""
        with pytest.raises(LostError):
            await ask(ends.socket, b"?\r\n", 1)


async def test_questions_go_out_before_the_earlier_ones_are_answered() -> None:
    async with line() as ends:
        told: list[object] = []
        for question in (b"one\r\n", b"two\r\n", b"three\r\n"):
            ends.socket.send(question, 1, told.append)
        assert [await ends.asked.readline() for _ in range(3)] == [
            b"one\r\n",
            b"two\r\n",
            b"three\r\n",
        ]
        ends.server.write(b":1\r\n:2\r\n")
        ends.server.close()
        with pytest.raises(LostError):
            await ask(ends.socket, b"?\r\n", 1)
        assert told[:2] == [[1], [2]]
        assert isinstance(told[2], LostError)


async def test_one_that_rests_finds_all_replies_when_it_wakes() -> None:
    async with line(rest_s=3600) as ends:
        told: list[object] = []
        for _ in range(2):
            ends.socket.send(b"?\r\n", 1, told.append)
            await ends.asked.readline()
            ends.server.write(b":1\r\n")
            await ends.server.drain()
        async with line() as others:
            answer = asyncio.get_running_loop().create_task(ask(others.socket, b"?\r\n", 1))
            await others.asked.readline()
            others.server.write(b"+OK\r\n")
            await answer
        assert told == []
        ends.socket.wake()
        assert await _last(ends) == [3]
        assert told == [[1], [1]]


async def test_one_that_is_asked_all_the_time_finds_its_replies_all_the_same() -> None:
    async with line(rest_s=0.001, timeout_s=20) as ends:
        told: list[object] = []
        while not told:
            ends.socket.send(b"?\r\n", 1, told.append)
            ends.server.write(b":1\r\n")
            ends.socket.wake()
            ends.socket.send(b"?\r\n", 1, told.append)
            ends.server.write(b":2\r\n")
            await asyncio.sleep(0)
        assert told[0] == [1]


async def _last(ends: Line) -> list[object]:
    """Ask once more, and have it answered."""
    answer = asyncio.get_running_loop().create_task(ask(ends.socket, b"?\r\n", 1))
    await ends.asked.readline()
    ends.socket.wake()
    ends.server.write(b":3\r\n")
    return await answer
