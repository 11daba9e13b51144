"""Around every request: the body's limit, security headers, HEAD, and the last resort.

A plain ASGI layer, so that it covers answers that no route made.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ....config.errors import InternalError
from ....config.units import MIB
from .errors import answer_of
from .services import Services

#: Nothing from elsewhere but the nodes' sockets (`policy`), nothing inline, in nobody's frame.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
#: What may stand in a policy; it has no way to write an IPv6 address.
_SOURCE = re.compile(r"wss?://[A-Za-z0-9.-]+(:[0-9]+)?(?=/|$)")

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # What no route says is not kept by anybody: most of it is private.
    "Cache-Control": "no-store",
}

log = structlog.get_logger(__name__)


#: So much of a body that is too large is thrown away before the answer goes out: closing on bytes
#: that nobody read resets the connection, and the client would never see why.
_THROWN_AWAY = 8 * MIB


class Shell:
    """The outermost layer that is ours."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and hold both ways to the rules."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(scope, receive, self._services.limits.frame_bytes)
        # A HEAD is a GET whose body stays here.
        bodiless = scope["method"] == "HEAD"
        if bodiless:
            scope = {**scope, "method": "GET"}
        started = False

        async def dressed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                addresses = self._services.discovery.addresses()
                headers.setdefault("Content-Security-Policy", policy(addresses))
                if body.too_large:
                    headers["Connection"] = "close"
                    await body.throw_away()
            elif bodiless and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        try:
            await self._app(scope, body.receive, dressed)
        except ClientDisconnect:
            pass  # nobody waits for an answer
        except Exception as error:  # noqa: BLE001 - a request's edge: what nobody foresaw ends here
            # Where it broke, but not what it said: that may hold what the client sent.
            log.error(
                "http_failed",
                method=scope["method"],
                path=_shown(scope["path"]),
                error=type(error).__name__,
                trace="".join(traceback.format_tb(error.__traceback__)[-3:]),
            )
            if started:
                raise ConnectionAbortedError("the answer broke off") from None
            self._services.metrics.refusals.labels("internal").inc()
            await answer_of(InternalError())(scope, receive, dressed)


def policy(addresses: Iterable[str]) -> str:
    """The policy that lets a page open its socket at these addresses, too."""
    found = {match[0] for address in addresses if (match := _SOURCE.match(address))}
    sources = " ".join(["connect-src 'self'", *sorted(found)])
    return CONTENT_SECURITY_POLICY.replace("connect-src 'self'", sources)


def _shown(path: str) -> str:
    """A path as the log may have it: what is behind this one is a secret."""
    return "/v1/invites/..." if path.startswith("/v1/invites/") else path


class _Body:
    """A request's body on its way in, held to the limit.

    Attributes:
        too_large: It is over the limit, as far as is known yet.
    """

    def __init__(self, scope: Scope, receive: Receive, limit: int) -> None:
        headers = Headers(scope=scope)
        declared = headers.get("content-length", "")
        self.too_large = declared.isdecimal() and int(declared) > limit
        # Who asks first sends nothing that has to be thrown away.
        self._waits = headers.get("expect", "").lower() == "100-continue"
        self._receive = receive
        self._limit = limit
        self._got = 0
        self._over = False

    async def receive(self) -> Message:
        """The next part, as ASGI has it.

        Raises:
            HTTPException: 413, before the part that is too much is read, if that was declared.
        """
        if self.too_large:
            raise HTTPException(413)
        message = await self._next()
        if self._got > self._limit:
            self.too_large = True
            raise HTTPException(413)
        return message

    async def throw_away(self) -> None:
        """Read on for a while and keep nothing."""
        while not (self._over or self._waits) and self._got < self._limit + _THROWN_AWAY:
            await self._next()

    async def _next(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._got += len(message.get("body", b""))
            self._over = not message.get("more_body", False)
        else:
            self._over = True
        return message


__all__ = ["CONTENT_SECURITY_POLICY", "Shell", "policy"]
