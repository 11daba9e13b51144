"""Structured logs on stderr that never hold a secret.

    structlog loggers ──┐
                        ├─> redact ─> event key=value ...   (or one JSON object a line)
    stdlib logging ─────┘   (uvicorn, asyncio, drivers)

Secrets are kept out where they are known; this is the second net: a value under a telling name is
left out, and what looks like a token is cut out of every text, tracebacks included.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any, Literal, TextIO, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

LogFormat = Literal["text", "json"]

REDACTED = "[redacted]"

_TELLING = re.compile(
    r"token|passw|secret|authorization|cookie|recovery|refresh|access|credential", re.IGNORECASE
)
# A bearer header, a JWT, and `password=...` in a URL or a message: each up to where it must end.
_LOOKS_SECRET = re.compile(
    r"(?i:bearer)\s+[\w.~+/=-]+"
    r"|eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?"
    r"|(?<=(?i:token)[=:])[^\s&\"',;]+"
    r"|(?<=(?i:password)[=:])[^\s&\"',;]+"
)

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Take secrets out of an event, at any depth; the event's name is looked at as a text."""
    return {
        key: _clean(value) if key in ("event", "exception") else _clean_under(key, value)
        for key, value in event.items()
    }


def one_line(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Keep a stranger's text from forging a line or steering a terminal; tracebacks stay."""
    return {
        key: _CONTROL.sub(_escape, value)
        if isinstance(value, str) and key != "exception"
        else value
        for key, value in event.items()
    }


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")


def _clean_under(key: str, value: object) -> object:
    return REDACTED if _TELLING.search(key) else _clean(value)


def _clean(value: object) -> object:
    if isinstance(value, str):
        return _LOOKS_SECRET.sub(REDACTED, value)
    if isinstance(value, Mapping):
        inner = cast(Mapping[object, object], value)
        return {key: _clean_under(str(key), each) for key, each in inner.items()}
    if isinstance(value, list | tuple):
        return [_clean(each) for each in cast(list[object], value)]
    if value is None or isinstance(value, int | float):
        return value
    return _LOOKS_SECRET.sub(REDACTED, repr(value))


def set_up(level: str, form: LogFormat, *, stream: TextIO | None = None) -> None:
    """Send every log of this process to stderr, in one form; called once, by the program.

    An embedder sets up logs to taste, and puts `redact` among the processors.

    Args:
        level: The least that is logged: debug, info, warning or error.
        form: "text" for people, "json" for machines.
        stream: Where to instead of stderr.
    """
    out = stream or sys.stderr
    least = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # A traceback becomes text before it is redacted. Never with local variables: they hold
        # passwords.
        structlog.processors.format_exc_info,
        redact,
        one_line,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _renderer(form, colors=out.isatty()),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(least)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        # uvicorn gives its loggers handlers of their own, which would write each line twice.
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    logging.captureWarnings(capture=True)


def _renderer(form: LogFormat, *, colors: bool) -> Processor:
    if form == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False, default=_as_text)
    return structlog.dev.ConsoleRenderer(
        colors=colors, exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
    )


def _as_text(value: Any) -> str:
    return repr(value)


__all__ = ["REDACTED", "LogFormat", "one_line", "redact", "set_up"]
