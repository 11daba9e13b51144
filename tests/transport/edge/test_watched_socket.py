"""Whether anybody is still there, reads, and may be."""

from __future__ import annotations

import socket
from typing import Any

import pytest
import structlog
from tests.support.edge import (
    CONV,
    DEVICE,
    USER,
    bed,
    delivery,
    passes,
    watch_frame,
)
from tests.support.raw_socket import frame_bytes, masked, raw_socket

from hubbub.config.limits import Limits
from hubbub.transport.edge.watched_socket import MISSES, STUCK_S

# --- a reader that does not read ----------------------------------------------------------------


async def test_a_slow_reader_gets_behind_and_then_everything_again() -> None:
    async with bed() as it, raw_socket(it.port) as raw:
        await raw.sign_in()
        box: Any = it.connection.outbox
        seq = 0
        while not box._collapsed:
            seq += 1
            box.push(delivery(seq, "x" * 10_000))
            await it.settle()
        known = 0
        while known < seq:
            for frame in await raw.frames():
                if frame["t"] == "msg":
                    assert frame["s"] == known + 1
                    known = frame["s"]
                else:
                    assert frame == {"t": "behind", "convs": {CONV: seq}}
                    known = seq
        box.push(delivery(seq + 1))
        assert (await raw.json())["s"] == seq + 1


async def test_a_reader_that_is_stuck_is_closed() -> None:
    async with bed(virtual=True) as it:
        async with raw_socket(it.port) as raw:
            await raw.sign_in()
            box: Any = it.connection.outbox
            while not box.paused:
                box.push(delivery(1, "x" * 100_000))
                await it.settle()
            with structlog.testing.capture_logs() as logs:
                await passes(it, STUCK_S + 1)
                assert len(it.edge) == 1
                await passes(it, 6)
                await it.settle(lambda: len(it.edge) == 0)
        assert [line["code"] for line in logs if line["event"] == "connection_closed"] == [4508]
        assert it.ended == ["session:here:i/1"]


async def test_a_reader_that_is_slow_but_moves_is_not_closed() -> None:
    async with bed(virtual=True) as it, raw_socket(it.port, receive_bytes=4096) as raw:
        await raw.sign_in()
        box: Any = it.connection.outbox
        transport = box._transport
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        while not box.paused:
            box.push(delivery(1, "x" * 400_000))
            await it.settle()
        for _ in range(4):
            before = transport.get_write_buffer_size()
            while transport.get_write_buffer_size() >= before:
                await raw.reader.read(4096)
                await it.settle()
            assert box.paused
            await raw.write(masked(b"", 10))
            await passes(it, STUCK_S / 2)
        assert len(it.edge) == 1
        # What the kernel still moves in its own time counts as movement; it is soon at an end.
        for _ in range(10):
            await passes(it, STUCK_S + 1 + 6)
            if len(it.edge) == 0:
                break
        assert len(it.edge) == 0


async def test_answers_that_are_not_read_stop_the_reading() -> None:
    async with bed(limits=Limits(rate_per_s=0, out_bytes=20_000)) as it, raw_socket(it.port) as raw:
        await raw.sign_in()
        box: Any = it.connection.outbox
        while not box.paused:
            box.push(delivery(1, "x" * 100_000))
            await it.settle()
        number = 0
        while not box.heavy:
            number += 1
            await raw.write(frame_bytes({"t": "nothing", "id": number}))
            await it.settle()
        last = number + 500
        for n in range(number + 1, last + 1):
            await raw.write(frame_bytes(watch_frame(n)))
        await it.settle()
        assert it.told == []
        done = 0
        while done < last:
            for frame in await raw.frames():
                if "re" in frame:
                    assert frame["re"] == done + 1
                    done = frame["re"]
        assert len(it.told) == 500


# --- time ---------------------------------------------------------------------------------------


async def test_a_silent_client_is_pinged_and_then_left() -> None:
    async with bed(virtual=True) as it, raw_socket(it.port) as raw:
        await raw.sign_in()
        for _ in range(MISSES):
            await passes(it, 25.5)
            assert await raw.frame() == (9, b"")
        assert len(it.edge) == 1
        await passes(it, 25.5)
        await it.settle(lambda: len(it.edge) == 0)
        assert await raw.ended() in (b"", b"reset")


@pytest.mark.parametrize(
    "sign", [masked(b"", 10), frame_bytes({"t": "ping"})], ids=["pong", "frame"]
)
async def test_any_sign_of_life_counts(sign: bytes) -> None:
    async with bed(virtual=True) as it, raw_socket(it.port) as raw:
        await raw.sign_in()
        for _ in range(6):
            await passes(it, 20)
            await raw.write(sign)
            await it.settle()
        assert len(it.edge) == 1


async def test_a_message_that_takes_long_to_come_is_a_sign_of_life_while_it_comes() -> None:
    async with bed(virtual=True) as it, raw_socket(it.port) as raw:
        await raw.sign_in()
        for byte in frame_bytes({"t": "ping"})[:6]:
            await passes(it, 20)
            await raw.write(bytes((byte,)))
            await it.settle()
        assert len(it.edge) == 1
        await passes(it, 80)
        assert len(it.edge) == 0


async def test_an_expired_token_closes_and_a_renewed_one_does_not() -> None:
    async with bed(virtual=True) as it:
        it.tokens.lifetime_ms = 20_000
        async with it.client() as client, it.client(hello=False) as other:
            await other.hello(device="v_b")
            await passes(it, 15)
            await client.send({"t": "auth", "id": 1, "token": f"{USER}/{DEVICE}"})
            assert await client.get() == {"t": "ok", "re": 1}
            await passes(it, 6)
            assert await other.closed() == 4401
            await client.send({"t": "ping"})
            assert await client.get() == {"t": "pong"}
            await passes(it, 15)
            assert await client.closed() == 4401
