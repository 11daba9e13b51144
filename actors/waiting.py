"""Awaitables over what answers by a callback: an append, and time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from ..config.clock import Clock
from ..config.errors import StoreError
from ..config.ids import ConvId
from ..storage.contract import Logs
from ..storage.records import Entry


async def append(
    logs: Logs,
    conv: ConvId,
    epoch: int,
    entries: Sequence[Entry],
    *,
    unfinished: bool = False,
    unheard: Callable[[StoreError], object] = lambda error: None,
) -> None:
    """`Logs.append`, awaited.

    Args:
        unheard: Called with why it failed when nobody waits any more.

    Raises:
        StoreError: Why it is not durable, or that nobody knows.
    """
    outcome: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def done(error: StoreError | None) -> None:
        if outcome.done():
            if error is not None:
                unheard(error)
        elif error is None:
            outcome.set_result(None)
        else:
            outcome.set_exception(error)

    logs.append(conv, epoch, entries, done, unfinished=unfinished)
    await outcome


async def pause(clock: Clock, delay_s: float) -> None:
    """Let this much time pass by the given clock."""
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def end() -> None:
        # Whoever waits may have been cancelled in this very pass of the loop.
        if not over.done():
            over.set_result(None)

    timer = clock.call_later(delay_s, end)
    try:
        await over
    finally:
        timer.cancel()


__all__ = ["append", "pause"]
