"""Who is let in, and what the others are told."""

from __future__ import annotations

import pytest

from hubbub.transport.edge.handshake import Accepted, Handshake, Rejected
from hubbub.transport.edge.origins import Origins

HANDSHAKE = Handshake(["hubbub.v1.json", "hubbub.v1.msgpack"], Origins(["https://app.example"]))

FIELDS = {
    "Host": "chat.example",
    "Connection": "keep-alive, Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Protocol": "other, hubbub.v1.msgpack",
}


def ask(
    *extra: str,
    path: str = "/ws",
    secure: bool = False,
    refuse: str | None = None,
    verb: str = "GET",
    **changes: str,
) -> Accepted | Rejected:
    fields = FIELDS | {key.replace("_", "-"): value for key, value in changes.items()}
    lines = [f"{verb} {path} HTTP/1.1"]
    lines += [f"{key}: {value}" for key, value in fields.items() if value]
    data = "\r\n".join([*lines, *extra, "", ""]).encode()
    return HANDSHAKE.answer(data, secure=secure, refuse=refuse)


def test_a_client_that_offers_a_subprotocol_is_let_in() -> None:
    answer = ask()
    assert isinstance(answer, Accepted)
    assert answer.subprotocol == "hubbub.v1.msgpack"
    head = answer.response.decode()
    assert head.startswith("HTTP/1.1 101 ")
    assert "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head
    assert "Sec-WebSocket-Protocol: hubbub.v1.msgpack" in head


def test_of_several_offers_the_servers_choice_counts() -> None:
    answer = ask(Sec_WebSocket_Protocol="hubbub.v1.msgpack, hubbub.v1.json")
    assert isinstance(answer, Accepted)
    assert answer.subprotocol == "hubbub.v1.json"


def test_messages_are_never_compressed() -> None:
    answer = ask("Sec-WebSocket-Extensions: permessage-deflate")
    assert isinstance(answer, Accepted)
    assert b"Extensions" not in answer.response


def test_a_query_is_ignored() -> None:
    assert isinstance(ask(path="/ws?x=1"), Accepted)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (ask(Sec_WebSocket_Protocol=""), 400),
        (ask(Sec_WebSocket_Protocol="hubbub.v9.json"), 400),
        (ask(Sec_WebSocket_Version="8"), 400),
        (ask(Sec_WebSocket_Key="short"), 400),
        (ask(Sec_WebSocket_Key=""), 400),
        (ask(Upgrade="h2c"), 426),
        (ask(Connection="close"), 426),
        (ask(verb="POST"), 405),
        (ask(Host=""), 400),
        (ask("Host: other.example"), 400),
        (ask("Origin: https://chat.example", "Origin: https://app.example"), 400),
        (ask(*(f"X-{n}: 1" for n in range(200))), 431),
        (ask("X: " + "x" * 20_000), 431),
        (ask(path="/"), 404),
        (ask(path="/wsx"), 404),
        (ask(path="/v1/ws"), 404),
        (ask(Origin="https://evil.example"), 403),
        (ask(Origin="null"), 403),
        (ask(Origin="https://chat.example.evil.example"), 403),
        (ask(Origin="http://chat.example", secure=True), 403),
        (ask(Origin="https://chat.example:8443"), 403),
        (ask(Origin="chat.example"), 403),
        (ask(refuse="This node is full."), 503),
    ],
)
def test_others_are_told_why_not(answer: Accepted | Rejected, status: int) -> None:
    assert isinstance(answer, Rejected)
    assert answer.status == status
    assert answer.response.split(b" ")[1] == str(status).encode()


@pytest.mark.parametrize(
    "answer",
    [
        ask(Origin="https://chat.example"),
        ask(Origin="http://chat.example"),
        ask(Origin="https://chat.example", secure=True),
        ask(Origin="https://app.example"),
        ask(Origin="https://chat.example", Host="chat.example:443"),
        ask(Origin="http://chat.example:8000", Host="Chat.Example:8000"),
    ],
)
def test_our_own_pages_and_trusted_ones_are_let_in(answer: Accepted | Rejected) -> None:
    assert isinstance(answer, Accepted)


def test_who_is_refused_for_now_is_told_to_come_again() -> None:
    answer = ask(refuse="This node is full.")
    assert b"Retry-After: 5" in answer.response
    assert answer.response.endswith(b"This node is full.\n")


def test_a_foreign_page_is_not_told_that_the_node_is_full() -> None:
    answer = ask(Origin="https://evil.example", refuse="This node is full.")
    assert isinstance(answer, Rejected)
    assert answer.status == 403


@pytest.mark.parametrize(
    "data", [b"", b"\x00\x01\r\n\r\n", b"GET /ws\r\n\r\n", b"GET /ws HTTP/1.1\r\n"]
)
def test_what_is_no_request_is_rejected(data: bytes) -> None:
    answer = HANDSHAKE.answer(data, secure=False)
    assert isinstance(answer, Rejected)
    assert answer.status == 400
