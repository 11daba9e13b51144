"""Refusals as HTTP answers."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from tests.support.http_node import HttpNode, open_http_node

from hubbub.config import errors as tree
from hubbub.config.errors import HubbubError, Refusal
from hubbub.transport.edge.http.errors import STATUS, answer_of, what_is_wrong


def leaves(kind: type[HubbubError]) -> list[type[HubbubError]]:
    """A class and everything below it."""
    return [kind, *(leaf for below in kind.__subclasses__() for leaf in leaves(below))]


def test_every_code_has_a_status() -> None:
    assert {kind.code for kind in leaves(Refusal) if issubclass(kind, Refusal)} == set(STATUS)


def test_an_answer_has_what_the_refusal_has_and_no_more() -> None:
    cid_used = answer_of(tree.CidUsedError(7))
    assert cid_used.status_code == 409
    assert b'"last":7' in cid_used.body
    assert b"retry" not in cid_used.body
    limited = answer_of(tree.RateLimitedError("Wait.", retry_ms=1200))
    assert bytes(limited.body) == b'{"code":"rate_limited","msg":"Wait.","retry":1200}'
    assert limited.headers["retry-after"] == "2"
    assert "www-authenticate" not in limited.headers
    assert answer_of(tree.UnauthenticatedError("No.")).headers["www-authenticate"] == "Bearer"


async def test_what_is_nowhere_is_not_found_and_what_is_elsewhere_is_told(node: HttpNode) -> None:
    http = node.client()
    for path in ("/nothing", "/v1", "/v1/me/", "//evil.test/v1/me/", "/v1/node", "/ws"):
        answer = await http.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    wrong = await http.get("/v1/login")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "unsupported")
    assert wrong.headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"", {}),
        (b"{", {}),
        (b"[]", {}),
        (b"null", {}),
        (b'"text"', {}),
        (b"\xff\xfe", {}),
        (b"[" * 100_000, {}),
        (b'{"name":' * 50_000, {}),
        (b'{"name":1' + b"0" * 5000 + b',"password":"correct horse"}', {}),
        (b'{"name":"ada\\ud800","password":"correct horse 9"}', {}),
        (b'{"name":"ada","password":"correct horse 9\\udfff"}', {}),
        (b'{"name":"ada","password":null}', {}),
        (b'{"name":"ada"}', {}),
        (b'{"name":"ada","password":"correct horse 9","more":1}', {}),
        (b'{"name":"ada","password":"correct horse 9"}', {"Content-Type": "text/plain"}),
        (b"name=ada&password=x", {"Content-Type": "application/x-www-form-urlencoded"}),
    ],
)
async def test_bodies_that_are_not_right_are_bad_requests_that_quote_nothing(
    node: HttpNode, content: bytes, headers: dict[str, str]
) -> None:
    answer = await node.client().post(
        "/v1/register", content=content, headers={"Content-Type": "application/json", **headers}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert set(answer.json()) == {"code", "msg"}
    assert "horse" not in answer.text
    assert len(answer.text) < 200
    assert await node.store.account_by_name("ada") is None


def wrong(kind: str, *loc: str | int, **more: Any) -> RequestValidationError:
    """What pydantic says of one field."""
    return RequestValidationError([{"type": kind, "loc": ("body", *loc), "msg": "Rule", **more}])


def test_the_first_wrong_field_is_named_by_its_path() -> None:
    assert what_is_wrong(wrong("string_too_long", "name")) == "name: Rule."
    assert what_is_wrong(wrong("missing", "users", 3, "id")) == "users.id: it is missing."
    assert what_is_wrong(wrong("json_invalid", 7)) == "The body is not JSON."
    assert what_is_wrong(wrong("extra_forbidden", "x" * 500)).startswith("x" * 64 + ":")
    assert what_is_wrong(wrong("dict_type")).startswith("The body must be")


def test_a_message_that_could_hold_the_value_is_not_passed_on() -> None:
    told = what_is_wrong(wrong("value_error", "password", input="correct horse"))
    assert told == "password: it is not what it should be."


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [(502, 500, "internal"), (418, 400, "bad_request"), (404, 404, "not_found")],
)
async def test_whatever_the_framework_refuses_is_an_answer_of_ours(
    raised: int, status: int, code: str
) -> None:
    node = await open_http_node()

    @node.app.get("/raise")
    async def refuse() -> None:
        raise HTTPException(raised, "secret detail")

    answer = await node.client().get("/raise")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "secret" not in answer.text
    await node.close()
