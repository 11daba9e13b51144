"""Register, login, refresh, recover, logout."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.support.http_node import PASSWORD, WEB, HttpNode, login, open_http_node

from hubbub.actors.commands import DeviceRevoked
from hubbub.config.errors import StoreRetryableError


async def recover(
    http: httpx.AsyncClient, name: str, code: str, password: str = "another horse 8"
) -> httpx.Response:
    return await http.post(
        "/v1/recover", json={"name": name, "code": code, "password": password}
    )  # fmt: skip


async def me(http: httpx.AsyncClient, access: str) -> int:
    answer = await http.get("/v1/me", headers={"Authorization": f"Bearer {access}"})
    return answer.status_code


async def refresh(http: httpx.AsyncClient, token: str) -> httpx.Response:
    return await http.post("/v1/refresh", json={"refresh": token})


# --- register -----------------------------------------------------------------------------------


async def test_registering_gives_an_account_and_eight_codes(node: HttpNode) -> None:
    answer = await node.client().post(
        "/v1/register", json={"name": "Ada", "password": PASSWORD}
    )  # fmt: skip
    assert answer.status_code == 201
    body = answer.json()
    assert body["user"]["name"] == "Ada"
    assert body["user"]["id"].startswith("u_")
    assert len(set(body["recovery"])) == 8


async def test_a_name_that_folds_to_a_taken_one_is_taken(node: HttpNode) -> None:
    await node.register("Ada")
    answer = await node.client().post(
        "/v1/register", json={"name": "ＡＤＡ", "password": PASSWORD}
    )  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "x"), ("name", "a b"), ("password", "short"), ("password", "x" * 257)],
)
async def test_what_breaks_a_rule_is_refused_by_the_fields_name(
    node: HttpNode, field: str, value: str
) -> None:
    body = {"name": "Ada", "password": PASSWORD, field: value}
    answer = await node.client().post("/v1/register", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert answer.json()["msg"].startswith(f"{field}: ")
    assert value not in answer.text or len(value) < 2


async def test_closed_sign_up_is_forbidden() -> None:
    node = await open_http_node(sign_up_open=False)
    answer = await node.client().post(
        "/v1/register", json={"name": "Ada", "password": PASSWORD}
    )  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert await node.store.account_by_name("ada") is None
    await node.close()


# --- login --------------------------------------------------------------------------------------


async def test_signing_in_gives_a_device_whose_token_is_good(node: HttpNode) -> None:
    await node.register("Ada")
    answer = await login(node.client(), "ada")
    body = answer.json()
    assert body["user"]["name"] == "Ada"
    assert body["device"].startswith("v_")
    assert body["expires_in"] == 900
    assert await me(node.client(), body["access"]) == 200
    assert "set-cookie" not in answer.headers


async def test_a_wrong_password_and_an_unknown_name_get_one_answer_for_one_amount_of_work(
    node: HttpNode,
) -> None:
    await node.register("Ada")
    answers: list[tuple[int, Any, int]] = []
    for name in ("Ada", "Nobody"):
        before = node.passwords.verified
        answer = await login(node.client(), name, "wrong wrong wrong")
        answers.append((answer.status_code, answer.json(), node.passwords.verified - before))
    assert answers[0] == answers[1]
    assert answers[0][0] == 401
    assert answers[0][2] == 1


async def test_a_closed_account_is_told_so_only_to_who_knows_the_password(node: HttpNode) -> None:
    await node.register("Ada")
    account = await node.store.account_by_name("ada")
    assert account is not None
    await node.store.set_disabled(account.id, True)
    assert (await login(node.client(), "Ada")).status_code == 403
    assert (await login(node.client(), "Ada", "wrong wrong")).status_code == 401


async def test_the_eleventh_device_signs_the_oldest_out(node: HttpNode) -> None:
    first = await node.person("Ada")
    for _ in range(10):
        node.clock.advance(1)
        await node.sign_in("Ada")
    assert (f"user:{first.user}", DeviceRevoked(first.device)) in node.cluster.told
    assert await me(node.client(), first.access) == 403


@pytest.mark.parametrize(("label", "kept"), [("  My \n phone\0", "My phone"), ("\0", "A device")])
async def test_a_label_is_one_visible_line(node: HttpNode, label: str, kept: str) -> None:
    await node.register("Ada")
    body = {"name": "Ada", "password": PASSWORD, "device": label}
    answer = await node.client().post("/v1/login", json=body)
    device = await node.store.device(answer.json()["device"])
    assert device is not None
    assert device.label == kept


# --- refresh ------------------------------------------------------------------------------------


async def test_a_refresh_token_gives_a_new_pair(node: HttpNode) -> None:
    ada = await node.person("Ada")
    node.clock.advance(16 * 60)
    assert await me(node.client(), ada.access) == 401
    body = (await refresh(node.client(), ada.refresh)).json()
    assert body["device"] == ada.device
    assert body["refresh"] != ada.refresh
    assert await me(node.client(), body["access"]) == 200


async def test_the_old_token_works_until_the_new_one_was_used_then_it_ends_the_device(
    node: HttpNode,
) -> None:
    ada = await node.person("Ada")
    lost = (await refresh(node.client(), ada.refresh)).json()["refresh"]
    again = (await refresh(node.client(), ada.refresh)).json()
    assert again["refresh"] != lost
    assert (await refresh(node.client(), again["refresh"])).status_code == 200
    stolen = await refresh(node.client(), ada.refresh)
    assert (stolen.status_code, stolen.json()["code"]) == (401, "unauthenticated")
    assert (f"user:{ada.user}", DeviceRevoked(ada.device)) in node.cluster.told
    assert await me(node.client(), again["access"]) == 403


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é" * 30, "x" * 4000])
async def test_a_forged_refresh_token_changes_nothing(node: HttpNode, token: str) -> None:
    ada = await node.person("Ada")
    assert (await refresh(node.client(), token)).status_code == 401
    assert await me(node.client(), ada.access) == 200
    assert node.cluster.told == []


async def test_a_refresh_without_a_token_is_refused(node: HttpNode) -> None:
    for body in (b"", b"{}", b"null"):
        answer = await node.client().post(
            "/v1/refresh", content=body, headers={"Content-Type": "application/json"}
        )
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_an_account_that_is_gone_is_asked_to_sign_in(
    node: HttpNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await node.person("Ada")

    async def nobody(user: object) -> None:
        return None

    monkeypatch.setattr(node.store, "account", nobody)
    assert (await refresh(node.client(), ada.refresh)).status_code == 401


# --- recover ------------------------------------------------------------------------------------


async def test_a_code_changes_the_password_once_and_signs_every_device_out(node: HttpNode) -> None:
    codes = await node.register("Ada")
    ada = await node.sign_in("Ada")
    assert (await recover(node.client(), "ADA", codes[0].upper())).status_code == 204
    assert (f"user:{ada.user}", DeviceRevoked(None)) in node.cluster.told
    assert await me(node.client(), ada.access) == 403
    assert (await refresh(node.client(), ada.refresh)).status_code == 401
    assert (await login(node.client(), "Ada")).status_code == 401
    assert (await login(node.client(), "Ada", "another horse 8")).status_code == 200
    assert (await recover(node.client(), "Ada", codes[0])).status_code == 401
    assert (await recover(node.client(), "Ada", codes[1])).status_code == 204


async def test_recovery_answers_and_works_alike_for_a_name_that_is_nobodys(node: HttpNode) -> None:
    codes = await node.register("Ada")
    await node.register("Bob")
    answers: list[tuple[int, Any, int]] = []
    for name, code in (("Ada", "aaaa-bbbb"), ("Nobody", "aaaa-bbbb"), ("Bob", codes[0])):
        before = node.passwords.hashed
        answer = await recover(node.client(), name, code)
        answers.append((answer.status_code, answer.json(), node.passwords.hashed - before))
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] == 401
    assert (await recover(node.client(), "Ada", codes[0])).status_code == 204


async def test_a_closed_account_cannot_be_recovered(node: HttpNode) -> None:
    codes = await node.register("Ada")
    account = await node.store.account_by_name("ada")
    assert account is not None
    await node.store.set_disabled(account.id, True)
    assert (await recover(node.client(), "Ada", codes[0])).status_code == 401


async def test_a_bad_new_password_uses_no_code_up(node: HttpNode) -> None:
    codes = await node.register("Ada")
    assert (await recover(node.client(), "Ada", codes[0], "short")).status_code == 400
    assert (await recover(node.client(), "Ada", codes[0])).status_code == 204


# --- logout -------------------------------------------------------------------------------------


async def test_logging_out_by_token_ends_the_device_everywhere(node: HttpNode) -> None:
    ada = await node.person("Ada")
    assert (await ada.http.post("/v1/logout")).status_code == 204
    assert node.cluster.told == [(f"user:{ada.user}", DeviceRevoked(ada.device))]
    assert await me(node.client(), ada.access) == 403
    assert (await refresh(node.client(), ada.refresh)).status_code == 401


async def test_logging_out_by_refresh_token_needs_no_access_token(node: HttpNode) -> None:
    ada = await node.person("Ada")
    answer = await node.client().post("/v1/logout", json={"refresh": ada.refresh})
    assert answer.status_code == 204
    assert await me(node.client(), ada.access) == 403


async def test_the_page_logs_out_by_its_cookie_and_loses_it(node: HttpNode) -> None:
    await node.register("Ada")
    page = node.client(headers={**WEB, "Authorization": "Bearer "})
    access = (await login(page, "Ada")).json()["access"]
    answer = await page.post("/v1/logout", json={})
    assert answer.status_code == 204
    assert 'hubbub_refresh=""' in answer.headers["set-cookie"]
    assert await me(node.client(), access) == 403
    again = await page.post("/v1/logout", json={})
    assert again.status_code == 401


async def test_logging_out_twice_tells_nobody_twice(node: HttpNode) -> None:
    ada = await node.person("Ada")
    for _ in range(2):
        await node.client().post("/v1/logout", json={"refresh": ada.refresh})
    assert len(node.cluster.told) == 1


# --- limits -------------------------------------------------------------------------------------


async def test_guesses_at_one_name_are_limited_from_whatever_address(limited: HttpNode) -> None:
    await limited.register("Ada")
    for n in range(10):
        answer = await login(limited.client(address=f"198.51.100.{n}"), "ada", "wrong wrong")
        assert answer.status_code == 401
    answer = await login(limited.client(address="198.51.100.99"), "ADA")
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert answer.headers["retry-after"] == "30"
    assert 29_000 < answer.json()["retry"] <= 30_001
    limited.clock.advance(30)
    assert (await login(limited.client(address="198.51.100.99"), "Ada")).status_code == 200


async def test_a_name_that_is_nobodys_is_limited_alike(limited: HttpNode) -> None:
    for n in range(10):
        await login(limited.client(address=f"198.51.100.{n}"), "Nobody", "wrong wrong")
    assert (await login(limited.client(), "Nobody", "wrong wrong")).status_code == 429


async def test_signing_in_rightly_does_not_count_as_a_guess(limited: HttpNode) -> None:
    await limited.register("Ada")
    for _ in range(15):
        assert (await login(limited.client(), "Ada")).status_code == 200


async def test_one_address_is_limited_whatever_the_names(limited: HttpNode) -> None:
    statuses = [
        (await login(limited.client(), f"name{n}", "wrong wrong")).status_code for n in range(51)
    ]
    assert statuses == [401] * 50 + [429]
    assert (await login(limited.client(address="198.51.100.1"), "n", "x")).status_code == 401


async def test_registering_and_recovering_are_limited_too(limited: HttpNode) -> None:
    def numbered(n: int) -> dict[str, str]:
        return {"name": f"name{n}", "password": PASSWORD}

    http = limited.client()
    made = [(await http.post("/v1/register", json=numbered(n))).status_code for n in range(21)]
    assert made == [201] * 20 + [429]
    tried = [(await recover(http, "name1", "aaaa")).status_code for _ in range(6)]
    assert tried == [401] * 5 + [429]
    verified = limited.passwords.verified
    assert verified == 0


# --- the world ----------------------------------------------------------------------------------


async def test_a_store_that_cannot_is_unavailable(node: HttpNode, monkeypatch: Any) -> None:
    async def broken(*args: Any) -> None:
        raise StoreRetryableError("disk full")

    monkeypatch.setattr(node.store, "account_by_name", broken)
    answer = await login(node.client(), "Ada")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"] == "1"
    assert "disk" not in answer.text
