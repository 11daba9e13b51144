"""What a fault run tells."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hubbub.testkit.simulation.checker import Violation

from .report import cells, failure, table, write
from .runner import Round
from .verdict import Verdict

CLEAN = Verdict(2, 1, handed_in=10, acked=10, again=3, violations=())


def played(
    verdict: Verdict = CLEAN, *, still_s: float = 1.0, held_s: float = 0.0, complaints: int = 0
) -> Round:
    return Round(
        fault="kill -9",
        verdict=verdict,
        still_s=still_s,
        held_s=held_s,
        back_s=still_s / 2,
        blind_s=0.01,
        complaints=tuple(f"[error] {n}" for n in range(complaints)),
        stories={"ann": ("came", "went")},
    )


def wrong(*rules: str) -> Verdict:
    return replace(CLEAN, violations=tuple(Violation(rule, "is wrong", ("ann",)) for rule in rules))


def test_a_line_has_the_last_counts_and_the_longest_times() -> None:
    rounds = [played(still_s=1.0), played(still_s=4.0), played(still_s=2.0)]
    assert cells(rounds) == (
        "kill -9",
        "3",
        "10",
        "3",
        "0",
        "0",
        "0",
        "0",
        "2.0",
        "4.0",
        "2.0",
        "0.0",
    )


def test_everything_that_is_wrong_is_counted_somewhere() -> None:
    verdict = wrong("lost", "missing", "doubled", "reordered", "away", "server")
    assert cells([played(verdict, complaints=2)])[4:8] == ("2", "1", "1", "4")
    assert not played(verdict).clean
    assert not played(complaints=1).clean
    assert played().clean


def test_a_failure_names_what_is_wrong_with_the_stories_of_those_concerned() -> None:
    said = failure(played(wrong(*["lost"] * 20), complaints=1))
    assert said.count("[lost] is wrong") == 12
    assert "... and 8 more" in said
    assert "a node logged: [error] 0" in said
    assert said.endswith("the story of ann:\n    came\n    went")


def test_a_fault_that_held_nothing_up_has_not_struck() -> None:
    assert played(still_s=1.0, held_s=1.1).clean
    weak = played(still_s=1.0, held_s=10.0)
    assert not weak.clean
    assert "holds everything up for 10.0 s; acknowledgements stood still for 1.0 s" in failure(weak)


def test_the_page_gets_the_table_in_its_place(tmp_path: Path) -> None:
    page = tmp_path / "faults.md"
    page.write_text("# Faults\n\n<!-- results: begin -->\nold\n<!-- results: end -->\n\nThe end.\n")
    write([[played()]], "make faults", "2026-11-28", page)
    text = page.read_text()
    assert table([[played()]]) in text
    assert "`make faults`, 2026-11-28, " in text
    assert "old" not in text and text.endswith("The end.\n")
