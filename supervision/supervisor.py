"""A supervisor of fixed children.

start      in the order of the specs, each awaited
crash      within the intensity: the strategy says who is started again, at once
           beyond it: all children stop, and the supervisor crashes, so that its parent decides
no start   tried again after a wait, then given up as above; a StartError is never tried again
stop       in reverse, each within its shutdown
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, assert_never

import pykka
import structlog

from ..actors.runtime.actor import LoopActor
from ..actors.runtime.exits import Exit
from ..actors.runtime.future import LoopFuture
from ..actors.runtime.ref import LoopActorRef
from ..config.errors import AskTimeoutError, GaveUpError, StartError
from .intensity import Backoff, History, Intensity
from .spec import Child, ChildSpec, Service, Shutdown
from .strategy import Strategy, concerned

log = structlog.get_logger(__name__)


class _Slot:
    """A child's place.

    Attributes:
        child: None while it is down.
        life: Counts its lives; what is heard of an earlier one is old news.
        starting: Whether a start is under way; `failure` is what it ended with.
        failures: Failed starts in a row.
        held: The actor's name, while it is reserved.
    """

    def __init__(self, spec: ChildSpec) -> None:
        self.spec = spec
        self.child: Child | None = None
        self.life = 0
        self.starting = False
        self.failure: BaseException | None = None
        self.failures = 0
        self.held: str | None = None


@dataclass(frozen=True, slots=True)
class _Ended:
    slot: _Slot
    life: int
    reason: BaseException | None


@dataclass(frozen=True, slots=True)
class _Retry:
    slot: _Slot
    life: int


class Supervisor(LoopActor):
    """Starts, watches and stops fixed children.

    It has started when all of them have.
    """

    def __init__(
        self,
        children: Iterable[ChildSpec],
        *,
        strategy: Strategy = "one_for_one",
        intensity: Intensity | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        """Nothing starts yet.

        Args:
            intensity: None is OTP's: 1 restart in 5 s, of all children together.
        """
        super().__init__()
        self._slots = {spec.name: _Slot(spec) for spec in children}
        self._strategy: Strategy = strategy
        self._history = History(intensity or Intensity())
        self._backoff = backoff or Backoff()

    @property
    def children(self) -> dict[str, Child | None]:
        """{name: child, or None while it is down}, in the order of starting."""
        return {name: slot.child for name, slot in self._slots.items()}

    async def on_start(self) -> None:  # type: ignore[override]  # pykka's is not async
        """Start all; if one cannot, stop those before it and give up."""
        try:
            for slot in self._slots.values():
                while (wait_s := await self._try(slot)) is not None:
                    await self._sleep(wait_s)
        except Exception:
            await self._stop_all()
            raise

    async def on_stop(self) -> None:  # type: ignore[override]  # pykka's is not async
        """Stop all, in reverse."""
        await self._stop_all()

    def on_failure(
        self,
        exception_type: type[BaseException] | None,
        exception_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave no child behind; after giving up there is none."""
        for slot in reversed(self._slots.values()):
            child = self._let_go(slot)
            if isinstance(child, LoopActorRef):
                self.system.kill(child)
            elif child is not None:
                self.system.tasks.start(_stop_service(child, slot.spec.name), slot.spec.name)

    async def on_receive(self, message: Any) -> None:
        """What is heard of a child, unless it is old news."""
        match message:
            case _Ended(slot=slot, life=life, reason=reason) if life == slot.life:
                await self._ended(slot, reason)
            case _Retry(slot=slot, life=life) if life == slot.life:
                await self._start_again(self._concerned(slot))
            case _Ended() | _Retry():
                pass
            case _:
                super().on_receive(message)

    # --- hearing of children --------------------------------------------------------------------

    def _heard(self, slot: _Slot, life: int, exit: Exit) -> None:
        """Called when a child is gone; the work is done in the supervisor's own turn."""
        if life != slot.life:
            self.system.discard(exit.name, exit.leftovers)
            return
        slot.child = None
        names = self.system.names
        free = exit.name not in names.living and exit.name not in names.reserved
        if exit.ref is not None and free and _returns(slot.spec, exit.reason):
            # Nobody else comes to life under this name, or loses what waits there.
            keeps = exit.ref.actor_class.keeps_mailbox
            limit = exit.ref.limit
            self.system.reserve(exit.name, exit.leftovers, keeps=keeps, limit=limit)
            slot.held = exit.name
        else:
            self.system.discard(exit.name, exit.leftovers)
        if slot.starting:
            slot.failure = exit.reason or GaveUpError(self.name, slot.spec.name, "stopped at once")
        else:
            self.actor_ref.tell_if_alive(_Ended(slot, life, exit.reason))

    async def _ended(self, slot: _Slot, reason: BaseException | None) -> None:
        if not _returns(slot.spec, reason):
            return
        if not self._history.allows(self.system.clock.monotonic()):
            await self._give_up(slot, reason, "crashed too often")
        log.warning(
            "child_restarts", supervisor=self.name, child=slot.spec.name, strategy=self._strategy
        )
        concerned = self._concerned(slot)
        for other in reversed(concerned):
            await self._stop_child(other)
        await self._start_again(
            other for other in concerned if other is slot or other.spec.restart != "temporary"
        )

    def _concerned(self, slot: _Slot) -> Sequence[_Slot]:
        names = concerned(self._strategy, list(self._slots), slot.spec.name)
        return [self._slots[name] for name in names]

    async def _start_again(self, slots: Iterable[_Slot]) -> None:
        for slot in slots:
            if slot.child is None and (wait_s := await self._try(slot)) is not None:
                # The children after it wait too, since they may depend on it.
                self.after(wait_s, _Retry(slot, slot.life))
                return

    async def _give_up(self, slot: _Slot, reason: BaseException | None, why: str) -> None:
        log.error("supervisor_gives_up", supervisor=self.name, child=slot.spec.name, why=why)
        await self._stop_all()
        raise GaveUpError(self.name, slot.spec.name, why) from reason

    # --- starting -------------------------------------------------------------------------------

    async def _try(self, slot: _Slot) -> float | None:
        """Start a child.

        Returns: None when it is up; how many seconds to wait for the next try when it is not.

        Raises:
            GaveUpError: This was the last try.
            StartError: It says itself that trying again is no use.
        """
        try:
            await self._start(slot)
        except StartError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a child's start can raise
            slot.failures += 1
            wait_s = self._backoff.wait_s(slot.failures)
            if wait_s is None:
                await self._give_up(slot, error, "does not start")
            log.warning(
                "child_does_not_start",
                supervisor=self.name,
                child=slot.spec.name,
                reason=type(error).__name__,
                wait_s=wait_s,
            )
            return wait_s
        slot.failures = 0
        return None

    async def _start(self, slot: _Slot) -> None:
        slot.life += 1
        slot.failure = None
        slot.starting = True
        try:
            made = slot.spec.start(partial(self._heard, slot, slot.life))
            child: Child = await made if inspect.isawaitable(made) else made
            # Known before it has started, so that it is not left behind if this is cut short.
            slot.child = child
            if isinstance(child, LoopActorRef):
                await child.started()
            else:
                await child.start()
        except pykka.ActorDeadError:
            # The runtime says only that the actor is dead; the exit has said why.
            slot.child = None
            self._raise_failure(slot)
            raise
        except Exception:
            slot.child = None
            raise
        finally:
            slot.starting = False
        self._raise_failure(slot)
        self._release(slot)

    def _raise_failure(self, slot: _Slot) -> None:
        if slot.failure is not None:
            raise slot.failure

    # --- stopping -------------------------------------------------------------------------------

    async def _stop_all(self) -> None:
        for slot in reversed(self._slots.values()):
            await self._stop_child(slot)
            self._release(slot)

    async def _stop_child(self, slot: _Slot) -> None:
        child = self._let_go(slot)
        if isinstance(child, LoopActorRef):
            if slot.spec.grace == "brutal" or not await self._in_time(
                child.stop(block=False), slot.spec.grace
            ):
                self.system.kill(child)
        elif child is not None:
            await self._stop_in_time(child, slot)

    async def _stop_in_time(self, service: Service, slot: _Slot) -> None:
        gone: LoopFuture[None] = LoopFuture()
        task = self.system.tasks.start(_stop_service(service, slot.spec.name), slot.spec.name)
        task.add_done_callback(lambda _: gone.set(None))
        if not await self._in_time(gone, slot.spec.grace):
            task.cancel()

    async def _in_time(self, gone: LoopFuture[Any], grace: Shutdown) -> bool:
        match grace:
            case "infinity":
                await gone
            case "brutal":
                return False
            case float() | int():
                try:
                    await self.system.within(gone, grace)
                except AskTimeoutError:
                    return False
            case _:
                assert_never(grace)
        return True

    def _let_go(self, slot: _Slot) -> Child | None:
        """Hear no more of this child."""
        child, slot.child = slot.child, None
        slot.life += 1
        return child

    def _release(self, slot: _Slot) -> None:
        if slot.held is not None:
            self.system.release(slot.held)
            slot.held = None

    async def _sleep(self, seconds: float) -> None:
        over: LoopFuture[None] = LoopFuture()
        self.system.after(seconds, over.set, None)
        await over


def _returns(spec: ChildSpec, reason: BaseException | None) -> bool:
    """Whether a child that ended so is started again."""
    match spec.restart:
        case "permanent":
            return True
        case "transient":
            return reason is not None
        case "temporary":
            return False
        case _:
            assert_never(spec.restart)


async def _stop_service(service: Service, name: str) -> None:
    try:
        await service.stop()
    except Exception:
        log.exception("service_stop_failed", service=name)


__all__ = ["Supervisor"]
