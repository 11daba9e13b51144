"""The application as a whole: over a real server, and what it never says aloud."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import structlog
import uvicorn
from starlette.routing import Route
from tests.support.http_node import PASSWORD, HttpNode, open_http_node

from hubbub.actors.answers import Acked
from hubbub.config.errors import StoreRetryableError
from hubbub.config.ids import ConvId

GROUP = ConvId("g_" + "a" * 26)


class Announcing(uvicorn.Server):
    """A server that tells when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@asynccontextmanager
async def served(node: HttpNode, **options: Any) -> AsyncGenerator[str]:
    """The application behind uvicorn on a free port; its address."""
    config = uvicorn.Config(
        node.app, host="127.0.0.1", port=0, lifespan="off", log_config=None, **options
    )
    server = Announcing(config)
    running = asyncio.get_running_loop().create_task(server.serve())
    await server.up.wait()
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await running


async def test_a_person_signs_up_sends_and_signs_out_over_a_real_server(node: HttpNode) -> None:
    node.asker.answers[f"conv:{GROUP}"] = Acked(GROUP, 1, 2, 3, False)
    async with served(node) as base, httpx.AsyncClient(base_url=base) as http:
        account = {"name": "Ada", "password": PASSWORD}
        assert (await http.post("/v1/register", json=account)).status_code == 201
        signed_in = (await http.post("/v1/login", json=account)).json()
        http.headers["Authorization"] = f"Bearer {signed_in['access']}"
        assert (await http.get("/v1/me")).json()["name"] == "Ada"
        body = {"cid": 1, "prev": 0, "b": {"k": "text", "text": "hello"}}
        sent = await http.post(f"/v1/conversations/{GROUP}/messages", json=body)
        assert sent.json()["s"] == 2
        assert (await http.head("/healthz")).status_code == 200
        assert (await http.post("/v1/logout")).status_code == 204
        assert (await http.get("/v1/me")).status_code == 403


POST = b"POST /v1/login HTTP/1.1\r\nHost: chat.test\r\nContent-Type: application/json\r\n"
CHUNK = b"2710\r\n" + b"x" * 10_000 + b"\r\n"


async def raw(base: str, *parts: bytes) -> bytes:
    """What comes back for these bytes until the server closes; b"" when it just does."""
    reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(base).port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_who_sends_too_much_is_told_and_who_never_ends_is_cut_off(node: HttpNode) -> None:
    async with served(node) as base, httpx.AsyncClient(base_url=base) as http:
        told = [
            await raw(base, POST, b"Content-Length: 2000000\r\n\r\n", b"x" * 2_000_000),
            await raw(base, POST, b"Transfer-Encoding: chunked\r\n\r\n", CHUNK * 200, b"0\r\n\r\n"),
            await raw(base, POST, b"Content-Length: 2000000\r\nExpect: 100-continue\r\n\r\n"),
        ]
        for answer in told:
            assert answer.startswith(b"HTTP/1.1 413 ")
            assert b'"too_large"' in answer
        endless = [CHUNK * 100 for _ in range(100)]
        cut_off = await raw(base, POST, b"Transfer-Encoding: chunked\r\n\r\n", *endless)
        assert cut_off == b"" or cut_off.startswith(b"HTTP/1.1 413 ")
        assert (await http.get("/healthz")).status_code == 200


@pytest.mark.parametrize(
    ("trusted", "seen"), [("127.0.0.1", [429, 401]), ("198.51.100.1", [429, 429])]
)
async def test_only_a_trusted_proxy_says_who_asks(trusted: str, seen: list[int]) -> None:
    node = await open_http_node(limited=True)
    options = {"proxy_headers": True, "forwarded_allow_ips": trusted}
    async with served(node, **options) as base, httpx.AsyncClient(base_url=base) as http:
        for n in range(50):
            await login(http, f"name{n}", "192.0.2.1")
        again = [await login(http, "name", f"192.0.2.{host}") for host in (1, 2)]
    assert again == seen
    await node.close()


