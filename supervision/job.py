"""A coroutine as a child: work that goes on by itself, started again when it fails.

ChildSpec("sweeper", lambda exits: Job(system, "sweeper", sweep_for_ever, exits))
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from ..actors.runtime.exits import Exit, ExitListener
from ..actors.runtime.system import ActorSystem


class Job:
    """A Service around one run of a coroutine. It has started at once; its return is its end."""

    def __init__(
        self,
        system: ActorSystem,
        name: str,
        run: Callable[[], Coroutine[Any, Any, None]],
        exits: ExitListener,
    ) -> None:
        """Nothing runs yet.

        Args:
            run: Makes the coroutine. What it raises is the reason of its end.
            exits: Hears when it has ended by itself.
        """
        self._system = system
        self._name = name
        self._run = run
        self._exits = exits
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    async def start(self) -> None:
        """Begin."""
        self._task = self._system.tasks.start(self._run(), self._name)
        self._task.add_done_callback(self._ended)

    async def stop(self) -> None:
        """Cancel it, and wait until it is through with that."""
        assert self._task is not None, "started before"
        self.kill()
        await asyncio.wait((self._task,))

    def kill(self) -> None:
        """Cancel it, and leave it to its cleaning up."""
        assert self._task is not None, "started before"
        self._stopping = True
        self._task.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        if self._stopping:
            return
        reason: BaseException | None
        try:
            reason = task.exception()
        except asyncio.CancelledError as error:
            reason = error
        self._exits(Exit(None, self._name, reason))


__all__ = ["Job"]
