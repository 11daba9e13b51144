"""Messages nobody took."""

from __future__ import annotations

import structlog

from hubbub.actors.runtime.dead_letters import RECENT, DeadLetter, DeadLetters


def test_they_are_counted_by_reason() -> None:
    letters = DeadLetters()
    letters.add("unknown", "user:a", "hello")
    letters.add("unknown", "user:b", "hello")
    letters.add("crashed", "user:a", "hello")
    assert letters.counts == {"unknown": 2, "crashed": 1}


def test_subscribers_hear_of_each_until_they_have_enough() -> None:
    letters, heard = DeadLetters(), list[DeadLetter]()
    end = letters.subscribe(heard.append)
    letters.add("unknown", "user:a", "hello")
    end()
    end()
    letters.add("unknown", "user:a", "again")
    assert heard == [DeadLetter("unknown", "user:a", "hello")]


def test_a_subscriber_that_fails_is_logged_and_the_others_hear() -> None:
    def fail(letter: DeadLetter) -> None:
        raise ValueError

    letters, heard = DeadLetters(), list[DeadLetter]()
    letters.subscribe(fail)
    letters.subscribe(heard.append)
    with structlog.testing.capture_logs() as logs:
        letters.add("unknown", "user:a", "hello")
    assert len(heard) == 1
    assert [entry["event"] for entry in logs] == ["dead_letter_subscriber_failed"]


def test_only_the_latest_are_remembered_and_no_message_at_all() -> None:
    letters = DeadLetters()
    for n in range(RECENT + 5):
        letters.add("unknown", f"user:{n}", "a secret")
    assert len(letters.recent) == RECENT
    assert letters.recent[0] == ("unknown", "user:5", "str")
    assert "secret" not in repr(letters.recent)


def test_a_dead_letter_does_not_show_its_message() -> None:
    assert "secret" not in repr(DeadLetter("unknown", "user:a", "a secret"))
