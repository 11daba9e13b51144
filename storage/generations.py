"""What a store promises about the generations of a cluster's views."""

from __future__ import annotations

from typing import Protocol


class Generations(Protocol):
    """Numbers that outlive whatever else the nodes of a cluster share."""

    async def raise_generation(self, above: int) -> int:
        """A new generation: above `above`, and above every one ever given out.

        Durable on return, and decided by compare-and-set: of two who ask at once, here or on
        different nodes, each gets a number of its own. One may be skipped, when it is not known
        what became of an attempt. The first of all is 1, if `above` is not higher.

        Args:
            above: The highest that the caller has seen; 0 for none.

        Raises:
            StoreRefusedError: No 64 bits are left above it.
            StoreRetryableError: Not just now.
        """
        ...


__all__ = ["Generations"]
