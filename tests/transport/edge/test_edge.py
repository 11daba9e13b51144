"""All connections of a node: how many, and how they are sent away."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from tests.support.clock import ManualClock
from tests.support.edge import PATIENCE_S, bed, delivery, hello_frame, passes
from tests.support.raw_socket import frame_bytes, masked, raw_socket
from websockets.exceptions import InvalidStatus

from hubbub.transport.edge.admission import Admission
from hubbub.transport.edge.holder import LINE_S, Holder


async def test_a_full_node_says_so_until_somebody_goes() -> None:
    async with bed(max_connections=2) as it:
        async with it.client(), it.client(hello=False):
            assert (it.edge.wants_more, it.edge.load) == (False, 1.0)
            with pytest.raises(InvalidStatus) as refused:
                async with it.client():
                    pass
            assert refused.value.response.status_code == 503
            assert refused.value.response.headers["Retry-After"] == "5"
            assert len(it.edge) == 2
        await it.settle(lambda: len(it.edge) == 0)
        async with it.client():
            assert (it.edge.wants_more, it.edge.load) == (True, 0.5)


async def test_two_edges_in_one_process_are_apart() -> None:
    async with bed() as one, bed(max_connections=0) as other, one.client():
        assert len(one.edge) == 1
        assert len(other.edge) == 0
        assert not other.edge.wants_more
        classes = one.edge.protocol_class(), other.edge.protocol_class()
        assert classes[0].shared is not classes[1].shared
        assert issubclass(classes[0], Holder)


async def test_a_stampede_is_let_in_at_a_bounded_rate() -> None:
    clock = ManualClock()
    admission = Admission(clock, rate_per_s=1, burst=1)
    async with bed(clock=clock, admission=admission) as it, AsyncExitStack() as stack:
        crowd = [await stack.enter_async_context(raw_socket(it.port)) for _ in range(4)]
        for raw in crowd:
            await raw.write(_request())
        await it.settle(lambda: len(it.edge) == 4)
        for inside in (1, 2, 3, 4):
            assert len(admission) == 4 - inside
            assert (await crowd[inside - 1].head()).startswith("HTTP/1.1 101 ")
            await passes(it, 1.25)


async def test_who_leaves_the_line_or_stands_in_it_too_long_is_forgotten() -> None:
    clock = ManualClock()
    admission = Admission(clock, rate_per_s=0.001, burst=1)
    async with (
        bed(clock=clock, admission=admission) as it,
        raw_socket(it.port) as first,
        raw_socket(it.port) as second,
    ):
        await first.upgrade()
        await first.write(frame_bytes(hello_frame()))
        assert (await first.json())["t"] == "welcome"
        async with raw_socket(it.port) as third:
            for raw in (second, third):
                await raw.write(_request())
            await it.settle(lambda: len(admission) == 2)
        await it.settle(lambda: len(admission) == 1)
        assert len(it.edge) == 2
        await passes(it, LINE_S + 1)
        await it.settle(lambda: len(it.edge) == 1)
        assert len(admission) == 0
        assert await second.ended() in (b"", b"reset")


def _request() -> bytes:
    return (
        b"GET /ws HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Protocol: hubbub.v1.json\r\n\r\n"
    )


async def test_draining_tells_each_client_when_to_go_and_closes_who_stays() -> None:
    async with bed(virtual=True) as it, raw_socket(it.port) as raw, it.client(device="v_b") as b:
        await raw.sign_in()
        draining = asyncio.ensure_future(it.edge.drain(20))  # noqa: TID251 - a test's own
        assert await raw.json() == {"t": "bye", "after": 10_000}
        assert await b.get() == {"t": "bye", "after": 10_000}
        mine = it.edge.directory.connection("session:here:i/2")
        assert mine is not None
        mine.outbox.push(delivery(1))
        assert (await raw.json())["s"] == 1
        await b.socket.close()
        await passes(it, 9)
        assert len(it.edge) == 1
        await passes(it, 2)
        assert await raw.close_code() == 4503
        assert not draining.done()
        await raw.write(masked(b"", 8))
        await asyncio.wait_for(draining, PATIENCE_S)
        assert not it.edge.wants_more


async def test_draining_ends_in_time_even_if_a_client_does_not_go() -> None:
    async with bed(virtual=True) as it, raw_socket(it.port) as raw:
        await raw.sign_in()
        draining = asyncio.ensure_future(it.edge.drain(0))  # noqa: TID251 - a test's own
        await passes(it, 7)
        await asyncio.wait_for(draining, PATIENCE_S)
        await it.settle(lambda: len(it.edge) == 0)


async def test_closing_ends_everybody_even_those_who_do_not_answer() -> None:
    async with bed(virtual=True) as it, raw_socket(it.port) as raw, it.client(device="v_b") as b:
        await raw.sign_in()
        closing = asyncio.ensure_future(it.edge.close())  # noqa: TID251 - a test's own
        assert await b.closed() == 1012
        await passes(it, 7)
        await asyncio.wait_for(closing, PATIENCE_S)
        await it.settle(lambda: len(it.edge) == 0)
        assert await raw.close_code() == 1012


async def test_who_has_not_signed_in_is_sent_away_at_once() -> None:
    clock = ManualClock()
    admission = Admission(clock, rate_per_s=0.001, burst=1)
    async with (
        bed(clock=clock, admission=admission) as it,
        raw_socket(it.port) as inside,
        raw_socket(it.port) as in_line,
    ):
        await inside.upgrade()
        await in_line.write(_request())
        await it.settle(lambda: len(admission) == 1)
        draining = asyncio.ensure_future(it.edge.drain(20))  # noqa: TID251 - a test's own
        assert await inside.close_code() == 4503
        assert await in_line.ended() in (b"", b"reset")
        await inside.write(masked(b"", 8))
        await asyncio.wait_for(draining, PATIENCE_S)


async def test_an_edge_without_connections_drains_and_closes_at_once() -> None:
    async with bed(virtual=True) as it:
        await it.edge.drain(30)
        await it.edge.close()
        assert not it.edge.wants_more
