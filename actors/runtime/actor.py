"""LoopActor: a pykka actor without a thread, run by the event loop."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self

import pykka
import structlog
from pykka.messages import _ActorStop  # pyright: ignore[reportPrivateUsage]

from .current import current_system
from .future import LoopFuture
from .ref import Inbox, LoopActorRef, StoppedView

if TYPE_CHECKING:
    from ...config.clock import Timer
    from .system import ActorSystem

log = structlog.get_logger(__name__)


class LoopActor(pykka.Actor):
    """A pykka actor on the event loop.

    Write it as any pykka actor: an `__init__` of your own, hooks, `on_receive`, methods for a
    proxy. Each of `on_start`, `on_receive`, `on_stop` and the methods may be `def` or `async def`,
    or a `def` that returns an awaitable now and then; while one is awaited, this actor's messages
    wait and other actors run. A `def` must not block: blocking code belongs in a ThreadingActor.

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

    @classmethod
    def start(  # pyright: ignore[reportIncompatibleMethodOverride] # a narrower kind of ref
        cls, *args: Any, **kwargs: Any
    ) -> LoopActorRef[Self]:
        """Start an actor in the system of the running loop.

        All arguments go to the constructor. `ActorSystem.spawn` can name it, too.

        Raises:
            RuntimeError: No system runs on this loop.
        """
        return current_system().start(cls, args, kwargs)

    def __str__(self) -> str:
        return str(self._actor_ref)

    # --- who it is ------------------------------------------------------------------------------

    @property
    def actor_ref(  # pyright: ignore[reportIncompatibleMethodOverride] # a narrower kind of ref
        self,
    ) -> LoopActorRef[Self]:
        """The reference others hold."""
        return self._actor_ref

    @property
    def system(self) -> ActorSystem:
        """The system it lives in."""
        return self._actor_ref.system

    @property
    def name(self) -> str:
        """What it is called there."""
        return self._actor_ref.name

    @property
    def actor_urn(self) -> str:  # type: ignore[override]  # made only for those who ask
        """Unique for ever: a restarted actor has another."""
        return self._actor_ref.actor_urn

    @property
    def actor_inbox(self) -> Inbox:  # type: ignore[override]  # a view: the ref is the mailbox
        """pykka's view of the mailbox."""
        return self._actor_ref.actor_inbox

    @property
    def actor_stopped(self) -> StoppedView:  # type: ignore[override]  # an Event weighs 1.3 KB
        """pykka's view of the actor's end."""
        return self._actor_ref.actor_stopped

    # --- what it can do -------------------------------------------------------------------------

    def stop(self) -> None:
        """Stop after the messages that wait already."""
        self._actor_ref.tell(_ActorStop())

    def passivate(self) -> bool:
        """Leave memory, if nothing waits; see `ActorSystem.passivate`."""
        return self._actor_ref.system.passivate(self)

    def after(self, delay_s: float, message: Any) -> Timer:
        """Tell itself this after so many seconds; if it is dead by then, nothing happens."""
        ref = self._actor_ref
        return ref.system.timers.after(delay_s, ref.tell_if_alive, message)

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

    # --- what pykka asks of a kind of actor -----------------------------------------------------

    @staticmethod
    def _create_actor_inbox() -> NoReturn:
        raise RuntimeError("the system gives a LoopActor its mailbox")

    @staticmethod
    def _create_future() -> LoopFuture[Any]:
        return LoopFuture()

    def _start_actor_loop(self) -> NoReturn:
        raise RuntimeError("a LoopActor has no loop of its own: the system runs it")


__all__ = ["LoopActor"]
