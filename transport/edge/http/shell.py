"""Around every request: the body's limit, security headers, HEAD, and the last resort.

A plain ASGI layer, so that it covers answers that no route made.
"""

from __future__ import annotations

import traceback

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ....config.errors import InternalError
from .errors import answer_of
from .services import Services

#: Nothing from elsewhere, nothing inline, in nobody's frame.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)

_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # What no route says is not kept by anybody: most of it is private.
    "Cache-Control": "no-store",
}

log = structlog.get_logger(__name__)


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
        limit = self._services.limits.frame_bytes
        declared = Headers(scope=scope).get("content-length", "")
        too_large = declared.isdigit() and int(declared) > limit
        # A HEAD is a GET whose body stays here.
        bodiless = scope["method"] == "HEAD"
        if bodiless:
            scope = {**scope, "method": "GET"}
        got = 0
        started = False

        async def limited() -> Message:
            nonlocal got
            if too_large:
                raise HTTPException(413)
            message = await receive()
            if message["type"] == "http.request":
                got += len(message.get("body", b""))
                if got > limit:
                    raise HTTPException(413)
            return message

        async def dressed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if too_large:
                    # The rest of that body is not worth reading.
                    headers["Connection"] = "close"
            elif bodiless and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        try:
            await self._app(scope, limited, dressed)
        except ClientDisconnect:
            pass  # nobody waits for an answer
        except Exception as error:  # noqa: BLE001 - a request's edge: what nobody foresaw ends here
            # Where it broke, but not what it said: that may hold what the client sent.
            log.error(
                "http_failed",
                method=scope["method"],
                path=scope["path"],
                error=type(error).__name__,
                trace="".join(traceback.format_tb(error.__traceback__)[-3:]),
            )
            if started:
                raise ConnectionAbortedError("the answer broke off") from None
            self._services.metrics.refusals.labels("internal").inc()
            await answer_of(InternalError())(scope, receive, dressed)


__all__ = ["CONTENT_SECURITY_POLICY", "Shell"]
