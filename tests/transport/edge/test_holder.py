"""A socket from its handshake to its end, on a real port: what is read, and who may sign in."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import suppress
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.clock import ManualClock
from tests.support.edge import (
    CONV,
    DEVICE,
    MSGPACK,
    USER,
    Bed,
    as_frames,
    bed,
    delivery,
    frame_bytes,
    hello_frame,
    masked,
    raw_socket,
    watch_frame,
    watch_request,
)
from websockets.exceptions import ConnectionClosedError

from hubbub.actors.requests import CursorNotice
from hubbub.config.errors import StoreRetryableError, UnavailableError
from hubbub.config.limits import Limits
from hubbub.transport.edge.holder import HELLO_S, MISSES, SIGN_IN_S, STUCK_S

# --- signing in ---------------------------------------------------------------------------------


async def test_a_client_says_hello_and_is_welcomed() -> None:
    async with bed() as it, it.client(hello=False) as client:
        await client.send(hello_frame() | {"inst": "x", "try": 3})
        welcome = await client.get()
        assert welcome["t"] == "welcome"
        assert welcome["user"] == USER
        assert welcome["device"] == DEVICE
        assert (welcome["node"], welcome["hb"], welcome["mine"]) == ("here", 25, 3)
        assert welcome["limits"]["text_chars"] == 100_000
        assert welcome["limits"]["frame_bytes"] == 1_572_864
        connection = it.connection
        assert (connection.inst, connection.attempt) == ("x", 3)
        assert connection.session == "session:here:i/1"


async def test_both_encodings_say_the_same() -> None:
    async with bed() as it:
        for subprotocol in ("hubbub.v1.json", MSGPACK):
            async with it.client(subprotocol) as client:
                await client.send(watch_frame(5))
                assert await client.get() == {"t": "ok", "re": 5}
                it.connection.outbox.push(delivery(1, "\u20ac \U0001f600"))
                assert (await client.get())["b"]["text"] == "\u20ac \U0001f600"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"t": "ping"}, 4400),
        ({"t": "sync", "id": 1}, 4400),
        ({"t": "nothing"}, 4400),
        ({"t": "hello"}, 4400),
        (hello_frame() | {"v": 2}, 4400),
        (hello_frame() | {"token": ["x"]}, 4400),
        ([{"t": "ping"}, hello_frame()], 4400),
        (5, 4400),
        (hello_frame() | {"token": "forged"}, 4401),
        (hello_frame() | {"token": "revoked/" + DEVICE}, 4403),
        (hello_frame() | {"device": "v_other"}, 4403),
    ],
)
async def test_who_does_not_sign_in_properly_is_closed(message: Any, code: int) -> None:
    async with bed() as it:
        it.tokens.revoked.add("revoked/" + DEVICE)
        async with it.client(hello=False) as client:
            await client.socket.send(json.dumps(message))
            assert await client.closed() == code
        assert it.handovers == []
        await it.settle(lambda: len(it.edge) == 0)


@pytest.mark.parametrize("error", [UnavailableError(), StoreRetryableError(), RuntimeError("bug")])
async def test_when_nobody_can_tell_who_it_is_the_client_may_retry(error: Exception) -> None:
    async with bed() as it:
        it.tokens.raises = error
        async with it.client(hello=False) as client:
            with structlog.testing.capture_logs():
                await client.send(hello_frame())
                assert await client.closed() == 1011


async def test_no_hello_in_time_closes() -> None:
    async with bed(virtual=True) as it, it.client(hello=False) as client:
        await _pass(it, HELLO_S + 0.5)
        assert await client.closed() == 4408


async def test_an_empty_batch_is_no_hello() -> None:
    async with bed(virtual=True) as it, it.client(hello=False) as client:
        await client.socket.send("[]")
        await client.socket.ping()
        await _pass(it, HELLO_S + 0.5)
        assert await client.closed() == 4408


async def test_a_sign_in_that_takes_for_ever_closes() -> None:
    async with bed(virtual=True) as it, it.client(hello=False) as client:
        it.tokens.gate = asyncio.Event()
        await client.send(hello_frame())
        await it.settle(lambda: len(it.system.tasks) >= 2)
        await _pass(it, SIGN_IN_S + 0.5)
        assert await client.closed() == 1011
        it.tokens.gate.set()
        await it.settle()
        assert it.edge.directory.all() == []


async def test_a_client_that_leaves_while_it_signs_in_leaves_nothing() -> None:
    async with bed() as it:
        it.tokens.gate = asyncio.Event()
        before = len(it.system.tasks)
        async with raw_socket(it.port) as raw:
            await raw.upgrade()
            await raw.write(frame_bytes(hello_frame()))
            await it.settle(lambda: len(it.system.tasks) == before + 1)
        await it.settle(lambda: len(it.edge) == 0)
        assert len(it.system.tasks) == before
        assert it.edge.directory.all() == []


async def test_frames_right_behind_hello_are_done_after_the_welcome() -> None:
    async with bed() as it, raw_socket(it.port) as raw:
        await raw.upgrade()
        await raw.write(
            frame_bytes([hello_frame(), watch_frame(1)])
            + frame_bytes(watch_frame(2))
            + frame_bytes({"t": "read", "c": CONV, "s": 5})
        )
        frames: list[Any] = []
        while len(frames) < 3:
            frames += await raw.frames()
        assert [f["t"] for f in frames] == ["welcome", "ok", "ok"]
        assert it.told == [watch_request(1), watch_request(2), CursorNotice(CONV, "read", 5)]


async def test_a_second_hello_is_refused_and_harms_nothing() -> None:
    async with bed() as it, it.client() as client:
        await client.send(hello_frame())
        assert (await client.get())["code"] == "bad_request"
        await client.send({"t": "ping"})
        assert await client.get() == {"t": "pong"}


async def test_welcome_waits_until_the_session_is_attached() -> None:
    async with bed() as it, it.client(hello=False) as client:
        it.attach = False
        await client.send(hello_frame())
        await it.settle(lambda: len(it.edge.directory.all()) == 1)
        connection = it.connection
        connection.outbox.push(delivery(1))
        await it.settle()
        before = connection.welcomed
        connection.attached(9)
        assert (before, connection.welcomed) == (False, True)
        assert [f["t"] for f in await client.messages()] == ["welcome", "msg"]


# --- bytes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x81\x02hi", 1002),
        (masked(b"hi", 3), 1002),
        (masked(b"\xff\xfe"), 1007),
        (masked(b'{"t":"ping","x":"\xff"}'), 1007),
        (masked(b"\xe2\x82", fin=False) + masked(b"\xe2\x82", 0), 1007),
        (masked(b"hi", 2), 4400),
        (masked(b"not json"), 4400),
        (masked(b'{"t":"ping","x":' + b"[" * 50_000), 4400),
        (masked(b'{"t":"auth","id":1,"token":"\\ud800"}'), 4400),
        (masked(json.dumps([{"t": "ping"}] * 1001).encode()), 4400),
        (masked(b"\x0f\xa1", 8), 4001),
    ],
)
async def test_bytes_that_are_no_frame_close_with_their_code(data: bytes, code: int) -> None:
    async with bed() as it, it.client() as honest, raw_socket(it.port) as raw:
        await raw.upgrade()
        await raw.write(frame_bytes(hello_frame(device=DEVICE)))
        assert (await raw.json())["t"] == "welcome"
        await raw.write(data)
        assert await raw.close_code() == code
        await raw.write(masked(code.to_bytes(2, "big"), 8))
        assert await raw.ended() == b""
        await honest.send({"t": "ping"})
        assert await honest.get() == {"t": "pong"}


async def test_a_message_that_is_too_big_gets_its_code_while_it_still_comes() -> None:
    async with bed() as it, it.client() as honest, it.client(device="v_b", hello=False) as client:
        await client.hello(device="v_b")
        # The close may overtake the send.
        with suppress(ConnectionClosedError):
            await client.socket.send("x" * (2 << 20))
        assert await client.closed() == 1009
        await honest.send({"t": "ping"})
        assert await honest.get() == {"t": "pong"}


async def test_the_largest_text_goes_through() -> None:
    text = "\U0001f600" * 100_000
    async with bed() as it, it.client() as client:
        frame = {"t": "send", "id": 1, "c": CONV, "cid": 1, "prev": 0}
        await client.send(frame | {"b": {"k": "text", "text": text}})
        assert (await client.get())["t"] == "ok"
        assert it.told[0].body.text == text
        it.connection.outbox.push(delivery(1, text))
        assert (await client.get())["b"]["text"] == text


async def test_a_conversation_is_understood_however_it_is_split() -> None:
    data = frame_bytes(watch_frame(1)) + frame_bytes([watch_frame(2), watch_frame(3)])
    data += masked(b"{", fin=False) + masked(b"?", 9)
    data += masked(b'"t":"watch","id":4', 0, fin=False) + masked(b"}", 0)
    async with bed() as it, raw_socket(it.port) as raw:
        await raw.upgrade()
        await raw.write(frame_bytes(hello_frame()))
        assert (await raw.json())["t"] == "welcome"
        for at in range(0, len(data), 5):
            it.told.clear()
            await raw.write(data[:at])
            await it.settle()
            await raw.write(data[at:])
            answers: list[Any] = []
            while sum(a["t"] == "ok" for a in answers) < 4:
                opcode, payload = await raw.frame()
                if opcode == 10:
                    assert payload == b"?"
                    continue
                answers += as_frames(json.loads(payload))
            assert [r.id for r in it.told] == [1, 2, 3, 4]


@given(data=st.binary(min_size=1, max_size=200))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_hostile_bytes_never_hurt_a_neighbour(data: bytes) -> None:
    async def scenario() -> None:
        async with bed() as it, it.client() as honest, raw_socket(it.port) as raw:
            await raw.upgrade()
            await raw.write(frame_bytes(hello_frame(device="v_b")))
            assert (await raw.json())["t"] == "welcome"
            await raw.write(data)
            await raw.write(masked(data))
            await raw.write(masked(data, 2))
            await honest.send({"t": "ping"})
            assert await honest.get() == {"t": "pong"}

    with structlog.testing.capture_logs():
        asyncio.run(scenario())


async def test_a_flood_in_one_read_is_taken_in_parts() -> None:
    async with bed() as it, raw_socket(it.port) as raw:
        await raw.upgrade()
        await raw.write(frame_bytes(hello_frame()))
        assert (await raw.json())["t"] == "welcome"
        count = 5000
        await raw.write(frame_bytes({"t": "read", "c": CONV, "s": 1}) * count)
        await it.settle(lambda: len(it.told) == count)


async def test_an_unread_ping_is_not_answered_for_ever() -> None:
    """A client that pings and does not read must not fill our memory with pongs."""
    async with bed() as it, raw_socket(it.port) as raw:
        await raw.upgrade()
        await raw.write(frame_bytes(hello_frame()))
        assert (await raw.json())["t"] == "welcome"
        ping = masked(b"x" * 120, 9)
        box: Any = it.connection.outbox

        async def flood() -> None:
            while not box.paused:
                await raw.write(ping * 500)

        await asyncio.wait_for(flood(), 20)
        before = box._transport.get_write_buffer_size()
        await raw.write(ping * 2000)
        await it.settle()
        assert box._transport.get_write_buffer_size() <= before


# --- a reader that does not read ----------------------------------------------------------------


async def test_a_slow_reader_gets_behind_and_then_everything_again() -> None:
    async with bed() as it, raw_socket(it.port) as raw:
        await raw.upgrade()
        await raw.write(frame_bytes(hello_frame()))
        assert (await raw.json())["t"] == "welcome"
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
            await raw.upgrade()
            await raw.write(frame_bytes(hello_frame()))
            assert (await raw.json())["t"] == "welcome"
            box: Any = it.connection.outbox
            while not box.paused:
                box.push(delivery(1, "x" * 100_000))
                await it.settle()
            with structlog.testing.capture_logs() as logs:
                await _pass(it, STUCK_S + 1)
                assert len(it.edge) == 1
                await _pass(it, 6)
                await it.settle(lambda: len(it.edge) == 0)
        assert [line["code"] for line in logs if line["event"] == "connection_closed"] == [4508]
        assert it.ended == ["session:here:i/1"]


async def test_a_reader_that_is_slow_but_moves_is_not_closed() -> None:
    async with bed(virtual=True) as it, raw_socket(it.port, receive_bytes=4096) as raw:
        await raw.upgrade()
        await raw.write(frame_bytes(hello_frame()))
        assert (await raw.json())["t"] == "welcome"
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
            await _pass(it, STUCK_S / 2)
        assert len(it.edge) == 1
        await _pass(it, STUCK_S + 1 + 6)
        assert len(it.edge) == 0


async def test_answers_that_are_not_read_stop_the_reading() -> None:
    async with bed(limits=Limits(rate_per_s=0, out_bytes=20_000)) as it, raw_socket(it.port) as raw:
        await raw.upgrade()
        await raw.write(frame_bytes(hello_frame()))
        assert (await raw.json())["t"] == "welcome"
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
        await raw.upgrade()
        await raw.write(frame_bytes(hello_frame()))
        assert (await raw.json())["t"] == "welcome"
        for _ in range(MISSES):
            await _pass(it, 25.5)
            assert await raw.frame() == (9, b"")
        assert len(it.edge) == 1
        await _pass(it, 25.5)
        await it.settle(lambda: len(it.edge) == 0)
        assert await raw.ended() in (b"", b"reset")


@pytest.mark.parametrize(
    "sign", [masked(b"", 10), frame_bytes({"t": "ping"})], ids=["pong", "frame"]
)
async def test_any_sign_of_life_counts(sign: bytes) -> None:
    async with bed(virtual=True) as it, raw_socket(it.port) as raw:
        await raw.upgrade()
        await raw.write(frame_bytes(hello_frame()))
        assert (await raw.json())["t"] == "welcome"
        for _ in range(6):
            await _pass(it, 20)
            await raw.write(sign)
            await it.settle()
        assert len(it.edge) == 1


async def test_a_message_that_takes_long_to_come_is_a_sign_of_life_while_it_comes() -> None:
    async with bed(virtual=True) as it, raw_socket(it.port) as raw:
        await raw.upgrade()
        await raw.write(frame_bytes(hello_frame()))
        assert (await raw.json())["t"] == "welcome"
        for byte in frame_bytes({"t": "ping"})[:6]:
            await _pass(it, 20)
            await raw.write(bytes((byte,)))
            await it.settle()
        assert len(it.edge) == 1
        await _pass(it, 80)
        assert len(it.edge) == 0


async def test_an_expired_token_closes_and_a_renewed_one_does_not() -> None:
    async with bed(virtual=True) as it:
        it.tokens.lifetime_ms = 20_000
        async with it.client() as client, it.client(hello=False) as other:
            await other.hello(device="v_b")
            await _pass(it, 15)
            await client.send({"t": "auth", "id": 1, "token": f"{USER}/{DEVICE}"})
            assert await client.get() == {"t": "ok", "re": 1}
            await _pass(it, 6)
            assert await other.closed() == 4401
            await client.send({"t": "ping"})
            assert await client.get() == {"t": "pong"}
            await _pass(it, 15)
            assert await client.closed() == 4401


# --- the record ---------------------------------------------------------------------------------


async def test_a_connection_leaves_one_line_at_open_and_one_at_close_and_no_token() -> None:
    async with bed() as it:
        with structlog.testing.capture_logs() as logs:
            async with it.client() as client:
                await client.send({"t": "auth", "id": 1, "token": f"{USER}/{DEVICE}"})
                await client.get()
                it.connection.outbox.close(4409, "replaced")
                assert await client.closed() == 4409
            await it.settle(lambda: len(it.edge) == 0)
        assert [(line["event"], line.get("code")) for line in logs] == [
            ("connection_opened", None),
            ("connection_closed", 4409),
        ]
        assert logs[0]["user"] == logs[1]["user"] == USER
        assert f"{USER}/{DEVICE}" not in repr(logs)


async def test_connections_are_counted() -> None:
    async with bed() as it:

        def value(name: str, **labels: str) -> float | None:
            return it.metrics.registry.get_sample_value(f"hubbub_{name}", labels)

        async with it.client() as client:
            await client.send({"t": "ping"})
            await client.get()
            assert value("connections") == 1
            assert value("sign_ins_total") == 1
            assert value("frames_in_total") == 2
        await it.settle(lambda: len(it.edge) == 0)
        assert value("connections") == 0
        assert value("closes_total", code="1000") == 1


async def _pass(it: Bed, seconds: float) -> None:
    """Let time go by in small steps, and what it sets going happen."""
    assert isinstance(it.clock, ManualClock)
    await it.settle()
    while seconds > 0:
        it.clock.advance(min(0.5, seconds))
        seconds -= 0.5
        await it.settle()
