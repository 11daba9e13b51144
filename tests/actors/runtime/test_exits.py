"""What a parent is told."""

from __future__ import annotations

from hubbub.actors.runtime.exits import Exit


def test_an_exit_does_not_show_the_messages_it_carries() -> None:
    exit = Exit(None, "user:a", ValueError(), ["a secret"])
    assert "secret" not in repr(exit)
    assert exit.started
