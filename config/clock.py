"""Time and chance as ports, with the real ones.

Nothing else in Hubbub reads a clock or draws a number, so a whole cluster can run in one process
on a virtual clock, from a seed (design, invariant 10).
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """Something that will happen, unless it is cancelled."""

    def cancel(self) -> None:
        """Keep it from happening; harmless when it has already happened."""
        ...


class Clock(Protocol):
    """Time: monotonic inside, UTC on the wire."""

    def monotonic(self) -> float:
        """Seconds that never go back; only differences mean anything."""
        ...

    def now_ms(self) -> int:
        """UTC, ms since 1970; may jump either way."""
        ...

    def call_later(self, delay_s: float, call: Callable[[], object]) -> Timer:
        """Run `call` on the loop after `delay_s` seconds."""
        ...


class Chance(Protocol):
    """Random numbers: `token` is fit for secrets in the real one."""

    def token(self, size: int) -> bytes:
        """This many unguessable bytes."""
        ...

    def uniform(self, low: float, high: float) -> float:
        """A number between the two."""
        ...


class LoopClock:
    """The real clock, with the running loop's timers."""

    #: The system's own, without a call between: it is asked several times a message.
    monotonic = staticmethod(time.monotonic)

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def call_later(self, delay_s: float, call: Callable[[], object]) -> Timer:
        return asyncio.get_running_loop().call_later(delay_s, call)


class SystemChance:
    """Chance from the operating system."""

    def token(self, size: int) -> bytes:
        return secrets.token_bytes(size)

    def uniform(self, low: float, high: float) -> float:
        return low + (high - low) * (secrets.randbits(53) / (1 << 53))


__all__ = ["Chance", "Clock", "LoopClock", "SystemChance", "Timer"]
