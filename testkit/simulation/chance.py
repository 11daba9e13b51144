"""Chance from a seed: one stream a purpose, so that one more draw here changes nothing there."""

from __future__ import annotations

import random
from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


class SeededChance:
    """A `config.clock.Chance` that a seed and a purpose determine, whatever Python hashes.

    Attributes:
        rng: Its numbers.
    """

    def __init__(self, seed: int, purpose: str) -> None:
        digest = blake2b(f"{seed} {purpose}".encode(), digest_size=16).digest()
        self.rng = random.Random(int.from_bytes(digest, "big"))

    def token(self, size: int) -> bytes:
        """See `Chance`."""
        return self.rng.randbytes(size)

    def uniform(self, low: float, high: float) -> float:
        """See `Chance`."""
        return low + (high - low) * self.rng.random()

    def happens(self, probability: float) -> bool:
        """Whether something of this probability happens now."""
        return self.rng.random() < probability

    def among(self, things: Sequence[T]) -> T:
        """One of these."""
        return things[int(self.rng.random() * len(things))]

    def shuffle(self, things: list[object]) -> None:
        """In place; cheap for one or two."""
        if len(things) == 2:
            if self.rng.random() < 0.5:
                things.reverse()
        elif len(things) > 2:
            self.rng.shuffle(things)


__all__ = ["SeededChance"]