async def login(http: httpx.AsyncClient, name: str, address: str) -> int:
    answer = await http.post(
        "/v1/login",
        json={"name": name, "password": PASSWORD},
        headers={"X-Forwarded-For": address},
    )
    return answer.status_code


async def test_no_secret_is_logged_answered_or_shown(
    node: HttpNode, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    # The client's own log, not the server's.
    caplog.set_level(logging.WARNING, "httpx")
    codes = await node.register("Ada")
    ada = await node.sign_in("Ada")
    secrets = [PASSWORD, ada.access, ada.refresh, codes[0], "another horse 8"]
    answers: list[httpx.Response] = []
    http = node.client(headers={"Authorization": f"Bearer {ada.access}"})
    new = {"name": "Ada", "code": codes[0], "password": "another horse 8"}

    async def try_everything() -> None:
        account = {"name": "Ada", "password": PASSWORD}
        for path, body in (
            ("register", account),
            ("register", {**account, "name": "a b"}),
            ("register", {**account, "more": PASSWORD}),
            ("login", {**account, "device": 5}),
            ("login", {"name": PASSWORD * 200, "password": PASSWORD}),
            ("login", [PASSWORD]),
            ("refresh", {"refresh": ada.refresh[:-2]}),
            ("refresh", {"refresh": [ada.refresh]}),
            ("recover", {**new, "password": "x"}),
            ("recover", {**new, "code": codes[0] + "x"}),
        ):
            answer = await http.post(f"/v1/{path}", json=body)
            assert answer.status_code >= 400
            answers.append(answer)
        answers.append(await http.get("/v1/nothing", params={"token": ada.access}))
        answers.append(await http.get("/v1/me", headers={"Authorization": ada.access}))

    with structlog.testing.capture_logs() as logs:
        await try_everything()

        async def broken(*args: Any) -> None:
            raise RuntimeError(f"{PASSWORD} {ada.access} {ada.refresh}")

        monkeypatch.setattr(node.store, "account_by_name", broken)
        answers.append(await http.post("/v1/login", json={"name": "Ada", "password": PASSWORD}))
        answers.append(await http.post("/v1/recover", json=new))

        async def full(*args: Any) -> None:
            raise StoreRetryableError(f"{PASSWORD} {ada.access}")

        monkeypatch.setattr(node.store, "account_by_name", full)
        answers.append(await http.post("/v1/login", json={"name": "Ada", "password": PASSWORD}))
    said = [caplog.text, repr(logs), repr(node.services), repr(node.services.tokens)]
    said += [answer.text + str(answer.headers) for answer in answers]
    assert len(logs) == 2
    for secret in secrets:
        for text in said:
            assert secret not in text


def test_every_v1_route_is_there_once(node: HttpNode) -> None:
    paths = set(node.app.openapi()["paths"])
    assert paths == {
        "/healthz",
        "/metrics",
        "/readyz",
        "/v1/blocks",
        "/v1/blocks/{user}",
        "/v1/contacts",
        "/v1/contacts/{user}",
        "/v1/conversations",
        "/v1/conversations/{c}",
        "/v1/conversations/{c}/invites",
        "/v1/conversations/{c}/invites/{invite}",
        "/v1/conversations/{c}/leave",
        "/v1/conversations/{c}/members",
        "/v1/conversations/{c}/members/{user}",
        "/v1/conversations/{c}/messages",
        "/v1/conversations/{c}/messages/{s}",
        "/v1/conversations/{c}/mute",
        "/v1/conversations/{c}/read",
        "/v1/conversations/{c}/recv",
        "/v1/devices",
        "/v1/devices/{device}",
        "/v1/login",
        "/v1/invites/{token}",
        "/v1/logout",
        "/v1/me",
        "/v1/me/export",
        "/v1/me/recovery",
        "/v1/nodes",
        "/v1/operator/drain",
        "/v1/operator/status",
        "/v1/recover",
        "/v1/refresh",
        "/v1/register",
        "/v1/users",
        "/v1/users/{user}",
        "/v1/users/{user}/name",
    }
    plain = [route.path for route in node.app.routes if type(route) is Route]
    assert len(set(plain)) == len(plain)
