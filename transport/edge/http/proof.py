"""The password asked again, before what a borrowed phone must not be able to do."""

from __future__ import annotations

from ....config.errors import ForbiddenError
from ..identity import Identity
from .services import Services


async def require_password(node: Services, me: Identity, password: str) -> None:
    """Hold the caller to the password.

    A wrong one is `forbidden` and not `unauthenticated`: the tokens are good, and to sign in again
    would not help. Only wrong ones count against the caller's rate.

    Raises:
        ForbiddenError: It is wrong.
        RateLimitedError: Too many were.
        UnavailableError: Too many are being verified.
    """
    node.limiter.take("password", me.user)
    account = await node.store.account(me.user)
    hashed = account.password if account is not None else None
    if not await node.passwords.verify(hashed, password):
        raise ForbiddenError("The password is wrong.")
    node.limiter.give_back("password", me.user)


__all__ = ["require_password"]
