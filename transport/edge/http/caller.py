"""Who asks: the bearer of an access token, or the address of a stranger."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from ....config.errors import UnauthenticatedError
from ..identity import Identity
from .limiter import address_key
from .services import Node

_bearer = HTTPBearer(
    auto_error=False, bearerFormat="JWT", description="The `access` of login or refresh."
)

Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


async def caller(node: Node, bearer: Bearer) -> Identity:
    """The signed-in device that asks.

    Raises:
        UnauthenticatedError, ForbiddenError: See `Authenticator`.
        RateLimitedError: It asks too often.
    """
    if bearer is None:
        raise UnauthenticatedError("Sign in first.")
    held = node.tokens.holder("access", bearer.credentials)
    # Before the store is asked anything.
    node.limiter.take("requests", held.device)
    await node.tokens.confirm(held)
    return held


#: A route's parameter of this type is who asks; the route is for the signed-in alone.
Caller = Annotated[Identity, Depends(caller)]


async def caller_if_any(node: Node, bearer: Bearer) -> Identity | None:
    """The signed-in device that asks, if it shows a token at all; refuses as `caller` does."""
    return None if bearer is None else await caller(node, bearer)


#: A route's parameter of this type is who asks, if anybody known does.
MaybeCaller = Annotated[Identity | None, Depends(caller_if_any)]


def stranger(request: Request) -> str:
    """What the limits know an address by: uvicorn's, which heeds configured proxies only."""
    return address_key(request.client.host if request.client is not None else "")


#: A route's parameter of this type is the address that asks.
Address = Annotated[str, Depends(stranger)]

__all__ = ["Address", "Bearer", "Caller", "MaybeCaller", "caller", "caller_if_any", "stranger"]
