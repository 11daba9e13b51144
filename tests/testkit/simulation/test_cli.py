"""`make simulate`."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from click.testing import CliRunner

from hubbub.testkit.simulation import cli
from hubbub.testkit.simulation.checker import Violation
from hubbub.testkit.simulation.run import Outcome
from hubbub.testkit.simulation.trace import Trace


def _pretend(monkeypatch: pytest.MonkeyPatch, failing: set[int], error: str = "") -> Counter[int]:
    tried: Counter[int] = Counter()

    def simulate(seed: int, *, nodes: int) -> Outcome:
        tried[seed] += 1
        trace = Trace()
        trace.note(1.0, "u1d1", "sends", "g_a")
        outcome = Outcome(seed, trace)
        if seed in failing:
            outcome.violations = [Violation("missing", "u1d1 lacks g_a", ("g_a",))]
            outcome.error = error
        return outcome

    monkeypatch.setattr(cli, "simulate", simulate)
    return tried


def test_many_seeds_are_tried_and_those_that_fail_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried = _pretend(monkeypatch, {6, 8}, "broke off")
    args = ["--seeds", "5", "--base", "5", "--processes", "1", "--most", "1"]
    args += ["--kind", "world"]
    done = CliRunner().invoke(cli.main, args)
    assert done.exit_code == 1
    assert dict(tried) == dict.fromkeys(range(5, 10), 1)
    assert "5 seeds, 2 fail" in done.output
    assert "failing seeds: 6 8" in done.output
    assert "make simulate SEED=6" in done.output
    assert "make simulate SEED=8" not in done.output


def test_the_base_is_drawn_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = _pretend(monkeypatch, set())
    done = CliRunner().invoke(cli.main, ["--seeds", "2", "--processes", "1", "--kind", "world"])
    assert (done.exit_code, len(tried)) == (0, 2)
    assert f"seeds {min(tried)} to {max(tried)}" in done.output


def test_one_seed_is_told_with_its_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(monkeypatch, {7})
    done = CliRunner().invoke(
        cli.main, ["--seed", "7", "--trace", "--about", "g_a", "--kind", "world"]
    )
    assert done.exit_code == 1
    assert done.output.count("u1d1       sends        g_a") == 3
    assert "seed 7 fails" in done.output
    _pretend(monkeypatch, set())
    assert CliRunner().invoke(cli.main, ["--seed", "7", "--kind", "world"]).exit_code == 0


def test_processes_share_the_seeds_and_make_way_for_fresh_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cli, "_SEEDS_A_PROCESS", 1)
    found = list(cli.try_all(range(1, 4), 1, 2))
    assert [seed for seed, *_ in found] == [1, 2, 3]


def test_the_time_of_all_processes_is_told() -> None:
    done = CliRunner().invoke(cli.main, ["--seeds", "2", "--base", "1", "--nodes", "1"])
    told = re.search(r"2 seeds, 0 fail, .* s, (\S+) s CPU each", done.output)
    assert told is not None
    assert float(told[1]) > 0


def test_a_seed_is_a_life_of_a_world_and_one_of_owners(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = _pretend(monkeypatch, set())

    def own(seed: int) -> Outcome:
        return Outcome(seed, Trace(), "owners")

    monkeypatch.setattr(cli, "own", own)
    done = CliRunner().invoke(cli.main, ["--seed", "7", "--kind", "both"])
    assert done.exit_code == 0
    assert dict(tried) == {7: 1}
    assert "seed 7 (world) holds" in done.output
    assert "seed 7 (owners) holds" in done.output
