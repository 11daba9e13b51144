"""Fault runs for people: a line a fault, the table of docs/faults.md, and what a failure says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.pieces.report import machine, replaced

from .runner import Round
from .verdict import LOSSES

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"

_COLUMNS = (
    "fault", "rounds", "texts", "sent again", "lost", "doubled", "reordered", "other",
    "stood still, median (s)", "longest (s)", "all back (s)",
    "own loop late (s)",
)  # fmt: skip
_MOST_NAMED = 12
_MOST_STORIES = 2
_MOST_LINES = 60


def cells(rounds: Sequence[Round]) -> tuple[str, ...]:
    """One fault's rounds, by the columns of the table.

    A verdict is of everything since the load began, so the last one has the counts; what was wrong
    once stays wrong.
    """
    last = rounds[-1].verdict
    lost, doubled, reordered = (
        last.count(*rules) for rules in (LOSSES, ("doubled",), ("reordered",))
    )
    complaints = sum(len(each.complaints) for each in rounds)
    other = len(last.violations) - lost - doubled - reordered + complaints
    still = [each.still_s for each in rounds]
    return (
        rounds[-1].fault,
        *map(str, (len(rounds), last.acked, last.again, lost, doubled, reordered, other)),
        f"{median(still):.1f}",
        f"{max(still):.1f}",
        f"{max(each.back_s for each in rounds):.1f}",
        f"{max(each.blind_s for each in rounds):.1f}",
    )


def table(played: Sequence[Sequence[Round]]) -> str:
    """All faults, as Markdown."""
    lines = [_COLUMNS, ("---", *("---:",) * (len(_COLUMNS) - 1)), *map(cells, played)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def failure(round_: Round) -> str:
    """What is wrong with a round, and the stories of those concerned; bounded."""
    violations = round_.verdict.violations
    lines = [f"after {round_.fault}:"]
    if not round_.struck:
        says = f"it holds everything up for {round_.held_s:.1f} s"
        lines.append(f"  {says}; acknowledgements stood still for {round_.still_s:.1f} s at most")
    lines += [f"  {violation}"[:400] for violation in violations[:_MOST_NAMED]]
    if len(violations) > _MOST_NAMED:
        lines.append(f"  ... and {len(violations) - _MOST_NAMED} more")
    lines += [f"  a node logged: {line}"[:400] for line in round_.complaints[:_MOST_NAMED]]
    for name, story in list(round_.stories.items())[:_MOST_STORIES]:
        lines.append(f"  the story of {name}:")
        lines += [f"    {line}" for line in story[-_MOST_LINES:]]
    return "\n".join(lines)


def write(played: Sequence[Sequence[Round]], command: str, day: str, page: Path = PAGE) -> None:
    """Put the table into the page."""
    text = f"`{command}`, {day}, {machine()}\n\n{table(played)}"
    page.write_text(replaced(page.read_text(), "results", text))


__all__ = ["PAGE", "cells", "failure", "table", "write"]
