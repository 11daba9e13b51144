"""The highest generation, in SQLite."""

from __future__ import annotations

from ..memory_queue import check_storable
from .base import SqliteBase
from .transaction import Transaction


class SqliteGenerations(SqliteBase):
    """`generations.Generations` in SQLite: the one writer decides."""

    async def raise_generation(self, above: int) -> int:
        return await self._write(lambda tx: _raise(tx, above))


def _raise(tx: Transaction, above: int) -> int:
    ((highest,),) = tx.read("SELECT coalesce(max(generation), 0) FROM generations", ())
    generation = max(int(highest), above) + 1
    check_storable(generation)
    tx.write("INSERT OR REPLACE INTO generations (part, generation) VALUES (0, ?)", (generation,))
    return generation


__all__ = ["SqliteGenerations"]
