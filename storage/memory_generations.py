"""The highest generation, in a number."""

from __future__ import annotations

from ..config.clock import Clock
from ..config.units import SECONDS
from .memory_queue import MemoryQueue, check_storable


class MemoryGenerations(MemoryQueue):
    """`generations.Generations` in a number."""

    def __init__(self, *, clock: Clock | None = None, commit_s: float = 0 * SECONDS) -> None:
        super().__init__(clock=clock, commit_s=commit_s)
        self._generation = 0

    async def raise_generation(self, above: int) -> int:
        def rise() -> int:
            generation = max(self._generation, above) + 1
            check_storable(generation)
            self._generation = generation
            return generation

        return await self._write(rise)


__all__ = ["MemoryGenerations"]
