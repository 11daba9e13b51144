"""HookedActor: as much of an actor as the runtime needs, its hooks and its reference."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable
from types import TracebackType
from typing import Any, ClassVar, Self

import pykka
import structlog

from .ref import LoopActorRef

log = structlog.get_logger(__name__)


class HookedActor(pykka.Actor):
    """What a system runs; `LoopActor` adds what the actor itself can do.

    Class attributes:
        keeps_mailbox: Whether what waits at a crash goes, in order, to the next actor of that name
            that its supervisor starts. For actors addressed by name whose state is in a store.
    """

    __slots__ = ("_actor_ref",)  # pyright: ignore[reportIncompatibleVariableOverride] # narrower

    keeps_mailbox: ClassVar[bool] = False

    #: Whether `on_receive` is an `async def`: then nothing runs in place.
    receives_async: ClassVar[bool] = False

    _actor_ref: LoopActorRef[Any]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.receives_async = inspect.iscoroutinefunction(cls.on_receive)

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        """Nothing to do: the system has given it its ref before.

        pykka's own would make a UUID and a threading.Event, which weigh more than all the rest.
        """

    # --- who it is ------------------------------------------------------------------------------

    @property
    def actor_ref(  # pyright: ignore[reportIncompatibleMethodOverride] # a narrower kind of ref
        self,
    ) -> LoopActorRef[Self]:
        """The reference others hold."""
        return self._actor_ref

    @property
    def name(self) -> str:
        """What it is called there."""
        return self._actor_ref.name

    # --- hooks ----------------------------------------------------------------------------------

    def on_start(self) -> Awaitable[None] | None:  # type: ignore[override]  # may be async
        """Run before the first message, on the loop.

        If it raises, the actor crashes, and as in pykka `on_failure` is not called.
        """

    def on_stop(self) -> Awaitable[None] | None:  # type: ignore[override]  # may be async
        """Run after the last message of an actor that stops or is passivated.

        If it raises, that is logged, and the actor is gone all the same.
        """

    def on_failure(
        self,
        exception_type: type[BaseException] | None,
        exception_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Run when a handler raised, asked or told, or when the actor is killed.

        It runs before anybody is told.

        If it raises too, that is logged.
        """

    def on_receive(self, message: Any) -> Any:
        """Handle a message; what it returns is the answer, if it was asked.

        A `Refusal` it raises is an answer too. Any other exception crashes this actor.
        """
        # The type alone: a message may hold somebody's words.
        log.warning("unexpected_message", actor=self.name, message=type(message).__name__)


__all__ = ["HookedActor"]
