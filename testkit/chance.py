"""Chance from a seed: the same in every run."""

from __future__ import annotations

import random


class SeededChance:
    """A `config.clock.Chance`."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def token(self, size: int) -> bytes:
        """See `Chance`; nobody's secret."""
        return self._random.randbytes(size)

    def uniform(self, low: float, high: float) -> float:
        """See `Chance`."""
        return low + (high - low) * self._random.random()


__all__ = ["SeededChance"]
