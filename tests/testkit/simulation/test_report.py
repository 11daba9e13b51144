"""What a failing seed says."""

from __future__ import annotations

from hubbub.testkit.simulation.checker import Violation
from hubbub.testkit.simulation.report import MOST_NAMED, report, summary
from hubbub.testkit.simulation.run import Outcome
from hubbub.testkit.simulation.trace import Trace


def test_it_names_the_command_the_violations_and_their_story() -> None:
    trace = Trace()
    trace.note(1.0, "u1d1", "sends", "g_a")
    trace.note(2.0, "u2d1", "sends", "g_b")
    outcome = Outcome(4711, trace, violations=[Violation("missing", "u1d1 lacks g_a", ("g_a",))])
    told = report(outcome)
    assert "make simulate SEED=4711" in told
    assert "[missing] u1d1 lacks g_a" in told
    assert "sends        g_a" in told and "g_b" not in told
    assert "fails" in summary(outcome, 0.5)


def test_it_is_bounded_whatever_happened() -> None:
    trace = Trace()
    for n in range(5000):
        trace.note(n, "u1d1", "msg", "g_a")
    violations = [Violation(f"rule {n}", "x", ("g_a",)) for n in range(MOST_NAMED + 5)]
    told = report(Outcome(1, trace, violations=violations), most=30).splitlines()
    assert "  ... and 5 more" in told
    assert len(told) < 100


def test_a_run_that_broke_off_shows_its_end() -> None:
    trace = Trace()
    trace.note(1.0, "world", "flush")
    outcome = Outcome(1, trace, error="still busy")
    assert "the run broke off: still busy" in report(outcome)
    assert "flush" in report(outcome)
    assert "holds" in summary(Outcome(1, trace), 0.1)
