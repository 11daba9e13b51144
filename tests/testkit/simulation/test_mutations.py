"""Faults that are planted on purpose."""

from __future__ import annotations

import pytest

from hubbub.actors.cid_window import CidWindow
from hubbub.config.errors import ResendError
from hubbub.testkit.simulation.mutations import MUTATIONS, Mutation, planted


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.name)
def test_each_still_replaces_a_function_that_exists(mutation: Mutation) -> None:
    owner, name = mutation.owner()
    right = getattr(owner, name)
    with planted(mutation):
        assert getattr(owner, name) is not right
    assert getattr(owner, name) is right


def test_there_are_enough_of_them_and_each_has_its_name() -> None:
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS) >= 17


def test_a_planted_fault_is_there_for_a_while_and_goes_even_after_an_error() -> None:
    mutation = next(m for m in MUTATIONS if m.name == "prev-ignored")
    window = CidWindow()
    with pytest.raises(ResendError):
        window.follow(3)
    with pytest.raises(ZeroDivisionError), planted(mutation):
        window.follow(3)
        raise ZeroDivisionError
    with pytest.raises(ResendError):
        window.follow(3)
    with planted(None), pytest.raises(ResendError):
        window.follow(3)


def test_a_target_that_is_gone_is_an_error() -> None:
    gone = Mutation("x", "x", "actors.cid_window:CidWindow.last", lambda right: right)
    with pytest.raises(AttributeError):
        gone.owner()
