"""One seed, from its beginning to its verdict."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from hubbub.testkit.simulation.mutations import MUTATIONS
from hubbub.testkit.simulation.report import report
from hubbub.testkit.simulation.run import simulate
from hubbub.testkit.simulation.world import World

#: A new one each time, so that no two runs of the suite look at the same seeds.
BASE = random.SystemRandom().randrange(1, 1_000_000_000)
SHORT = 12


@pytest.mark.parametrize("seed", range(BASE, BASE + SHORT))
def test_a_seed_nobody_has_tried_before_holds(seed: int) -> None:
    print(f"base seed {BASE}")  # noqa: T201 - shown when it fails
    outcome = simulate(seed)
    assert not outcome.failed, f"base seed {BASE}\n{report(outcome)}"
    assert outcome.requests >= 300
    assert outcome.faults >= 10
    assert outcome.acks > 100


def _told(seed: int, hash_seed: str) -> str:
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-m", "hubbub.testkit.simulation.cli", "--seed", str(seed), "--trace"],
        env={"PYTHONPATH": str(root / "src"), "PYTHONHASHSEED": hash_seed, "PATH": "/usr/bin:/bin"},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    story, _, verdict = done.stdout.rstrip().rpartition("\n")
    return story + verdict.rpartition(", ")[2]


def test_a_seed_tells_the_same_story_in_every_process_whatever_python_hashes() -> None:
    first = _told(7, "1")
    assert len(first.splitlines()) > 1500
    assert first == _told(7, "1")
    assert first == _told(7, "4242")


def test_a_planted_fault_is_found_and_leaves_nothing_behind() -> None:
    mutation = next(m for m in MUTATIONS if m.name == "push-early")
    outcomes = [simulate(seed, mutation=mutation) for seed in (1, 2, 3)]
    assert any(outcome.failed for outcome in outcomes)
    assert simulate(1).trace.digest() == simulate(1).trace.digest()


def test_a_seed_that_breaks_has_failed_and_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_args: object, **_kwargs: object) -> World:
        raise ZeroDivisionError("a checker that divides")

    monkeypatch.setattr(World, "open", broken)
    outcome = simulate(1)
    assert outcome.failed
    assert "a checker that divides" in outcome.error
