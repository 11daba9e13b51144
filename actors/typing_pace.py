"""How often a device's typing is passed on."""

from __future__ import annotations

from typing import Final

from ..config.ids import ConvId
from ..config.units import SECONDS

#: The shortest time between two signs of typing in one conversation (protocol, item 8).
TYPING_EVERY_S: Final = 3 * SECONDS
#: Nobody writes in more conversations than that at once.
MOST_TYPED: Final = 8


class TypingPace:
    """One device's signs of typing; what comes too soon is dropped."""

    __slots__ = ("_told",)

    def __init__(self) -> None:
        #: {conversation: monotonic seconds}: those passed on less than TYPING_EVERY_S ago, and
        #: perhaps older ones.
        self._told: dict[ConvId, float] = {}

    def allows(self, conv: ConvId, now_s: float) -> bool:
        """Whether this sign is passed on; it counts as passed on then."""
        self._told = {c: at for c, at in self._told.items() if now_s - at < TYPING_EVERY_S}
        if conv in self._told or len(self._told) >= MOST_TYPED:
            return False
        self._told[conv] = now_s
        return True


__all__ = ["MOST_TYPED", "TYPING_EVERY_S", "TypingPace"]
