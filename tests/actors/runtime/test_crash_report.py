"""What is said of a crash, and what never is."""

from __future__ import annotations

from dataclasses import dataclass, make_dataclass
from enum import Enum
from typing import Any

import pytest
import structlog

from hubbub.actors.runtime.actor import LoopActor
from hubbub.actors.runtime.crash_report import DEPTH, FIELDS, reason_of, shape_of
from hubbub.actors.runtime.mailbox import Ask
from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.errors import StartError

SECRET = "correct horse battery staple"


class Colour(Enum):
    RED = SECRET


@dataclass(frozen=True)
class Inner:
    text: str
    again: Any = None


@dataclass(frozen=True)
class Post:
    cid: int
    body: Inner
    users: tuple[str, ...] = ()
    words: dict[str, str] | None = None
    blob: bytes = b""
    flag: bool = True
    half: float = 0.5


class Foreign:
    def __repr__(self) -> str:
        return SECRET

    def __len__(self) -> int:
        raise RuntimeError(SECRET)


class Sly(int):
    def __repr__(self) -> str:
        return SECRET


def test_numbers_are_told_and_of_texts_their_length_alone() -> None:
    post = Post(7, Inner(SECRET), ("ada", "bo"), {SECRET: "x"}, b"token")
    assert shape_of(post) == (
        "Post(cid=7, body=Inner(text=<str 28>, again=None), users=<tuple 2>, words=<dict 1>, "
        "blob=<bytes 5>, flag=True, half=0.5)"
    )


def test_an_ask_is_told_by_what_was_asked() -> None:
    assert shape_of(Ask(Inner(SECRET), ActorSystem)) == "Ask(Inner(text=<str 28>, again=None))"  # type: ignore[arg-type] # pyright: ignore


@pytest.mark.parametrize("message", [SECRET, Foreign(), Sly(1), Colour.RED, {SECRET}, [SECRET]])
def test_nothing_says_what_it_holds(message: object) -> None:
    assert SECRET not in shape_of(message)
    assert SECRET not in shape_of(Inner(SECRET, message))


def test_a_message_is_not_looked_into_for_ever() -> None:
    deep: Any = None
    for _ in range(100):
        deep = Inner("", deep)
    assert shape_of(deep).count("Inner") == DEPTH + 1
    wide = make_dataclass("Wide", [(f"f{n}", int) for n in range(99)])
    assert shape_of(wide(*range(99))).count("=") == FIELDS


def test_a_reason_quotes_our_own_errors_only() -> None:
    assert reason_of(ValueError(SECRET)) == "ValueError"
    assert reason_of(StartError("port 80 is in use")) == "StartError: port 80 is in use"


async def test_a_crash_is_logged_with_the_message_that_did_it_and_none_of_its_words() -> None:
    class Weak(LoopActor):
        def on_receive(self, message: Any) -> None:
            raise ValueError(f"cannot bear {message}")

    with structlog.testing.capture_logs() as logs:
        async with ActorSystem() as system:
            system.spawn(Weak, name="weak")
            for _ in range(3):
                system.tell("weak", Inner(SECRET))
            await system.settle()
    (report,) = logs
    assert report.pop("traceback").count("on_receive") == 1
    assert report == {
        "event": "actor_crashed",
        "log_level": "error",
        "actor": "weak",
        "kind": "Weak",
        "reason": "ValueError",
        "says": None,
        "message": "Inner",
        "holds": "Inner(text=<str 28>, again=None)",
        "waiting": 2,
    }
    assert SECRET not in str(logs)
