"""What holds for every request: headers, the body's limit, HEAD, the last resort."""

from __future__ import annotations

import traceback
from collections.abc import AsyncIterator
from typing import Any

import pytest
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message
from tests.support.http_node import PASSWORD, HttpNode, OpenNodes, open_http_node

from hubbub.config.limits import Limits
from hubbub.transport.discovery import About
from hubbub.transport.edge.http.shell import CONTENT_SECURITY_POLICY, policy

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/healthz"), ("GET", "/nothing"), ("PUT", "/v1/me"), ("GET", "/v1/me"),
     ("GET", "/docs"), ("GET", "/openapi.json"), ("POST", "/v1/login")],
)  # fmt: skip
async def test_every_answer_has_the_security_headers(
    node: HttpNode, method: str, path: str
) -> None:
    headers = (await node.client().request(method, path)).headers
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert "cache-control" in headers


def test_the_policy_lets_in_nothing_from_elsewhere_and_nothing_inline() -> None:
    rules: dict[str, str] = {}
    for rule in CONTENT_SECURITY_POLICY.split("; "):
        name, _, sources = rule.partition(" ")
        rules[name] = sources
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY


async def test_a_page_may_open_its_socket_at_every_node_there_is() -> None:
    node = await open_http_node(discovery=OpenNodes(About("wss://n2.test/ws"), About()))
    headers = (await node.client().get("/healthz")).headers
    assert "; connect-src 'self' wss://n2.test; " in headers["content-security-policy"]
    await node.close()


def test_an_address_that_a_policy_cannot_say_is_left_out_of_it() -> None:
    assert policy(["ws://[::1]:8801/ws", "wss://n1.test;script-src/ws"]) == CONTENT_SECURITY_POLICY
    several = policy(["ws://n2.test:8802/ws", "ws://n1.test:8801", "ws://n2.test:8802/ws"])
    assert "connect-src 'self' ws://n1.test:8801 ws://n2.test:8802;" in several


async def test_a_body_over_the_limit_is_refused_and_not_kept(node: HttpNode) -> None:
    read = 0

    async def body(parts: int) -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(parts):
            read += 1
            yield b"x" * 100_000

    http = node.client()
    declared = await http.post(
        "/v1/login", content=body(20), headers={**JSON, "Content-Length": "2000000"}
    )
    streamed = await http.post("/v1/login", content=body(20), headers=JSON)
    for answer in (declared, streamed):
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert "1,572,864" in answer.json()["msg"]
        assert answer.headers["connection"] == "close"
    read = 0
    endless = await http.post("/v1/login", content=body(1000), headers=JSON)
    assert endless.status_code == 413
    assert read < 110


async def test_who_asks_before_sending_too_much_need_not_send_it(node: HttpNode) -> None:
    async def body() -> AsyncIterator[bytes]:
        for _ in range(1):
            raise AssertionError("nobody asked for it")
        yield b""

    headers = {**JSON, "Content-Length": "2000000", "Expect": "100-continue"}
    answer = await node.client().post("/v1/login", content=body(), headers=headers)
    assert answer.status_code == 413


async def test_a_route_that_reads_no_body_answers_over_the_limit_too(node: HttpNode) -> None:
    answer = await node.client().post("/nothing", content=b"x" * 2_000_000)
    assert (answer.status_code, answer.headers["connection"]) == (404, "close")


async def test_a_body_at_the_limit_is_read() -> None:
    node = await open_http_node(limits=Limits(frame_bytes=200))
    body = b'{"name":"nobody","password":"%s"}' % (b"x" * 169)
    assert len(body) == 200
    http = node.client()
    assert (await http.post("/v1/login", content=body, headers=JSON)).status_code == 401
    assert (await http.post("/v1/login", content=body + b" ", headers=JSON)).status_code == 413
    await node.close()


async def test_a_head_is_a_get_without_its_body(node: HttpNode) -> None:
    http = node.client()
    for path in ("/healthz", "/docs", "/openapi.json"):
        got, head = await http.get(path), await http.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"] == got.headers["content-type"]


async def test_what_nobody_foresaw_is_internal_and_its_words_stay_here(node: HttpNode) -> None:
    @node.app.get("/broken")
    async def broken() -> None:
        raise RuntimeError(f"the password was {PASSWORD}")

    with structlog.testing.capture_logs() as logs:
        answer = await node.client().get("/broken", params={"q": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    (event,) = logs
    assert (event["event"], event["error"], event["path"]) == (
        "http_failed",
        "RuntimeError",
        "/broken",
    )
    assert "test_shell.py" in event["trace"]
    assert PASSWORD not in answer.text
    assert PASSWORD not in repr(event)


def request_scope(path: str) -> dict[str, Any]:
    """A bare GET."""
    return {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
        "client": ("192.0.2.7", 1),
        "server": ("chat.test", 80),
        "scheme": "http",
        "http_version": "1.1",
    }


async def nothing() -> Message:
    """No body."""
    return {"type": "http.request", "body": b"", "more_body": False}


async def test_an_answer_that_broke_off_ends_the_connection_without_its_words(
    node: HttpNode,
) -> None:
    async def half(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        raise RuntimeError(f"the password was {PASSWORD}")

    node.app.mount("/half", half)
    sent: list[Message] = []

    async def keep(message: Message) -> None:
        sent.append(message)

    with structlog.testing.capture_logs(), pytest.raises(ConnectionAbortedError) as broke:
        await node.app(request_scope("/half/"), nothing, keep)
    assert PASSWORD not in "".join(traceback.format_exception(broke.value))
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]


async def test_a_client_that_left_is_no_failure(node: HttpNode) -> None:
    @node.app.get("/left")
    async def left(request: Request) -> None:
        raise ClientDisconnect

    async def gone(message: Message) -> None:
        raise AssertionError("nobody is there")

    with structlog.testing.capture_logs() as logs:
        await node.app(request_scope("/left"), nothing, gone)
    assert logs == []


async def test_who_leaves_in_the_middle_of_a_body_is_waited_for_no_longer(node: HttpNode) -> None:
    parts: list[Message] = [
        {"type": "http.request", "body": b"x" * 2_000_000, "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return parts.pop(0)

    async def keep(message: Message) -> None:
        sent.append(message)

    scope = {**request_scope("/v1/login"), "method": "POST"}
    await node.app(scope, receive, keep)
    assert (parts, sent[0]["status"]) == ([], 413)


async def test_what_is_not_http_passes_through(node: HttpNode) -> None:
    sent: list[str] = []
    asked = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> Message:
        return {"type": next(asked)}

    async def keep(message: Message) -> None:
        sent.append(message["type"])

    await node.app({"type": "lifespan"}, receive, keep)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
