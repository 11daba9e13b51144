"""The bounds that uvicorn leaves out: a head's size, and a request's time."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest
from tests.support.edge import PATIENCE_S, Bed, bed, hello_frame
from tests.support.raw_socket import frame_bytes, raw_socket
from websockets.server import ServerProtocol

from hubbub.transport.edge.bounded_http import BoundedHttp
from hubbub.transport.edge.listener import Listener

GET = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience ends at once."""
    monkeypatch.setattr(BoundedHttp, "head_s", 0.05)
    monkeypatch.setattr(BoundedHttp, "body_s", 0.05)


async def test_the_head_of_a_request_is_bounded() -> None:
    async with bed() as it, raw_socket(it.port) as raw:
        await raw.write(b"GET / HTTP/1.1\r\nHost: here\r\n")
        with_line = b"X: " + b"x" * 8000 + b"\r\n"
        try:
            for _ in range(40):
                await raw.write(with_line)
        except ConnectionError:
            return
        assert (await raw.ended()).startswith((b"HTTP/1.1 431 ", b"reset"))


async def test_a_request_on_a_used_connection_has_its_own_bounds() -> None:
    async with bed() as it, raw_socket(it.port) as raw:
        for _ in range(20):
            await raw.write(b"GET / HTTP/1.1\r\nHost: here\r\nX: " + b"x" * 6000 + b"\r\n\r\n")
            assert (await raw.head()).startswith("HTTP/1.1 200 ")
            await raw.reader.readexactly(2)


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost:",
        b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\nhalf",
    ],
    ids=["nothing", "half a head", "half a body"],
)
async def test_who_does_not_get_a_request_out_is_told_and_closed(said: bytes) -> None:
    async with bed() as it, raw_socket(it.port) as raw:
        await raw.write(said)
        assert (await raw.ended()).startswith(b"HTTP/1.1 408 ")


@pytest.mark.usefixtures("soon")
async def test_a_second_request_has_to_come_whole_too() -> None:
    async with bed() as it, raw_socket(it.port) as raw:
        await raw.write(GET + b"GET / HT")
        assert (await raw.head()).startswith("HTTP/1.1 200 ")
        assert b"HTTP/1.1 408 " in await raw.ended()


@pytest.mark.usefixtures("soon")
async def test_a_slow_answer_is_not_the_clients_fault() -> None:
    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(0.2)
        await send({"type": "http.response.body", "body": b"done"})

    async with bed() as it, Listening(it, slow) as port, raw_socket(port) as raw:
        await raw.write(GET)
        assert (await raw.head()).startswith("HTTP/1.1 200 ")
        async with asyncio.timeout(PATIENCE_S):
            assert b"done" in await raw.reader.readuntil(b"done")


@pytest.mark.usefixtures("soon")
async def test_an_answer_under_way_is_not_broken_into() -> None:
    async def early(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-length", b"4")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        while (await receive()).get("more_body"):
            pass

    async with bed() as it, Listening(it, early) as port, raw_socket(port) as raw:
        await raw.write(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\nhalf")
        said = await raw.ended()
        assert b"408" not in said


@pytest.mark.usefixtures("soon")
async def test_a_web_socket_has_no_request_left_to_wait_for() -> None:
    async with bed() as it, raw_socket(it.port) as raw:
        await raw.upgrade()
        await asyncio.sleep(0.2)
        await raw.write(frame_bytes(hello_frame()))
        assert (await raw.json())["t"] == "welcome"


async def test_an_upgraded_connection_leaves_no_garbage_of_http_behind() -> None:
    gc.collect()  # and from here on nothing is: see conftest.py
    async with bed() as it, raw_socket(it.port) as raw:
        await raw.sign_in()
        left = [o for o in gc.get_objects() if isinstance(o, BoundedHttp | ServerProtocol)]
        assert left == []


class Listening:
    """Another listener for this application."""

    def __init__(self, it: Bed, app: Any) -> None:
        self._listener = Listener(it.edge, app, host="127.0.0.1", port=0)

    async def __aenter__(self) -> int:
        await self._listener.start()
        return self._listener.port

    async def __aexit__(self, *_: object) -> None:
        await self._listener.stop()
