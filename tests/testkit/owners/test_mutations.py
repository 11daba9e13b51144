"""Faults that are planted where it is decided who may write."""

from __future__ import annotations

import inspect

import pytest

from hubbub.testkit.owners.mutations import MUTATIONS
from hubbub.testkit.owners.verdict import own
from hubbub.testkit.simulation.mutations import Mutation, planted


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.name)
def test_each_still_replaces_a_function_that_exists(mutation: Mutation) -> None:
    owner, name = mutation.owner()
    right = inspect.getattr_static(owner, name)
    with planted(mutation):
        assert inspect.getattr_static(owner, name) is not right
    assert inspect.getattr_static(owner, name) is right


def test_there_are_enough_of_them_and_each_has_its_name() -> None:
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS) >= 10


@pytest.mark.parametrize("name", ["seal-skipped"])
def test_one_that_takes_over_without_a_seal_is_found_at_once(name: str) -> None:
    mutation = next(m for m in MUTATIONS if m.name == name)
    assert any(own(seed, mutation=mutation).failed for seed in range(1, 6))
