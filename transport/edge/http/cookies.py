"""The web page's refresh token: in a cookie that scripts cannot read.

The page says that it is one by `X-Hubbub-Web: 1`, which a page from elsewhere cannot send here.
"""

from __future__ import annotations

from fastapi import Request, Response

from ....config.errors import ForbiddenError
from ..tokens import REFRESH_S
from .services import Services

NAME = "hubbub_refresh"
_PATH = "/v1"


def is_web(request: Request) -> bool:
    """Whether the web page asks."""
    return request.headers.get("x-hubbub-web") == "1"


def check_origin(request: Request, node: Services) -> None:
    """Hold a request that sets or uses the cookie to pages from here.

    A browser names the origin of each such request; one that does not must show the header.

    Raises:
        ForbiddenError: Another site's page sent it, or nobody knows whose.
    """
    origin = request.headers.get("origin")
    if origin is None:
        if is_web(request):
            return
    elif node.origins.is_ours(
        origin, request.headers.get("host", ""), secure=request.url.scheme == "https"
    ):
        return
    raise ForbiddenError("Not from a page of this server.")


def refresh_cookie(request: Request) -> str | None:
    """The refresh token that came in the cookie."""
    return request.cookies.get(NAME) or None


def put_refresh_cookie(request: Request, response: Response, token: str) -> None:
    """Hand the page its next refresh token."""
    response.set_cookie(
        NAME,
        token,
        max_age=int(REFRESH_S),
        path=_PATH,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def drop_refresh_cookie(request: Request, response: Response) -> None:
    """Take it from the page."""
    response.delete_cookie(
        NAME,
        path=_PATH,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


__all__ = [
    "NAME",
    "check_origin",
    "drop_refresh_cookie",
    "is_web",
    "put_refresh_cookie",
    "refresh_cookie",
]
