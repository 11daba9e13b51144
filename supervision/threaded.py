"""A pykka ThreadingActor as a child: an actor that may block, in a thread of its own.

    ChildSpec("scanner", partial(Threaded, system, "scanner", Scanner, folder))

Its class stays as it is; what a supervisor has to know of its life is seen from a subclass made
here. A thread cannot be killed: one that does not stop within its shutdown, or whose shutdown is
brutal, has been told to stop and is left to itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Any, cast

import pykka

from ..actors.runtime.exits import Exit, ExitListener
from ..actors.runtime.system import ActorSystem


class Threaded:
    """A Service around one life of a ThreadingActor.

    Attributes:
        ref: The actor's, once it is started.
    """

    ref: pykka.ActorRef[Any] | None

    def __init__(
        self,
        system: ActorSystem,
        name: str,
        cls: type[pykka.ThreadingActor],
        *args: Any,
        exits: ExitListener,
    ) -> None:
        """Nothing starts yet.

        Args:
            name: In its supervisor, and in the system's logs.
            args: For the actor's constructor, which runs on the loop.
            exits: Hears when it has ended by itself.
        """
        self.ref = None
        self._system = system
        self._name = name
        self._cls = cls
        self._args = args
        self._exits = exits
        self._reason: BaseException | None = None
        self._up: asyncio.Future[None] | None = None
        self._gone: asyncio.Future[None] | None = None

    async def start(self) -> None:
        """Start the thread, and wait until `on_start` is through."""
        loop = asyncio.get_running_loop()
        self._up, self._gone = loop.create_future(), loop.create_future()

        def on_loop(call: Callable[[], None]) -> None:
            # The loop may be gone when an actor that was left to itself ends at last.
            if not loop.is_closed():
                loop.call_soon_threadsafe(call)

        self.ref = _watched(self._cls, self._failed, on_loop, self._started, self._ended).start(
            *self._args
        )
        await self._up

    async def stop(self) -> None:
        """Tell it to stop, and wait until its thread has ended."""
        assert self._gone is not None, "started before"
        self.kill()
        await self._gone

    def kill(self) -> None:
        """Tell it to stop, and leave it to itself."""
        assert self.ref is not None, "started before"
        self._exits = _nobody_hears
        if self.ref.is_alive():
            self.ref.stop(block=False)

    def _failed(self, error: BaseException | None) -> None:
        self._reason = error

    def _started(self) -> None:
        assert self._up is not None
        if self._up.done():
            return
        if self._reason is None:
            self._up.set_result(None)
        else:
            # Whoever started it hears of it, and nothing is left over: its thread ends by itself.
            self._exits = _nobody_hears
            self._up.set_exception(self._reason)

    def _ended(self) -> None:
        assert self._gone is not None
        if not self._gone.done():
            self._gone.set_result(None)
        self._exits(Exit(None, self._name, self._reason))


def _nobody_hears(exit: Exit) -> None:
    """It was told to end."""


def _watched(
    cls: type[pykka.ThreadingActor],
    failed: Callable[[BaseException | None], None],
    on_loop: Callable[[Callable[[], None]], None],
    started: Callable[[], None],
    ended: Callable[[], None],
) -> type[pykka.ThreadingActor]:
    """The class, told of at its steps; in the actor's thread."""

    def setup(self: Any) -> None:
        cls._actor_loop_setup(self)  # pyright: ignore[reportPrivateUsage]
        on_loop(started)

    def handle_failure(
        self: Any,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        failed(error)
        cls._handle_failure(self, kind, error, traceback)  # pyright: ignore[reportPrivateUsage]

    def loop(self: Any) -> None:
        try:
            cls._actor_loop(self)  # pyright: ignore[reportPrivateUsage]
        finally:
            on_loop(ended)

    steps = {
        "_actor_loop_setup": setup,
        "_handle_failure": handle_failure,
        "_actor_loop": loop,
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
    }
    return cast(type[pykka.ThreadingActor], type(cls.__name__, (cls,), steps))


__all__ = ["Threaded"]
