"""A socket from its handshake to its end, on a real port: what is read, and who may sign in."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.edge import (
    CONV,
    DEVICE,
    USER,
    as_frames,
    bed,
    delivery,
    hello_frame,
    watch_frame,
)
from tests.support.raw_socket import frame_bytes, masked, raw_socket
from websockets.exceptions import ConnectionClosedError

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
        await raw.sign_in()
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
            await raw.sign_in(device="v_b")
            # It may be closed, and even reset, after the first of these.
            with suppress(ConnectionError):
                for said in (data, masked(data), masked(data, 2)):
                    await raw.write(said)
            await honest.send({"t": "ping"})
            assert await honest.get() == {"t": "pong"}

    with structlog.testing.capture_logs():
        asyncio.run(scenario())


async def test_a_flood_in_one_read_is_taken_in_parts() -> None:
    async with bed() as it, raw_socket(it.port) as raw:
        await raw.sign_in()
        count = 5000
        await raw.write(frame_bytes({"t": "read", "c": CONV, "s": 1}) * count)
        await it.settle(lambda: len(it.told) == count)


async def test_an_unread_ping_is_not_answered_for_ever() -> None:
    """A client that pings and does not read must not fill our memory with pongs."""
    async with bed() as it, raw_socket(it.port) as raw:
        await raw.sign_in()
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
