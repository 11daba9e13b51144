"""Logs: one form for all of a process, and no secret in any of it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from hubbub.config import logs

#: Each must never be seen in a log.
SECRET = "correct-horse-battery"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1XzEifQ.c2lnbmF0dXJl"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged; the process's own set-up is put back afterwards."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield io.StringIO()
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def events(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


@pytest.mark.parametrize(
    "name",
    [
        "token", "password", "secret", "authorization", "cookie", "recovery", "refresh", "access",
        "access_token", "Set-Cookie", "new_password", "recovery_codes", "PASSWORD",
    ],
)  # fmt: skip
def test_a_value_under_a_telling_name_is_left_out_at_any_depth(name: str) -> None:
    event = logs.redact(
        None, "info", {"event": "x", name: SECRET, "deep": [{"er": {name: [SECRET]}}]}
    )
    assert SECRET not in repr(event)
    assert logs.REDACTED in repr(event)


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {SECRET}",
        f"GET /ws?token={SECRET}&v=1",
        f"login failed password={SECRET}",
        f"got {JWT} instead",
    ],
)
def test_what_looks_like_a_secret_is_cut_out_of_a_text(text: str) -> None:
    seen = repr(logs.redact(None, "info", {"event": text, "note": {"at": text}}))
    assert SECRET not in seen
    assert JWT not in seen


def test_what_is_no_secret_stays_as_it_is() -> None:
    event = {"event": "connection_opened", "user": "u_1", "n": 3, "ok": True, "none": None}
    assert logs.redact(None, "info", dict(event)) == event


def test_an_objects_own_words_are_looked_at_too() -> None:
    class Careless:
        def __repr__(self) -> str:
            return f"Careless(password={SECRET})"

    assert SECRET not in repr(logs.redact(None, "info", {"event": "x", "what": Careless()}))


def test_structlog_and_logging_write_the_same_kind_of_line(lines: io.StringIO) -> None:
    logs.set_up("info", "json", stream=lines)
    structlog.get_logger("hubbub.one").info("opened", user="u_1", token=SECRET)
    logging.getLogger("other").warning("went %s", "wrong")
    one, other = events(lines)
    assert (one["event"], one["user"], one["token"]) == ("opened", "u_1", logs.REDACTED)
    assert (other["event"], other["level"], other["logger"]) == ("went wrong", "warning", "other")
    assert {"timestamp", "level", "logger"} <= one.keys()


def test_less_than_the_level_is_not_written(lines: io.StringIO) -> None:
    logs.set_up("warning", "text", stream=lines)
    structlog.get_logger("hubbub").info("quiet")
    logging.getLogger("hubbub").info("quiet")
    assert lines.getvalue() == ""


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_traceback_shows_no_secret_and_no_local_variable(
    lines: io.StringIO, form: logs.LogFormat
) -> None:
    logs.set_up("info", form, stream=lines)

    def sign_in(password: str) -> None:
        raise ValueError(f"bad password={password}")

    try:
        sign_in(SECRET)
    except ValueError:
        structlog.get_logger("hubbub").exception("crashed")
    text = lines.getvalue()
    assert "ValueError" in text
    assert "Traceback" in text
    assert SECRET not in text


def test_a_strangers_text_cannot_forge_a_line_or_steer_the_terminal(lines: io.StringIO) -> None:
    logs.set_up("info", "text", stream=lines)
    logging.getLogger("uvicorn.error").info("GET /\n2026 [info] forged \x1b[2J")
    structlog.get_logger("hubbub").info("opened", agent="x\x1b]0;y\x07\u202e")
    text = lines.getvalue()
    assert text.count("\n") == 2
    assert not set("\x1b\x07\u202e") & set(text)


def test_uvicorns_own_handlers_are_taken_away(lines: io.StringIO) -> None:
    logger = logging.getLogger("uvicorn.error")
    logger.addHandler(logging.StreamHandler(io.StringIO()))
    logs.set_up("info", "json", stream=lines)
    logger.error("once")
    assert [event["event"] for event in events(lines)] == ["once"]


def test_what_json_does_not_know_is_written_as_text(lines: io.StringIO) -> None:
    logs.set_up("info", "json", stream=lines)
    structlog.get_logger("hubbub").info("x", kind=object, many=[b"bytes"])
    (event,) = events(lines)
    assert event["kind"] == "<class 'object'>"
