"""The page's cookie: how it is set, taken away and read."""

from __future__ import annotations

import pytest
from fastapi import Request, Response
from tests.support.http_node import PASSWORD, WEB, HttpNode, login, open_http_node

from hubbub.config.errors import ForbiddenError
from hubbub.transport.edge.http import cookies
from hubbub.transport.edge.origins import Origins


def request(scheme: str = "http", **headers: str) -> Request:
    """A request with these headers."""
    raw = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
    return Request(
        {
            "type": "http",
            "method": "POST",
            "path": "/v1/refresh",
            "scheme": scheme,
            "server": ("chat.test", 80),
            "query_string": b"",
            "headers": [(b"host", b"chat.test"), *raw],
        }
    )


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_scripts_and_other_sites_never_see_the_cookie(scheme: str) -> None:
    response = Response()
    cookies.put_refresh_cookie(request(scheme), response, "token")
    parts = set(response.headers["set-cookie"].split("; "))
    assert {"hubbub_refresh=token", "HttpOnly", "SameSite=strict", "Path=/v1"} <= parts
    assert ("Secure" in parts) == (scheme == "https")


def test_taking_it_away_names_the_same_cookie() -> None:
    put, dropped = Response(), Response()
    cookies.put_refresh_cookie(request("https"), put, "token")
    cookies.drop_refresh_cookie(request("https"), dropped)
    kept = {"HttpOnly", "SameSite=strict", "Path=/v1", "Secure"}
    for response in (put, dropped):
        assert kept <= set(response.headers["set-cookie"].split("; "))
    assert "Max-Age=0" in dropped.headers["set-cookie"]


def test_an_empty_cookie_is_none() -> None:
    assert cookies.refresh_cookie(request()) is None
    assert cookies.refresh_cookie(request(cookie="hubbub_refresh=")) is None
    assert cookies.refresh_cookie(request(cookie="a=b; hubbub_refresh=x")) == "x"


async def test_a_page_of_ours_passes_and_others_do_not(node: HttpNode) -> None:
    cookies.check_origin(request(origin="http://chat.test"), node.services)
    cookies.check_origin(request(x_hubbub_web="1"), node.services)
    for bad in (
        request(),
        request(x_hubbub_web="yes"),
        request(origin="http://evil.test", x_hubbub_web="1"),
        request("https", origin="http://chat.test"),
    ):
        with pytest.raises(ForbiddenError):
            cookies.check_origin(bad, node.services)


# --- on the routes ---


async def test_the_page_gets_its_refresh_token_in_a_cookie_alone(node: HttpNode) -> None:
    await node.register("Ada")
    page = node.client(headers=WEB)
    answer = await login(page, "Ada")
    assert "refresh" not in answer.json()
    cookie = answer.headers["set-cookie"]
    for part in ("hubbub_refresh=", "HttpOnly", "SameSite=strict", "Path=/v1", "Max-Age=2592000"):
        assert part in cookie
    assert "Secure" not in cookie
    again = await page.post("/v1/refresh", json={})
    assert again.status_code == 200
    assert "refresh" not in again.json()
    assert again.headers["set-cookie"] != cookie


async def test_over_https_the_cookie_is_secure(node: HttpNode) -> None:
    await node.register("Ada")
    page = node.client(
        base_url="https://chat.test", headers={**WEB, "Origin": "https://chat.test"}
    )  # fmt: skip
    assert "Secure" in (await login(page, "Ada")).headers["set-cookie"]


@pytest.mark.parametrize(
    "origin", ["http://evil.test", "http://chat.test:81", "null", "", "http://chat.test.evil.test"]
)
async def test_another_origins_page_can_neither_set_nor_use_the_cookie(
    node: HttpNode, origin: str
) -> None:
    await node.register("Ada")
    page = node.client(headers=WEB)
    await login(page, "Ada")
    body = {"name": "Ada", "password": PASSWORD}
    evil = {"Origin": origin}
    assert (await page.post("/v1/login", json=body, headers=evil)).status_code == 403
    assert (await page.post("/v1/refresh", json={}, headers=evil)).status_code == 403
    assert (await page.post("/v1/logout", json={}, headers=evil)).status_code == 403
    assert (await page.post("/v1/refresh", json={})).status_code == 200


async def test_the_cookie_without_origin_and_header_is_not_taken(node: HttpNode) -> None:
    await node.register("Ada")
    page = node.client(headers={"X-Hubbub-Web": "1"})
    await login(page, "Ada")
    bare = node.client(cookies=page.cookies)
    assert (await bare.post("/v1/refresh", json={})).status_code == 403
    assert (await page.post("/v1/refresh", json={})).status_code == 200


async def test_a_configured_origin_may_use_the_cookie() -> None:
    node = await open_http_node(origins=Origins(["https://app.test"]))
    await node.register("Ada")
    page = node.client(headers={**WEB, "Origin": "https://app.test"})
    assert (await login(page, "Ada")).status_code == 200
    await node.close()


async def test_a_cookie_that_is_no_good_is_taken_away(node: HttpNode) -> None:
    ada = await node.person("Ada")
    await node.store.revoke_device(ada.user, ada.device)
    page = node.client(headers=WEB, cookies={"hubbub_refresh": ada.refresh})
    answer = await page.post("/v1/refresh", json={})
    assert answer.status_code == 401
    assert 'hubbub_refresh=""' in answer.headers["set-cookie"]
