"""The highest generation, in Cassandra: one row, changed on the condition of what it was."""

from __future__ import annotations

from ...config.errors import OutcomeUnknownError, StoreRetryableError
from ..memory_queue import check_storable
from .base import CassandraBase

_HIGHEST = "SELECT generation FROM generations WHERE part = 0"
_RAISE = "UPDATE generations SET generation = ? WHERE part = 0 IF generation = ?"

#: Of several who raise it, one gets on with each try.
_TRIES = 20


class CassandraGenerations(CassandraBase):
    """`generations.Generations` in Cassandra."""

    async def raise_generation(self, above: int) -> int:
        async with self._turn("generation"):
            for _ in range(_TRIES):
                rows = await self._rows(_HIGHEST, serial=True)
                highest: int | None = rows[0][0] if rows else None
                generation = max(highest or 0, above) + 1
                check_storable(generation)
                try:
                    done = await self._rows(_RAISE, generation, highest)
                except OutcomeUnknownError:
                    continue  # If it happened, that number is nobody's: the next one is ours.
                if done[0][0]:
                    return generation
        raise StoreRetryableError("the generation is raised by several")


__all__ = ["CassandraGenerations"]
