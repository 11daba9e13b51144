"""A conversation's log: who waits for it, and what becomes of them."""

from __future__ import annotations

from tests.support.begun import BO, BOS, CONV, begun, post

from hubbub.actors.answers import Acked, Done
from hubbub.actors.commands import AcceptRequest, SetBlock
from hubbub.actors.conversation_effects import (
    Answer,
    Append,
    FanOut,
    Reload,
)
from hubbub.config.errors import OutcomeUnknownError, UnavailableError


def test_who_waits_hears_with_the_last_entry_that_was_accepted_before() -> None:
    state = begun()
    state.post(post(2), 2000)
    state.post(post(3), 2000)
    assert state.let_in(AcceptRequest(BOS, BO), 2001) == []
    first = state.commit()
    assert [type(effect) for effect in first] == [Answer, FanOut, Append]
    second = state.commit()
    assert [effect.result for effect in second if isinstance(effect, Answer)] == [
        Acked(CONV, 3, 4, 2000, False),
        Done(),
    ]


def test_a_failed_commit_refuses_who_waits_too() -> None:
    state = begun()
    state.set_block(SetBlock(BOS, BO, True, 7), 2000)
    told, reload = state.fail(OutcomeUnknownError())
    assert isinstance(told, Answer)
    assert told.to == BOS
    assert isinstance(told.result, UnavailableError)
    assert reload == Reload(disown=True)
