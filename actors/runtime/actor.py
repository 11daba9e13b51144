"""LoopActor: a pykka actor without a thread, run by the event loop."""

from __future__ import annotations

from typing import Any, NoReturn, Self

from pykka.messages import _ActorStop  # pyright: ignore[reportPrivateUsage]

from ...config.clock import Timer
from .current import current_system
from .future import LoopFuture
from .hooks import HookedActor
from .links import Monitor
from .ref import Inbox, LoopActorRef, StoppedView
from .system import ActorSystem


class LoopActor(HookedActor):
    """A pykka actor on the event loop.

    Write it as any pykka actor: an `__init__` of your own, hooks, `on_receive`, methods for a
    proxy. Each of `on_start`, `on_receive`, `on_stop` and the methods may be `def` or `async def`,
    or a `def` that returns an awaitable now and then; while one is awaited, this actor's messages
    wait and other actors run. A `def` must not block: blocking code belongs in a ThreadingActor.
    The hooks, and what a class can say of itself, are `HookedActor`'s.
    """

    __slots__ = ()

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
    def system(self) -> ActorSystem:
        """The system it lives in."""
        # The ref declares only what it needs itself; an ActorSystem is what gave it to the actor.
        return self._actor_ref.system  # type: ignore[return-value]

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
        return self.system.passivate(self)

    def after(self, delay_s: float, message: Any) -> Timer:
        """Tell itself this after so many seconds; if it is dead by then, nothing happens."""
        return self.system.timers.after(delay_s, self._actor_ref.tell_if_alive, message)

    # --- whose death concerns it ----------------------------------------------------------------

    def monitor(self, target: LoopActorRef[Any] | str) -> Monitor:
        """Be told `Down` when this actor is gone, whatever the reason; at once if it is not there.

        A name means who is called so now: nobody is activated.
        """
        return self.system.endings.links.monitor(self._actor_ref, target)

    def demonitor(self, monitor: Monitor, *, flush: bool = False) -> None:
        """End a monitor; see `Links.demonitor`."""
        self.system.endings.links.demonitor(monitor, flush=flush)

    def link(self, target: LoopActorRef[Any] | str) -> None:
        """Crash when this actor crashes, for the same reason, and the other way round.

        If it is not there, that is a crash already: this actor ends by a NoProcError, unless it
        traps exits.
        """
        self.system.endings.links.link(self._actor_ref, target)

    def unlink(self, target: LoopActorRef[Any] | str) -> None:
        """End a link; harmless without one."""
        self.system.endings.links.unlink(self._actor_ref, target)

    def trap_exits(self, on: bool = True) -> None:
        """Be told `Exited` when a linked actor is gone, and live on. A kill is not trapped."""
        self.system.endings.links.trap(self._actor_ref, on)

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
