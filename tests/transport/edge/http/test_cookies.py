"""The page's cookie: how it is set, taken away and read."""

from __future__ import annotations

import pytest
from fastapi import Request, Response
from tests.support.http_node import HttpNode

from hubbub.config.errors import ForbiddenError
from hubbub.transport.edge.http import cookies


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
