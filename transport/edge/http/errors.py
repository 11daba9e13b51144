"""Refusals as HTTP answers: a status, and the same code as on the socket."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from ....config.errors import (
    BadRequestError,
    InternalError,
    NotFoundError,
    Refusal,
    StoreError,
    TooLargeError,
    UnavailableError,
    UnsupportedError,
)
from .services import services_of

#: The status of each code. 409: the request met a state that it did not expect.
STATUS = {
    "bad_request": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "blocked": 403,
    "not_found": 404,
    "name_taken": 409,
    "conversation_full": 409,
    "resend": 409,
    "cid_old": 409,
    "cid_used": 409,
    "too_large": 413,
    "unsupported": 422,
    "rate_limited": 429,
    "internal": 500,
    "unavailable": 503,
}


def answer_of(refusal: Refusal) -> JSONResponse:
    """The answer that a refusal makes."""
    body: dict[str, Any] = {"code": refusal.code, "msg": refusal.text}
    headers: dict[str, str] = {}
    if refusal.retry_ms is not None:
        body["retry"] = refusal.retry_ms
        headers["Retry-After"] = str(max(1, ceil(refusal.retry_ms / 1000)))
    if refusal.last is not None:
        body["last"] = refusal.last
    if refusal.code == "unauthenticated":
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body, STATUS[refusal.code], headers)


def install(app: FastAPI) -> None:
    """Make every refusal, and whatever the framework refuses by itself, an answer of ours."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(StoreError, _store_failed)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _by_framework)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    return _counted(request, cast(Refusal, error))


async def _store_failed(request: Request, error: Exception) -> JSONResponse:
    return _counted(request, UnavailableError())


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    return _counted(request, BadRequestError(what_is_wrong(cast(RequestValidationError, error))))


async def _by_framework(request: Request, error: Exception) -> JSONResponse:
    refused = cast(HTTPException, error)
    if refused.status_code == 413:
        return _counted(request, body_too_large(services_of(request).limits.frame_bytes))
    if refused.status_code == 405:
        answer = _counted(request, UnsupportedError("There is something here, but not that way."))
        answer.status_code = 405
        answer.headers.update(refused.headers or {})
        return answer
    if refused.status_code == 404:
        return _counted(request, NotFoundError("There is nothing here."))
    if refused.status_code >= 500:
        return _counted(request, InternalError())
    return _counted(request, BadRequestError("The request cannot be read."))


def body_too_large(limit: int) -> Refusal:
    """The refusal of a body that was not read to its end."""
    refusal = TooLargeError("That request", limit + 1, limit, "bytes")
    refusal.text = f"That request is too long: at most {limit:,} bytes."
    return refusal


def what_is_wrong(error: RequestValidationError) -> str:
    """One sentence that names the first wrong field and the rule, never the value."""
    first = cast(Sequence[dict[str, Any]], error.errors())[0]
    kind = first["type"]
    where = ".".join(str(part) for part in first["loc"][1:] if isinstance(part, str))[:_NAMED]
    if kind == "json_invalid":
        return "The body is not JSON."
    if not where:
        return "The body must be a JSON object, sent as application/json."
    if kind == "missing":
        return f"{where}: it is missing."
    if kind == "extra_forbidden":
        return f"{where}: there is no such field."
    # The messages of pydantic's own rules hold the rule; one that could hold a value is not used.
    return f"{where}: {first['msg'] if kind in _PLAIN else 'it is not what it should be'}."


#: So much of a field's name is told: a client can name one as it likes.
_NAMED = 64

#: Kinds of validation errors whose message tells the rule and nothing of the value.
_PLAIN = frozenset(
    {
        "bool_type",
        "greater_than_equal",
        "int_type",
        "less_than_equal",
        "list_type",
        "literal_error",
        "string_too_long",
        "string_too_short",
        "string_type",
        "string_unicode",
        "too_long",
    }
)


def _counted(request: Request, refusal: Refusal) -> JSONResponse:
    services_of(request).metrics.refusals.labels(refusal.code).inc()
    return answer_of(refusal)


__all__ = ["STATUS", "answer_of", "body_too_large", "install", "what_is_wrong"]
