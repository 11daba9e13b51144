"""The only place where asyncio tasks start.

A started task is held until it ends (the loop holds it weakly), its failure is logged and counted,
and it is cancelled when the system stops.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Tasks:
    """The living tasks of one system.

    Attributes:
        failed: How many ended by an exception.
    """

    def __init__(self) -> None:
        self.failed = 0
        #: In the order they started, so that they end in an order that replays.
        self._living: dict[asyncio.Task[Any], None] = {}

    def __len__(self) -> int:
        return len(self._living)

    def start(self, coro: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        """Run a coroutine on the running loop.

        Args:
            name: Shows in the log when it fails.
        """
        task = asyncio.get_running_loop().create_task(coro, name=name)
        self._living[task] = None
        task.add_done_callback(self._ended)
        return task

    async def stop(self) -> None:
        """Cancel all and wait until they are gone, but for the task that calls this."""
        me = asyncio.current_task()
        while others := [task for task in self._living if task is not me]:
            for task in others:
                task.cancel()
            await asyncio.wait(others)
            # Their done callbacks run in the next pass of the loop.
            await asyncio.sleep(0)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._living.pop(task, None)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            self.failed += 1
            log.error("task_failed", task=task.get_name(), exc_info=error)


__all__ = ["Tasks"]
