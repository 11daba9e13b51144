"""The one port: HTTP and upgrades, TLS, and what keeps a node from starting."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import ssl
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
import trustme
from tests.support.edge import (
    CONV,
    PATIENCE_S,
    Bed,
    Client,
    bed,
    delivery,
    hello_frame,
    hello_world,
    watch_frame,
)
from tests.support.raw_socket import frame_bytes, raw_socket
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from hubbub.config.errors import StartError
from hubbub.transport.edge.edge import CLOSED_S
from hubbub.transport.edge.listener import GRACE_S, STOP_S, Listener
from hubbub.transport.edge.web_socket import CLOSE_S


async def test_http_and_web_sockets_share_the_port() -> None:
    async with bed() as it, httpx.AsyncClient() as http, it.client() as client:
        assert (await http.get(it.listener.url)).text == "hi"
        await client.send(watch_frame(1))
        assert await client.get() == {"t": "ok", "re": 1}


async def test_an_upgrade_after_a_get_on_the_same_connection() -> None:
    async with bed() as it, raw_socket(it.port) as raw:
        for _ in range(2):
            await raw.write(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            assert (await raw.head()).startswith("HTTP/1.1 200 ")
            assert await raw.reader.readexactly(2) == b"hi"
        assert (await raw.upgrade()).startswith("HTTP/1.1 101 ")
        await raw.write(frame_bytes(hello_frame()))
        assert (await raw.json())["t"] == "welcome"
        it.connection.outbox.push(delivery(1))
        assert (await raw.json())["c"] == CONV


async def test_a_refused_upgrade_is_an_http_answer_and_the_end() -> None:
    async with bed() as it:
        for fields, status in (
            ({"path": "/other"}, 404),
            ({"Origin": "https://evil.example"}, 403),
            ({"subprotocol": ""}, 400),
        ):
            async with raw_socket(it.port) as raw:
                head = await raw.upgrade(**fields)
                assert head.split(" ")[1] == str(status)
                await raw.ended()
        assert len(it.edge) == 0
        await it.settle()


async def test_a_page_of_our_own_may_connect() -> None:
    async with bed(origins=["https://app.example"]) as it:
        for origin in (it.listener.url, "https://app.example"):
            async with raw_socket(it.port) as raw:
                head = await raw.upgrade(Host=f"127.0.0.1:{it.port}", Origin=origin)
                assert head.startswith("HTTP/1.1 101 ")


async def test_nonsense_is_answered_and_closed() -> None:
    async with bed() as it, raw_socket(it.port) as raw:
        await raw.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n")
        assert (await raw.ended()).startswith(b"HTTP/1.1 400 ")


# --- starting and stopping ----------------------------------------------------------------------


def listener(it: Bed, **fields: Any) -> Listener:
    fields.setdefault("host", "127.0.0.1")
    fields.setdefault("port", 0)
    return Listener(it.edge, hello_world, **fields)


async def test_a_taken_port_is_one_clear_line() -> None:
    async with bed() as it:
        with pytest.raises(StartError) as refused:
            await listener(it, port=it.port).start()
        assert str(refused.value) == (
            f"Port {it.port} on 127.0.0.1 is in use; choose another one with --port."
        )


async def test_a_host_that_is_not_ours_is_one_clear_line() -> None:
    async with bed() as it:
        for host in ("192.0.2.1", "no-such-host.invalid"):
            with pytest.raises(StartError, match="Cannot listen on") as refused:
                await listener(it, host=host).start()
            assert "\n" not in str(refused.value)


async def test_after_a_stop_nothing_is_left_and_the_port_is_free() -> None:
    async with bed() as it:
        tasks, threads = len(it.system.tasks), threading.active_count()
        other = listener(it)
        await other.start()
        port = other.port
        await other.stop()
        await other.stop()
        assert len(it.system.tasks) == tasks
        assert threading.active_count() <= threads + 1
        with socket.socket() as free:
            free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            free.bind(("127.0.0.1", port))


def test_a_stop_has_time_for_all_that_it_waits_for() -> None:
    assert CLOSE_S < CLOSED_S, "a socket's own limit ends it before it is cut"
    assert CLOSED_S + GRACE_S < STOP_S


async def test_stopping_says_restart_to_those_connected() -> None:
    async with bed() as it, it.client() as client:
        stopping = asyncio.ensure_future(it.listener.stop())  # noqa: TID251 - a test's own
        assert await client.closed() == 1012
        await asyncio.wait_for(stopping, PATIENCE_S)
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", it.port)


async def test_a_request_under_way_is_finished() -> None:
    gate = asyncio.Event()
    entered = asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        entered.set()
        await gate.wait()
        await hello_world(scope, receive, send)

    async with bed() as it:
        other = Listener(it.edge, slow, host="127.0.0.1", port=0)
        await other.start()
        async with httpx.AsyncClient() as http:
            asking = asyncio.ensure_future(http.get(other.url))  # noqa: TID251 - a test's own
            await asyncio.wait_for(entered.wait(), PATIENCE_S)
            stopping = asyncio.ensure_future(other.stop())  # noqa: TID251 - a test's own
            await asyncio.sleep(0)
            gate.set()
            assert (await asking).text == "hi"
            await asyncio.wait_for(stopping, PATIENCE_S)


async def test_draining_takes_no_new_sockets_and_answers_requests() -> None:
    async with bed() as it, it.client() as client:
        draining = asyncio.ensure_future(it.edge.drain(0.1))  # noqa: TID251 - a test's own
        assert (await client.get())["t"] == "bye"
        with pytest.raises(InvalidStatus) as refused:
            async with it.client():
                pass
        assert refused.value.response.status_code == 503
        async with httpx.AsyncClient() as http:
            assert (await http.get(it.listener.url)).text == "hi"
        assert await client.closed() == 4503
        await asyncio.wait_for(draining, PATIENCE_S)


async def test_a_server_that_cannot_start_leaves_the_port_free() -> None:
    async with bed() as it:
        other = listener(it)
        config: Any = other._config(None)  # pyright: ignore[reportPrivateUsage]
        config.loaded = True  # a fault: it is not, and lacks what the server needs
        other._config = lambda _: config  # type: ignore[assignment]  # pyright: ignore
        with pytest.raises(StartError, match="the log says why"), structlog.testing.capture_logs():
            await other.start()
        with socket.socket() as free:
            free.bind(("127.0.0.1", other.port))


async def test_a_listener_that_never_started_stops_at_once() -> None:
    async with bed() as it:
        await listener(it).stop()


async def test_a_listener_that_ends_by_itself_says_so() -> None:
    failed: list[BaseException] = []
    async with bed() as it:
        other = listener(it, failed=failed.append)
        await other.start()
        server: Any = other._server  # pyright: ignore[reportPrivateUsage]
        server.end()
        await it.settle(lambda: len(failed) == 1)
        assert "by itself" in str(failed[0])


async def test_signals_stay_the_nodes() -> None:
    before = {sig: signal.getsignal(sig) for sig in (signal.SIGINT, signal.SIGTERM)}
    async with bed():
        assert {sig: signal.getsignal(sig) for sig in before} == before


async def test_an_address_of_version_6() -> None:
    async with bed() as it:
        other = listener(it, host="::1")
        try:
            await other.start()
        except StartError:
            pytest.skip("no IPv6 here")
        async with httpx.AsyncClient() as http:
            assert (await http.get(other.url)).text == "hi"
        assert other.url == f"http://[::1]:{other.port}"
        assert other.ws_url == f"ws://[::1]:{other.port}/ws"
        await other.stop()


# --- proxies and logs ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proxies", "client", "scheme"),
    [([], "127.0.0.1", "http"), (["127.0.0.1"], "203.0.113.9", "https"),
     (["10.0.0.0/8"], "127.0.0.1", "http")],
)  # fmt: skip
async def test_only_configured_proxies_are_believed(
    proxies: list[str], client: str, scheme: str
) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope["client"][0], scope["scheme"]))
        await hello_world(scope, receive, send)

    async with bed() as it:
        other = Listener(it.edge, app, host="127.0.0.1", port=0, trusted_proxies=proxies)
        await other.start()
        async with httpx.AsyncClient() as http:
            fields = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
            await http.get(other.url, headers=fields)
        await other.stop()
    assert seen == [(client, scheme)]


async def test_requests_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        async with bed() as it, httpx.AsyncClient(base_url=it.listener.url) as http:
            await http.get("/secret?token=secret", headers={"Authorization": "secret"})
            async with raw_socket(it.port) as raw:
                await raw.upgrade(Authorization="secret")
                await raw.write(frame_bytes(hello_frame(user="secret")))
                assert (await raw.json())["t"] == "welcome"
    ours = [r for r in caplog.records if not r.name.startswith(("httpx", "httpcore"))]
    assert "secret" not in repr([r.getMessage() for r in ours])


# --- TLS ----------------------------------------------------------------------------------------


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


def files(authority: trustme.CA, folder: Path) -> dict[str, Path]:
    """A certificate for here, and its key."""
    made = authority.issue_cert("127.0.0.1")
    cert, key = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
    made.private_key_pem.write_to_path(key)
    return {"tls_cert": cert, "tls_key": key}


async def test_tls_serves_http_and_web_sockets(authority: trustme.CA, tmp_path: Path) -> None:
    trust = ssl.create_default_context()
    authority.configure_trust(trust)  # pyright: ignore[reportUnknownMemberType]
    async with bed() as it:
        other = listener(it, **files(authority, tmp_path))
        await other.start()
        assert other.url.startswith("https://")
        assert other.ws_url.startswith("wss://")
        async with httpx.AsyncClient(verify=trust) as http:
            assert (await http.get(other.url)).text == "hi"
        async with connect(
            f"wss://127.0.0.1:{other.port}/ws",
            ssl=trust,
            subprotocols=[Subprotocol("hubbub.v1.json")],
        ) as wss:
            client = Client(wss)
            await client.hello()
            text = "\U0001f600" * 100_000
            it.connection.outbox.push(delivery(1, text))
            assert (await client.get())["b"]["text"] == text
            await wss.send(b"binary")
            assert await client.closed() == 4400
        async with connect(
            f"wss://127.0.0.1:{other.port}/ws",
            ssl=trust,
            subprotocols=[Subprotocol("hubbub.v1.json")],
        ) as wss:
            client = Client(wss)
            await client.hello()
            await wss.send(b"\xff\xff", text=True)
            assert await client.closed() == 1007
        await it.settle(lambda: len(it.edge) == 0)
        await other.stop()


@pytest.mark.parametrize("what", ["missing", "folder", "nonsense", "mismatch", "encrypted"])
async def test_bad_tls_files_are_one_clear_line(
    what: str, authority: trustme.CA, tmp_path: Path
) -> None:
    found = files(authority, tmp_path)
    match what:
        case "missing":
            found["tls_cert"] = tmp_path / "nothing.pem"
        case "folder":
            found["tls_key"] = tmp_path
        case "nonsense":
            found["tls_cert"].write_text("hello")
        case "mismatch":
            authority.issue_cert("127.0.0.1").private_key_pem.write_to_path(found["tls_key"])
        case _:
            found["tls_key"].write_text(ENCRYPTED_KEY)
    async with bed() as it:
        with pytest.raises(StartError) as refused:
            await listener(it, **found).start()
    assert "TLS" in str(refused.value)
    assert "\n" not in str(refused.value)


#: The head of a key that wants a passphrase; without one OpenSSL would ask on the terminal.
ENCRYPTED_KEY = """-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAh8+2YrjRnkywICCAAw
-----END ENCRYPTED PRIVATE KEY-----
"""
