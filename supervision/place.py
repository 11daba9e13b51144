"""A child's place in its supervisor: who is there now, and how one starts and stops there."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any, Literal, TypeAlias, assert_never

import pykka
import structlog

from ..actors.runtime.crash_report import reason_of
from ..actors.runtime.exits import Exit
from ..actors.runtime.future import LoopFuture
from ..actors.runtime.ref import LoopActorRef
from ..actors.runtime.system import ActorSystem
from ..config.errors import AskTimeoutError, GaveUpError
from .intensity import History
from .spec import Child, ChildSpec, Killable, Service, Shutdown

#: restarting: it is down, and is on its way back. stopped: down for good, until somebody asks.
ChildState: TypeAlias = Literal["running", "restarting", "stopped"]

log = structlog.get_logger(__name__)


class Place:
    """One child of a `Supervisor`, life after life.

    Attributes:
        child: None while it is down.
        life: Counts its lives; what is heard of an earlier one is old news.
        returning: Whether it is down and is to be started again.
        kind: The class of the child that was there last.
        failures: Failed starts in a row.
        restarts: How often it was started again after it had ended by itself.
        last_error: What it ended with last, for people; "" while it never crashed.
        history: Its own, if its spec has an intensity of its own.
    """

    def __init__(
        self,
        spec: ChildSpec,
        system: ActorSystem,
        supervisor: str,
        gone: Callable[[Place, BaseException | None], object],
    ) -> None:
        """Nobody is there yet.

        Args:
            gone: Called when the child, having started, is gone by itself.
        """
        self.spec = spec
        self.child: Child | None = None
        self.life = 0
        self.returning = False
        self.kind: str = spec.type
        self.failures = 0
        self.restarts = 0
        self.last_error = ""
        self.history = None if spec.intensity is None else History(spec.intensity)
        self._system = system
        self._supervisor = supervisor
        self._gone = gone
        self._starting = False
        self._failure: BaseException | None = None
        #: The actor's name, while it is reserved.
        self._held: str | None = None

    @property
    def state(self) -> ChildState:
        """Whether it is up, or will be."""
        if self.child is not None:
            return "running"
        return "restarting" if self.returning else "stopped"

    # --- starting -------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start a new child, and wait until it has started.

        Raises:
            Exception: Why it did not.
        """
        self.life += 1
        self._failure = None
        self._starting = True
        try:
            made = self.spec.start(partial(self._heard, self.life))
            # Known before it has started, so that it is not left behind if this is cut short.
            self.child = child = await made if inspect.isawaitable(made) else made
            if isinstance(child, LoopActorRef):
                self.kind = child.actor_class.__name__
                await child.started()
            elif child is not None:
                self.kind = type(child).__name__
                await child.start()
        except pykka.ActorDeadError:
            # The runtime says only that the actor is dead; the exit has said why.
            self.child = None
            self._raise_failure()
            raise
        except Exception as error:
            self.child = None
            self.last_error = reason_of(error)
            raise
        finally:
            self._starting = False
        self._raise_failure()
        self.returning = False
        self.failures = 0
        self.release()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _heard(self, life: int, exit: Exit) -> None:
        """Called when a child is gone; what is to be done is done in the supervisor's own turn."""
        if life != self.life:
            self._system.discard(exit.name, exit.leftovers)
            return
        self.child = None
        if exit.reason is not None:
            self.last_error = reason_of(exit.reason)
        names = self._system.names
        free = exit.name not in names.living and exit.name not in names.reserved
        returns = self.spec.returns(exit.reason)
        if exit.ref is not None and free and returns:
            # Nobody else comes to life under this name, or loses what waits there.
            keeps = exit.ref.actor_class.keeps_mailbox
            limit = exit.ref.limit
            self._system.reserve(exit.name, exit.leftovers, keeps=keeps, limit=limit)
            self._held = exit.name
        else:
            self._system.discard(exit.name, exit.leftovers)
        if self._starting:
            why = GaveUpError(self._supervisor, self.spec.name, "stopped at once")
            self._failure = exit.reason or why
        else:
            self.returning = returns
            self._gone(self, exit.reason)

    # --- stopping -------------------------------------------------------------------------------

    async def stop(self) -> None:
        """Stop the child within its shutdown; it does not return by itself. Harmless twice."""
        child = self._let_go()
        if isinstance(child, LoopActorRef):
            if self.spec.grace == "brutal" or not await self._in_time(
                child.stop(block=False), self.spec.grace
            ):
                self._system.kill(child)
        elif child is not None:
            await self._stop_in_time(child)

    def kill(self) -> None:
        """End the child at once; a service has to end by itself."""
        child = self._let_go()
        if isinstance(child, LoopActorRef):
            self._system.kill(child)
        elif child is not None:
            self._system.tasks.start(_stop_service(child, self.spec.name), self.spec.name)
        self.release()

    def release(self) -> None:
        """Hold the child's name no longer."""
        if self._held is not None:
            self._system.release(self._held)
            self._held = None

    def _let_go(self) -> Child | None:
        """Hear no more of this child."""
        child, self.child = self.child, None
        self.returning = False
        self.life += 1
        return child

    async def _stop_in_time(self, service: Service) -> None:
        gone: LoopFuture[None] = LoopFuture()
        task = self._system.tasks.start(_stop_service(service, self.spec.name), self.spec.name)
        task.add_done_callback(lambda _: gone.set(None))
        if not await self._in_time(gone, self.spec.grace):
            task.cancel()
            if isinstance(service, Killable):
                service.kill()

    async def _in_time(self, gone: LoopFuture[Any], grace: Shutdown) -> bool:
        match grace:
            case "infinity":
                await gone
            case "brutal":
                return False
            case float() | int():
                try:
                    await self._system.within(gone, grace)
                except AskTimeoutError:
                    return False
            case _:
                assert_never(grace)
        return True


async def _stop_service(service: Service, name: str) -> None:
    try:
        await service.stop()
    except Exception:
        log.exception("service_stop_failed", service=name)


__all__ = ["ChildState", "Place"]
