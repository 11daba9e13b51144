"""Commands to a real server, and what becomes of their replies when something is in the way."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from redis.exceptions import RedisError, ResponseError
from tests.support.asked import command
from tests.support.redis_server import RedisServer, running_redis

from hubbub.transport.cluster.redis_links import RedisLinks
from hubbub.transport.cluster.redis_pipe import UNANSWERED, RedisPipe, packed


@asynccontextmanager
async def pipe(server: RedisServer, timeout_s: float = 20.0) -> AsyncGenerator[RedisPipe]:
    links = RedisLinks.to(server.url, node="n1", timeout_s=timeout_s)
    made = RedisPipe(links.quick)
    try:
        yield made
    finally:
        await made.close()
        await links.close()


def test_commands_are_packed_as_the_server_reads_them() -> None:
    assert packed([(b"GET", b"k"), (b"PING",)]) == (
        b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n*1\r\n$4\r\nPING\r\n"
    )


@pytest.mark.parametrize("turns", range(6))
async def test_one_that_is_let_go_of_while_it_connects_says_so(
    redis_server: RedisServer, turns: int
) -> None:
    async with pipe(redis_server) as redis:
        connecting = asyncio.ensure_future(redis.connect())  # noqa: TID251 - a test's own
        for _ in range(turns + 1):
            await asyncio.sleep(0)
        assert not connecting.done()
        await redis.close()
        with pytest.raises(ConnectionAbortedError):
            await connecting
        assert redis.socket is None
        assert await command(redis, (b"ECHO", b"again")) == [b"again"]


async def test_replies_come_in_order_and_a_refusal_is_the_reply_of_its_own_command(
    redis_server: RedisServer,
) -> None:
    async with pipe(redis_server) as redis:
        first, refused, last = await command(
            redis, (b"ECHO", b"one"), (b"XADD", b"no-stream"), (b"ECHO", b"two")
        )
        assert (first, last) == (b"one", b"two")
        assert isinstance(refused, ResponseError)
        assert await command(redis, (b"ECHO", b"three")) == [b"three"]


async def test_what_is_unanswered_is_done_and_shows_nowhere(
    redis_server: RedisServer,
) -> None:
    async with pipe(redis_server) as redis:
        done = (UNANSWERED, (b"SET", b"done", b"yes"), (b"GET", b"done"))
        assert await command(redis, *done, replies=1) == [b"yes"]
        refused = (UNANSWERED, (b"NONSENSE",), (b"DEL", b"done"))
        assert await command(redis, *refused, replies=1) == [1]


async def test_a_server_that_says_nothing_is_given_up_and_its_late_reply_is_nobodys() -> None:
    with running_redis() as server:
        async with pipe(server, timeout_s=0.3) as redis:
            assert await command(redis, (b"ECHO", b"early")) == [b"early"]
            server.signal(signal.SIGSTOP)
            with pytest.raises((RedisError, OSError)):
                await command(redis, (b"ECHO", b"late"))
            server.signal(signal.SIGCONT)
            assert await command(redis, (b"ECHO", b"next")) == [b"next"]


async def test_a_connection_that_broke_is_made_again_by_the_next_question() -> None:
    with running_redis() as server:
        async with pipe(server) as redis:
            await command(redis, (b"PING",))
            server.kill()
            with pytest.raises((RedisError, OSError)):
                await command(redis, (b"PING",))
            server.start()
            assert await command(redis, (b"ECHO", b"back")) == [b"back"]
