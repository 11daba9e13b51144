"""The schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.http_node import HttpNode


def references(part: Any) -> Iterator[str]:
    """Every `$ref` below."""
    if isinstance(part, dict):
        for key, value in part.items():  # pyright: ignore[reportUnknownVariableType]
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(part, list):
        for value in part:  # pyright: ignore[reportUnknownVariableType]
            yield from references(value)


@pytest.fixture
async def schema(node: HttpNode) -> dict[str, Any]:
    answer = await node.client().get("/openapi.json")
    assert answer.status_code == 200
    read: dict[str, Any] = answer.json()
    return read


def test_every_reference_leads_somewhere(schema: dict[str, Any]) -> None:
    there = schema["components"]["schemas"]
    wanted = {ref.rsplit("/", 1)[-1] for ref in references(schema)}
    assert wanted <= set(there)
    assert {"Page", "Msg", "Ack", "Sheet", "PostMessage"} <= wanted


def test_a_message_is_posted_as_on_the_socket(schema: dict[str, Any]) -> None:
    post = schema["components"]["schemas"]["PostMessage"]
    assert post["required"] == ["cid", "prev", "b"]
    kinds = [ref.rsplit("/", 1)[-1] for ref in references(post["properties"]["b"])]
    assert "Text" in kinds


def test_every_operation_says_what_it_does_and_how_it_refuses(schema: dict[str, Any]) -> None:
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            assert operation["description"].endswith("."), (method, path)
            assert "default" in operation["responses"], (method, path)
            assert "422" not in operation["responses"], (method, path)


def test_what_needs_a_token_says_so(schema: dict[str, Any]) -> None:
    open_to_all = {
        path
        for path, item in schema["paths"].items()
        if any("security" not in operation for operation in item.values())
    }
    assert open_to_all == {
        "/healthz",
        "/metrics",
        "/readyz",
        "/v1/login",
        "/v1/recover",
        "/v1/refresh",
        "/v1/register",
    }


def test_operations_have_names_of_their_own(schema: dict[str, Any]) -> None:
    names = [
        operation["operationId"] for item in schema["paths"].values() for operation in item.values()
    ]
    assert len(set(names)) == len(names)


async def test_asking_twice_gives_the_same(node: HttpNode, schema: dict[str, Any]) -> None:
    assert (await node.client().get("/openapi.json")).json() == schema
