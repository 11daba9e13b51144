"""The same group with 90 of 100 offline: what those who are not there cost."""

from __future__ import annotations

from .group import IN_FLIGHT, MEMBERS, figures, measure
from .pieces.result import Options, Result

ONLINE = 10


async def run(options: Options) -> Result:
    """Ten online; the others read the log some day."""
    many, one, hot = await measure(options, online=ONLINE, messages=10_000)
    return Result(
        "group_offline",
        f"{MEMBERS} members, {ONLINE} of them online (a delivery is one of those {ONLINE - 1})",
        figures(f"{IN_FLIGHT} in flight", many, None) + figures("1 in flight", one, None),
        hot,
    )


__all__ = ["ONLINE", "run"]
