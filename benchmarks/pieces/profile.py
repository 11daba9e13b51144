"""Where a profiled node spent its time, as lines of text."""

from __future__ import annotations

import pstats
from pathlib import Path

_LINES = 25


def hot(profile: Path | None) -> list[str]:
    """The functions with the most time of their own; empty without a profile.

    Times are longer than without the profiler, and Python's more so than C's: trust the order.
    """
    if profile is None:
        return []
    entries = pstats.Stats(str(profile)).get_stats_profile().func_profiles
    total = sum(entry.tottime for entry in entries.values()) or 1.0
    ranked = sorted(entries.items(), key=lambda item: -item[1].tottime)[:_LINES]
    lines = [f"{'own %':>6} {'own s':>7} {'calls':>10}  function"]
    for name, entry in ranked:
        place = f"{_short(entry.file_name)}:{entry.line_number}" if entry.line_number else ""
        share = 100 * entry.tottime / total
        lines.append(
            f"{share:6.1f} {entry.tottime:7.3f} {entry.ncalls:>10}  {name} {place}".rstrip()
        )
    return lines


def _short(file: str) -> str:
    return "/".join(Path(file).parts[-2:])


__all__ = ["hot"]
