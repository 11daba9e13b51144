"""Plays a fault on its ground, and looks at everything after each round.

talk -> strike -> everybody is back -> talk -> rest, and nothing new -> verdict
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .ground import Ground
from .table import Fault
from .verdict import Verdict

#: Texts that are on record before each strike, and once more when everybody is back.
WARM_ACKS = 24
#: A stillness begins a little late, when the next text is handed in.
_NEARLY = 0.7


@dataclass(frozen=True, slots=True)
class Round:
    """What one round came to.

    Attributes:
        verdict: Of everything from the load's beginning until the round's end.
        still_s: The longest time in which acknowledgements of a conversation stood still.
        held_s: For how long the fault must have held acknowledgements up.
        back_s: From the fault's end until everybody was connected.
        blind_s: How late the load's own loop was at worst: no stillness is known more exactly.
        complaints: Errors that nodes logged, and that are none of the fault's.
        stories: {device: what it lived through}, of those that the verdict is about.
    """

    fault: str
    verdict: Verdict
    still_s: float
    held_s: float
    back_s: float
    blind_s: float
    complaints: tuple[str, ...]
    stories: Mapping[str, tuple[str, ...]]

    @property
    def struck(self) -> bool:
        """Whether the fault did what it is there for."""
        return self.still_s >= self.held_s * _NEARLY

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return self.struck and self.verdict.clean and not self.complaints


async def play(fault: Fault[Any], ground: Ground) -> Round:
    """One round."""
    load = ground.load
    known = len(ground.complaints())
    began = asyncio.get_running_loop().time()
    load.talk()
    await load.more(WARM_ACKS)
    held_s = await fault.strike(ground)
    back_s = await load.back()
    await load.more(WARM_ACKS)
    await load.rest()
    still = load.longest_still(began)
    verdict = await load.verdict()
    about = {name for violation in verdict.violations for name in violation.names}
    return Round(
        fault=fault.name,
        verdict=verdict,
        still_s=0.0 if still is None else still.length_s,
        held_s=held_s,
        back_s=back_s,
        blind_s=load.blind_s,
        complaints=tuple(
            line for line in ground.complaints()[known:] if not explains(fault.logs, line)
        ),
        stories={r.name: r.story for r in load.records() if r.name in about},
    )


def explains(words: Sequence[str], line: str) -> bool:
    """Whether a line of a log says one of these words, or ends within it: on a full disk the log is
    cut short, too."""
    said = line.rpartition("] ")[2]
    return any(word in line or word.startswith(said) for word in words)


__all__ = ["WARM_ACKS", "Round", "explains", "play"]
