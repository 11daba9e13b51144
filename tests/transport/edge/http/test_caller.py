"""Who asks."""

from __future__ import annotations

import pytest
from fastapi import Request
from tests.support.http_node import HttpNode

from hubbub.config.errors import StoreRetryableError
from hubbub.transport.edge.http.caller import stranger


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer a b", "x"])
async def test_without_a_good_bearer_nobody_is_signed_in(node: HttpNode, header: str) -> None:
    answer = await node.client().get("/v1/me", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_token_in_the_url_or_a_cookie_signs_nobody_in(node: HttpNode) -> None:
    ada = await node.person("Ada")
    http = node.client(cookies={"access": ada.access, "hubbub_refresh": ada.refresh})
    answer = await http.get("/v1/me", params={"token": ada.access, "access_token": ada.access})
    assert answer.status_code == 401


async def test_a_device_has_its_own_pace(limited: HttpNode) -> None:
    ada = await limited.person("Ada")
    other = await limited.sign_in("Ada")
    statuses = [(await ada.http.get("/v1/me")).status_code for _ in range(41)]
    assert statuses == [200] * 40 + [429]
    refused = await ada.http.get("/v1/me")
    assert refused.json()["retry"] == 50
    assert (await other.http.get("/v1/me")).status_code == 200
    limited.clock.advance(0.05)
    assert (await ada.http.get("/v1/me")).status_code == 200


async def test_forged_tokens_do_not_use_up_anybodys_pace(limited: HttpNode) -> None:
    ada = await limited.person("Ada")
    head, payload, _ = ada.access.split(".")
    for _ in range(60):
        forged = {"Authorization": f"Bearer {head}.{payload}.AAAA"}
        assert (await limited.client().get("/v1/me", headers=forged)).status_code == 401
    assert (await ada.http.get("/v1/me")).status_code == 200


async def test_a_store_that_cannot_is_no_reason_to_sign_in_again(
    node: HttpNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await node.person("Ada")

    async def broken(device: object) -> None:
        raise StoreRetryableError("disk")

    monkeypatch.setattr(node.store, "device", broken)
    answer = await ada.http.get("/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


def test_an_address_that_is_not_known_is_still_one() -> None:
    assert stranger(Request({"type": "http", "client": None})) == ""
    assert stranger(Request({"type": "http", "client": ("192.0.2.7", 1)})) == "192.0.2.7"
