"""The way to the ring, as the parts of the store see it: statements in, rows out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from .options import CassandraOptions

Row = tuple[Any, ...]
Answer = asyncio.Future[list[Row]]


class Bridge(Protocol):
    """Sends statements, each at a quorum; what is known afterwards is told in the store's errors.

    OutcomeUnknownError: it may have happened, or may yet happen, whole or at some of the copies.
    StoreRetryableError: it did not happen. StoreRefusedError: and it never will.
    """

    def start(self, cql: str, values: Sequence[object] = (), *, serial: bool = False) -> Answer:
        """Send a statement.

        Args:
            serial: A read that has to see conditional writes under way.

        Returns: its rows; of a conditional write one that begins with whether it was done.
        """
        ...

    async def run(
        self, cql: str, values: Sequence[object] = (), *, serial: bool = False
    ) -> list[Row]:
        """Send a statement, and wait for its rows."""
        ...


#: Opens a way to a ring, for the length of a block.
Connect = Callable[[CassandraOptions], AbstractAsyncContextManager[Bridge]]


__all__ = ["Answer", "Bridge", "Connect", "Row"]
