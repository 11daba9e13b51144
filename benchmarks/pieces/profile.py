"""Where a profiled node spent its time, as lines of text."""

from __future__ import annotations

import pstats
from pathlib import Path
from typing import Any, cast

_FUNCTIONS = 25

#: Parts of the house, the longer path first.
_PARTS = (
    "actors/runtime",
    "actors",
    "storage",
    "transport/edge",
    "transport/wire",
    "transport/cluster",
    "supervision",
    "config",
)

#: (file, line, function)
_Place = tuple[str, int, str]


def hot(profile: Path | None) -> list[str]:
    """Shares by part, and the functions with the most time of their own; [] without a profile.

    It is the loop's thread, the start of the node included. Times are longer than without the
    profiler, and Python's more so than C's: trust the order.
    """
    if profile is None:
        return []
    # {place: (primitive calls, calls, own seconds, seconds with callees, callers)}
    raw = cast("dict[_Place, tuple[Any, ...]]", cast("Any", pstats.Stats(str(profile))).stats)
    own: dict[_Place, float] = {place: float(row[2]) for place, row in raw.items()}
    total = sum(own.values()) or 1.0
    parts: dict[str, float] = {}
    for place, seconds in own.items():
        part = _part(place)
        parts[part] = parts.get(part, 0.0) + seconds
    lines = ["own %  part"]
    for part in sorted(parts, key=lambda part: -parts[part]):
        lines.append(f"{100 * parts[part] / total:5.1f}  {part}")
    lines += ["", "own %    calls  function"]
    for place in sorted(own, key=lambda place: -own[place])[:_FUNCTIONS]:
        share, calls = 100 * own[place] / total, int(raw[place][1])
        lines.append(f"{share:5.1f} {calls:>8}  {_name(place)}")
    return lines


def _part(place: _Place) -> str:
    file = place[0]
    if place[2] == "run" and file.endswith("asyncio/runners.py"):
        return "uvloop: waiting, reading, writing"
    for part in _PARTS:
        if f"/hubbub/{part}/" in file:
            return part
    return "built in" if file == "~" else "Python and libraries"


def _name(place: _Place) -> str:
    file, line, function = place
    if _part(place).startswith("uvloop"):
        return "(uvloop)"
    return function if file == "~" else f"{function} {'/'.join(Path(file).parts[-2:])}:{line}"


__all__ = ["hot"]
