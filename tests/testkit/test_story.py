"""The story shows what happened, and nobody's words."""

from __future__ import annotations

from typing import Any

from tests.testkit.counter import Add

from hubbub.actors.bodies import Text
from hubbub.actors.requests import SendRequest
from hubbub.actors.runtime.future import LoopFuture
from hubbub.actors.runtime.mailbox import Ask
from hubbub.config.ids import ConvId
from hubbub.testkit.story import WIDTH, Story, short


def test_a_request_of_the_chat_shows_numbers_and_ids_and_no_words() -> None:
    request = SendRequest(3, ConvId("g_abc"), None, 7, 6, Text("secret"))
    assert short(request) == "SendRequest(id=3, conv=g_abc, cid=7, prev=6)"
    asked: LoopFuture[Any] = LoopFuture()
    assert short(Ask(request, asked)) == short(request)


def test_somebodys_own_message_shows_itself_shortly() -> None:
    assert short(Add(2)) == "Add(amount=2)"
    assert short("x" * 500) == "'" + "x" * (WIDTH - 3) + ".."


def test_a_message_without_fields_shows_its_type() -> None:
    class Silent:
        pass

    Silent.__module__ = "hubbub.somewhere"
    assert short(Silent()) == "Silent"


def test_a_message_that_cannot_show_itself_fails_nothing() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise ZeroDivisionError

    assert short(Broken()) == "Broken (its repr raises ZeroDivisionError)"


def test_a_story_is_told_in_order_and_bounded() -> None:
    now = 0.0
    story = Story(lambda: now)
    assert story.told() == "No actor did anything."
    for n in range(5):
        now = float(n)
        story.note("told", "counter", f"{n}", by="probe")
    assert story.told(last=2).splitlines() == [
        "  3 earlier ones",
        "      3.000 told      counter 3  by probe",
        "      4.000 told      counter 4  by probe",
    ]


def test_a_story_of_some_holds_those_who_told_them_and_whom_they_told() -> None:
    story = Story(lambda: 0.0)
    story.note("started", "one")
    story.note("told", "two", "x", by="one")
    story.note("told", "three", "y", by="two")
    story.note("told", "four", "z", by="three")
    told = story.told(["two"])
    assert "started   one" in told
    assert "two   x" in told
    assert "three y" in told
    assert "four" not in told
