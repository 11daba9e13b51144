"""`make mutate`."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from hubbub.testkit.owners import mutations as owners
from hubbub.testkit.simulation import mutate
from hubbub.testkit.simulation.checker import Violation
from hubbub.testkit.simulation.mutate import Hunt, hunt
from hubbub.testkit.simulation.mutations import MUTATIONS, Mutation
from hubbub.testkit.simulation.run import Outcome
from hubbub.testkit.simulation.trace import Trace


def _pretend(monkeypatch: pytest.MonkeyPatch, found: set[int], always: set[int]) -> None:
    def simulate(seed: int, *, nodes: int = 3, mutation: Mutation | None = None) -> Outcome:
        outcome = Outcome(seed, Trace())
        if seed in always or (mutation is not None and seed in found):
            outcome.violations = [Violation("missing", "u1d1 lacks g_a")]
        return outcome

    monkeypatch.setattr(mutate, "simulate", simulate)


def test_the_seed_that_fails_under_the_fault_alone_has_found_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _pretend(monkeypatch, found={4, 6}, always={2})
    found = hunt(MUTATIONS[0], 1, 10)
    assert found == Hunt(MUTATIONS[0].name, 4, 1, 4, "[missing] u1d1 lacks g_a")
    assert "seed 4 (4 tried)" in str(found)


def test_a_survivor_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(monkeypatch, found=set(), always={2})
    assert str(hunt(MUTATIONS[0], 1, 3)).endswith("SURVIVES 3 seeds")


def test_every_fault_is_hunted_and_a_survivor_fails_the_command() -> None:
    args = ["--seeds", "0", "prev-ignored", "ack-early"]
    done = CliRunner().invoke(mutate.main, args)
    assert done.exit_code == 1
    assert "2 planted, 2 survive" in done.output


def test_a_fault_of_owners_is_hunted_in_lives_of_owners(monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(monkeypatch, found=set(range(9)), always=set())
    tried: list[int] = []

    def own(seed: int, *, nodes: int = 3, mutation: Mutation | None = None) -> Outcome:
        tried.append(seed)
        return Outcome(seed, Trace(), "owners")

    monkeypatch.setattr(mutate, "own", own)
    assert hunt(mutate.PLANTED["seal-skipped"], 1, 2).seed is None
    assert tried == [1, 2]


def test_every_fault_has_a_name_of_its_own() -> None:
    assert len(mutate.PLANTED) == len(MUTATIONS) + len(owners.MUTATIONS)
