"""Taking everything away."""

from __future__ import annotations

import json

import pytest
from tests.support.http_archive import conv_ids, show, write
from tests.support.http_node import HttpNode

from hubbub.config.errors import UnavailableError

(TEA,) = conv_ids("g", "a")


async def test_the_data_comes_as_a_file_of_json(node: HttpNode) -> None:
    ada = await node.person("Ada")
    await write(node, TEA, ada.user, "Hello", "again")
    await show(node, ada.user, TEA, (1, 2))
    for query in ("", "?format=json"):
        answer = await ada.http.get(f"/v1/me/export{query}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["content-disposition"] == 'attachment; filename="hubbub.json"'
        assert answer.headers["cache-control"] == "no-store"
        data = json.loads(answer.content)
        assert data["profile"]["id"] == ada.user
        (tea,) = data["conversations"]
        assert [m["b"]["text"] for m in tea["messages"]] == ["Hello", "again"]
        assert ada.refresh not in answer.text and "argon2" not in answer.text


async def test_the_page_to_read_comes_as_a_file_too(node: HttpNode) -> None:
    ada = await node.person("Ada")
    await write(node, TEA, ada.user, "<b>Hello</b>")
    await show(node, ada.user, TEA, (1, 1))
    answer = await ada.http.get("/v1/me/export?format=html")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="hubbub.html"'
    assert "&lt;b&gt;Hello&lt;/b&gt;" in answer.text
    assert answer.text.startswith("<!doctype html>") and answer.text.endswith("</html>\n")


async def test_an_unknown_format_is_named(node: HttpNode) -> None:
    ada = await node.person("Ada")
    answer = await ada.http.get("/v1/me/export?format=xml")
    assert (answer.status_code, answer.json()["msg"][:7]) == (400, "format:")


async def test_only_the_signed_in_get_anything(node: HttpNode) -> None:
    assert (await node.client().get("/v1/me/export")).status_code == 401


async def test_what_breaks_off_is_not_taken_for_whole(node: HttpNode) -> None:
    ada = await node.person("Ada")
    await show(node, ada.user, TEA)
    node.asker.answers[f"conv:{TEA}"] = UnavailableError()
    with pytest.raises(ConnectionAbortedError):
        await ada.http.get("/v1/me/export")


async def test_taking_away_has_a_limit(limited: HttpNode) -> None:
    ada = await limited.person("Ada")
    statuses = [(await ada.http.get("/v1/me/export")).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]


async def test_an_account_that_went_meanwhile_is_asked_to_sign_in(
    node: HttpNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await node.person("Ada")
    account = [await node.store.account(ada.user)]

    async def once(user: str) -> object:
        return account.pop() if account else None

    monkeypatch.setattr(node.store, "account", once)
    assert (await ada.http.get("/v1/me/export")).status_code == 401
