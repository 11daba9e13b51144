"""A result becomes its section of the page, and touches no other."""

from __future__ import annotations

from pathlib import Path

from benchmarks.pieces.report import section, write
from benchmarks.pieces.result import Figure, Goal, Result


def a_result(value: float, profile: list[str] | None = None) -> Result:
    figures = [Figure("bytes", value, "KiB", Goal("at most", 6)), Figure("rate", 12345.6, "/s")]
    return Result("idle", "Connections", figures, profile or [])


def test_a_goal_is_shown_as_met_or_missed() -> None:
    assert "| bytes | 5.25 | KiB | at most 6 | yes |" in section(a_result(5.25), "bench", "today")
    assert "| bytes | 6.5 | KiB | at most 6 | MISSED |" in section(a_result(6.5), "bench", "today")
    assert (a_result(5.25).missed, a_result(6.5).missed) == (False, True)


def test_a_profile_stands_under_its_table() -> None:
    assert "50 % here" in section(a_result(7, ["50 % here"]), "bench", "today")


def test_writing_a_result_replaces_its_section_alone(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text("# Benchmarks\n\nWords.\n")
    write(a_result(5), "bench", "day one", page)
    write(Result("other", "Others", [Figure("x", 1, "us")], []), "bench", "day one", page)
    write(a_result(4), "bench", "day two", page)
    text = page.read_text()
    assert text.startswith("# Benchmarks\n\nWords.\n")
    assert text.count("## idle") == text.count("## other") == 1
    assert "| bytes | 4 | KiB |" in text and "| bytes | 5 |" not in text
    assert text.index("## idle") < text.index("## other")
