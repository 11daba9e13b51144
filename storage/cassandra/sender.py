"""Writes that are sent until their outcome is known, or patience ends.

All of it is harmless to repeat: the same cells, with the same stamps.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from ...config.clock import Clock
from ...config.errors import OutcomeUnknownError, StoreError, StoreRefusedError
from .bridge import Bridge
from .claims import Statement

#: Before what was sent in vain is sent again; doubled each time.
_FIRST_PAUSE_S = 0.02


@dataclass(slots=True, eq=False)
class Parcel:
    """Statements that belong together; the last one makes the others count.

    Attributes:
        begun: Some of it may have happened.
        error: Why it is not known to be whole; None when it is.
    """

    statements: list[Statement]
    begun: bool = False
    error: StoreError | None = None
    _sent: list[bool] = field(default_factory=list[bool])

    def __post_init__(self) -> None:
        self._sent = [False] * len(self.statements)

    def next(self) -> list[int]:
        """What can be sent now: all but the last, and that when the others arrived."""
        left = [n for n, sent in enumerate(self._sent) if not sent]
        return left[:-1] or left

    def hear(self, n: int, error: StoreError | None) -> None:
        """How it went with one of them."""
        self._sent[n] = error is None
        self.begun = self.begun or error is None or isinstance(error, OutcomeUnknownError)
        if error is not None:
            self.error = error


class Sender:
    """Sends parcels side by side.

    Args:
        patience_s: How long a parcel that was begun is sent again.
    """

    def __init__(self, bridge: Bridge, clock: Clock, patience_s: float) -> None:
        self._bridge = bridge
        self._clock = clock
        self._patience_s = patience_s

    async def send(self, parcels: Sequence[Parcel]) -> None:
        """Send them; afterwards each one's `error` and `begun` say what is known."""
        deadline = self._clock.monotonic() + self._patience_s
        pause = _FIRST_PAUSE_S
        left = list(parcels)
        while left:
            left = await self._round(left)
            if all(parcel.error is None for parcel in left):
                continue  # nothing failed: the last ones are due
            if self._clock.monotonic() + pause > deadline:
                # Only what failed is given up. Of the others the last statement is due: without
                # it and without an error they would pass for whole.
                left = [parcel for parcel in left if parcel.error is None]
                continue
            await self._pause(pause)
            pause *= 2

    async def _round(self, parcels: list[Parcel]) -> list[Parcel]:
        """Send what can be sent; those that are worth another round."""
        for parcel in parcels:
            parcel.error = None
        sent = [
            (parcel, n, self._bridge.start(*parcel.statements[n]))
            for parcel in parcels
            for n in parcel.next()
        ]
        for parcel, n, answer in sent:
            try:
                await answer
            except StoreError as error:
                parcel.hear(n, error)
            else:
                parcel.hear(n, None)
        return [p for p in parcels if p.next() and (p.error is None or _may_come(p))]

    async def _pause(self, seconds: float) -> None:
        over = asyncio.Event()
        timer = self._clock.call_later(seconds, over.set)
        try:
            await over.wait()
        finally:
            timer.cancel()


def _may_come(parcel: Parcel) -> bool:
    # What never began is told at once: whoever asked may try again by themselves.
    return parcel.begun and not isinstance(parcel.error, StoreRefusedError)


__all__ = ["Parcel", "Sender"]
