"""Hello and welcome, a fresh token, and those who are turned away."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

import pytest
import structlog
from tests.support.edge import (
    CONV,
    DEVICE,
    MSGPACK,
    USER,
    bed,
    delivery,
    hello_frame,
    passes,
    watch_frame,
    watch_request,
)
from tests.support.raw_socket import frame_bytes, raw_socket

from hubbub.actors.requests import CursorNotice
from hubbub.config.errors import StoreRetryableError, UnavailableError
from hubbub.transport.edge.holder import HELLO_S, SIGN_IN_S


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
        await passes(it, HELLO_S + 0.5)
        assert await client.closed() == 4408


async def test_an_empty_batch_is_no_hello() -> None:
    async with bed(virtual=True) as it, it.client(hello=False) as client:
        await client.socket.send("[]")
        await client.socket.ping()
        await passes(it, HELLO_S + 0.5)
        assert await client.closed() == 4408


async def test_a_sign_in_that_takes_for_ever_closes() -> None:
    async with bed(virtual=True) as it, it.client(hello=False) as client:
        it.tokens.gate = asyncio.Event()
        await client.send(hello_frame())
        await it.settle(lambda: len(it.system.tasks) >= 2)
        await passes(it, SIGN_IN_S + 0.5)
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


async def test_who_is_known_too_late_is_not_let_in() -> None:
    async with bed(virtual=True) as it, raw_socket(it.port) as raw:
        it.tokens.gate = asyncio.Event()
        await raw.upgrade()
        await raw.write(frame_bytes(hello_frame()))
        await it.settle(lambda: len(it.system.tasks) >= 2)
        await passes(it, SIGN_IN_S + 0.5)
        assert await raw.close_code() == 1011
        it.tokens.gate.set()
        await it.settle()
        assert it.edge.directory.all() == []
        assert it.handovers == []


async def test_a_renewal_that_is_not_possible_just_now_may_be_tried_again() -> None:
    async with bed() as it, it.client() as client:
        it.tokens.raises = StoreRetryableError()
        await client.send({"t": "auth", "id": 1, "token": f"{USER}/{DEVICE}"})
        refused = await client.get()
        assert (refused["re"], refused["code"]) == (1, "unavailable")


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


# --- a fresh token ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "code"), [("forged", "unauthenticated"), (f"u_other/{DEVICE}", "forbidden")]
)
async def test_a_token_that_is_no_good_changes_nothing(token: str, code: str) -> None:
    async with bed() as it, it.client() as client:
        before = cast(Any, it.connection).expires_ms
        await client.send({"t": "auth", "id": 1, "token": token})
        refused = await client.get()
        assert (refused["re"], refused["code"]) == (1, code)
        assert cast(Any, it.connection).expires_ms == before
        await client.send({"t": "ping"})
        assert await client.get() == {"t": "pong"}


async def test_a_revoked_device_that_renews_is_closed() -> None:
    async with bed() as it, it.client() as client:
        it.tokens.revoked.add(f"{USER}/{DEVICE}")
        await client.send({"t": "auth", "id": 1, "token": f"{USER}/{DEVICE}"})
        assert await client.closed() == 4403


async def test_one_renewal_at_a_time() -> None:
    async with bed() as it, it.client() as client:
        it.tokens.gate = asyncio.Event()
        for n in (1, 2):
            await client.send({"t": "auth", "id": n, "token": f"{USER}/{DEVICE}"})
        refused = await client.get()
        assert (refused["re"], refused["code"]) == (2, "bad_request")
        it.tokens.gate.set()
        assert await client.get() == {"t": "ok", "re": 1}


async def test_a_client_that_leaves_while_it_renews_leaves_no_task() -> None:
    async with bed() as it:
        before = len(it.system.tasks)
        async with it.client() as client:
            it.tokens.gate = asyncio.Event()
            await client.send({"t": "auth", "id": 1, "token": f"{USER}/{DEVICE}"})
            await it.settle(lambda: len(it.system.tasks) == before + 1)
        await it.settle(lambda: len(it.edge) == 0)
        assert len(it.system.tasks) == before
