"""One timer for all connections: pings, time-outs, expiries.

Each connection stands in one slot of the wheel, for the time it next has something to look at. A
slot is a tick wide, so nothing is early and everything is late by at most a tick. When the node
stood still, what clients said meanwhile is heard before they are judged, a tick later.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final, Protocol

from ...config.clock import Clock, Timer
from ...config.units import SECONDS

#: Items that are looked at before the sockets get their turn.
SLICE: Final = 500
#: A turn that comes so much later than asked for says that the node stood still.
STILL_S: Final = 1 * SECONDS


class Timed(Protocol):
    """Something that looks at the clock now and then.

    Attributes:
        tick: Where it stands in the wheel, 0 when nowhere; only the wheel writes it.
    """

    tick: int

    def on_time(self, now: float) -> float | None:
        """It is time, at these monotonic seconds.

        Returns: When it wants to be called next; None for not, or where it set itself meanwhile.
        """
        ...


class TimerWheel:
    """All connections by the time they are next due.

    Args:
        tick_s: How wide a slot is.
    """

    def __init__(self, clock: Clock, tick_s: float = 0.25 * SECONDS) -> None:
        self._clock = clock
        self._tick_s = tick_s
        #: {tick: items}: all and only those with `item.tick` = tick. A dict of nothing keeps them
        #: in the order they came, so that a run replays; a set's would be that of addresses.
        self._slots: dict[int, dict[Timed, None]] = {}
        self._timer: Timer | None = None
        self._timer_tick = 0
        #: When the next turn should come, in monotonic seconds; inf for however late.
        self._due = math.inf

    def __iter__(self) -> Iterator[Timed]:
        for slot in list(self._slots.values()):
            yield from list(slot)

    def set(self, item: Timed, at: float) -> None:
        """Call the item at these monotonic seconds, and not when it was set for before."""
        tick = max(1, int(at / self._tick_s) + 1)
        if item.tick == tick:
            return
        self._remove(item)
        item.tick = tick
        slot = self._slots.get(tick)
        if slot is None:
            self._slots[tick] = {item: None}
            self._arm(tick)
        else:
            slot[item] = None

    def drop(self, item: Timed) -> None:
        """Do not call the item any more. Harmless twice."""
        self._remove(item)
        if not self._slots and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _remove(self, item: Timed) -> None:
        slot = self._slots.get(item.tick)
        if slot is not None:
            slot.pop(item, None)
            if not slot:
                del self._slots[item.tick]
        item.tick = 0

    def _arm(self, tick: int) -> None:
        if self._timer is not None:
            if self._timer_tick <= tick:
                return
            self._timer.cancel()
        self._timer_tick = tick
        now = self._clock.monotonic()
        self._due = max(now, tick * self._tick_s)
        self._timer = self._clock.call_later(self._due - now, self._turn)

    def _turn(self) -> None:
        now = self._clock.monotonic()
        if now > self._due + STILL_S:
            self._due = math.inf
            self._timer = self._clock.call_later(self._tick_s, self._turn)
            return
        self._timer = None
        current = int(now / self._tick_s)
        looked_at = 0
        while self._slots and looked_at < SLICE:
            tick = min(self._slots)
            if tick > current:
                break
            item, _ = self._slots[tick].popitem()
            item.tick = tick
            self._remove(item)
            looked_at += 1
            at = item.on_time(now)
            if at is not None:
                # Never into a slot of this very turn, or it would not end.
                self.set(item, max(at, now))
        if self._slots:
            self._arm(min(self._slots))


__all__ = ["SLICE", "STILL_S", "Timed", "TimerWheel"]
