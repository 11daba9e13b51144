"""A supervisor of fixed children.

start      in the order of the specs, each awaited
crash      within the intensity: the strategy says who is started again, at once
           beyond it: all children stop, and the supervisor crashes, so that its parent decides
no start   tried again after a wait, then given up as above; a StartError is never tried again
end        of a significant child, by itself and for good: the supervisor may stop, in order
stop       in reverse, each within its shutdown
orders     children are added, ended, brought back and looked at while it runs (`orders`)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import structlog

from ..actors.runtime.actor import LoopActor
from ..actors.runtime.future import LoopFuture
from ..config.errors import (
    AlreadyPresentError,
    AlreadyStartedError,
    BadSpecError,
    ChildNotFoundError,
    ChildRestartingError,
    ChildRunningError,
    ChildStartError,
    GaveUpError,
    StartError,
    UnavailableError,
)
from .intensity import Backoff, History, Intensity
from .orders import (
    ChildCounts,
    ChildInfo,
    CountChildren,
    DeleteChild,
    Order,
    RestartChild,
    StartChild,
    TerminateChild,
    WhichChildren,
)
from .place import Place
from .spec import Child, ChildSpec
from .strategy import AutoShutdown, Strategy, concerned, shuts_down

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Ended:
    place: Place
    life: int
    reason: BaseException | None


@dataclass(frozen=True, slots=True)
class _Retry:
    place: Place
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
        auto_shutdown: AutoShutdown = "never",
    ) -> None:
        """Nothing starts yet.

        Args:
            intensity: None is OTP's: 1 restart in 5 s, of all children together that have none of
                their own.
            auto_shutdown: Whether the ends of significant children are the supervisor's own.

        Raises:
            BadSpecError: Two children of one name, or one that is significant and may not be.
        """
        super().__init__()
        self._strategy: Strategy = strategy
        self._auto_shutdown: AutoShutdown = auto_shutdown
        self._history = History(intensity or Intensity())
        self._backoff = backoff or Backoff()
        self._ending = False
        #: {name: place}, in the order of starting. A temporary child that is gone has none.
        self._places: dict[str, Place] = {}
        for spec in children:
            self._add(spec)

    @property
    def children(self) -> dict[str, Child | None]:
        """{name: child, or None while it is down}, in the order of starting."""
        return {name: place.child for name, place in self._places.items()}

    def which_children(self) -> list[ChildInfo]:
        """All children, in the order of starting, as they are now."""
        return [self._info(place) for place in self._places.values()]

    async def on_start(self) -> None:  # type: ignore[override]  # pykka's is not async
        """Start all; if one cannot, stop those before it and give up."""
        try:
            for place in list(self._places.values()):
                while (wait_s := await self._try(place)) is not None:
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
        for place in reversed(self._places.values()):
            place.kill()

    async def on_receive(self, message: Any) -> Any:
        """What is heard of a child, unless it is old news; and orders."""
        match message:
            case _Ended(place=place, life=life, reason=reason):
                if life == place.life and not self._ending:
                    await self._ended(place, reason)
            case _Retry(place=place, life=life):
                if life == place.life and not self._ending:
                    await self._start_again(self._concerned(place))
            case StartChild() | TerminateChild() | RestartChild() | DeleteChild():
                return await self._obey(message)
            case WhichChildren():
                return self.which_children()
            case CountChildren():
                return self._count()
            case _:
                super().on_receive(message)
        return None

    # --- hearing of children --------------------------------------------------------------------

    def _gone(self, place: Place, reason: BaseException | None) -> None:
        self.actor_ref.tell_if_alive(_Ended(place, place.life, reason))

    async def _ended(self, place: Place, reason: BaseException | None) -> None:
        if not place.spec.returns(reason):
            self._forget_temporary(place)
            if place.spec.significant and shuts_down(self._auto_shutdown, self._others_left()):
                await self._shut_down(place)
            return
        history = place.history or self._history
        if not history.allows(self.system.clock.monotonic()):
            await self._give_up(place, reason, "crashed too often")
        log.warning(
            "child_restarts", supervisor=self.name, child=place.spec.name, strategy=self._strategy
        )
        place.restarts += 1
        self.system.counts.restarts[place.kind] += 1
        concerned = self._concerned(place)
        for other in reversed(concerned):
            if other is not place:
                await other.stop()
                self._forget_temporary(other)
        await self._start_again(other for other in concerned if other.spec.name in self._places)

    def _concerned(self, place: Place) -> Sequence[Place]:
        names = concerned(self._strategy, list(self._places), place.spec.name)
        return [self._places[name] for name in names]

    async def _start_again(self, places: Iterable[Place]) -> None:
        for place in places:
            if place.child is None and (wait_s := await self._try(place)) is not None:
                # The children after it wait too, since they may depend on it.
                place.returning = True
                self.after(wait_s, _Retry(place, place.life))
                return

    async def _give_up(self, place: Place, reason: BaseException | None, why: str) -> None:
        log.error("supervisor_gives_up", supervisor=self.name, child=place.spec.name, why=why)
        await self._stop_all()
        raise GaveUpError(self.name, place.spec.name, why) from reason

    def _others_left(self) -> bool:
        return any(p.spec.significant and p.state != "stopped" for p in self._places.values())

    async def _shut_down(self, place: Place) -> None:
        log.info("supervisor_shuts_down", supervisor=self.name, child=place.spec.name)
        self._ending = True
        await self._stop_all()
        self.stop()

    # --- starting -------------------------------------------------------------------------------

    async def _try(self, place: Place) -> float | None:
        """Start a child.

        Returns: None when it is up; how many seconds to wait for the next try when it is not.

        Raises:
            GaveUpError: This was the last try.
            StartError: It says itself that trying again is no use.
        """
        try:
            await place.start()
        except StartError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a child's start can raise
            place.failures += 1
            wait_s = self._backoff.wait_s(place.failures)
            if wait_s is None:
                await self._give_up(place, error, "does not start")
            log.warning(
                "child_does_not_start",
                supervisor=self.name,
                child=place.spec.name,
                reason=type(error).__name__,
                wait_s=wait_s,
            )
            return wait_s
        self._forget_ignored(place)
        return None

    async def _sleep(self, seconds: float) -> None:
        over: LoopFuture[None] = LoopFuture()
        self.system.after(seconds, over.set, None)
        await over

    # --- stopping -------------------------------------------------------------------------------

    async def _stop_all(self) -> None:
        for place in reversed(list(self._places.values())):
            await place.stop()
            place.release()

    # --- orders ---------------------------------------------------------------------------------

    async def _obey(self, order: Order) -> Child | None:
        if self._ending:
            raise UnavailableError("This supervisor is shutting down.")
        match order:
            case StartChild():
                return await self._start_new(order.spec)
            case TerminateChild():
                place = self._place(order.name)
                await place.stop()
                place.release()
                self._forget_temporary(place)
            case RestartChild():
                place = self._down(order.name)
                await self._start_once(place)
                return place.child
            case DeleteChild():
                del self._places[self._down(order.name).spec.name]
        return None

    async def _start_new(self, spec: ChildSpec) -> Child | None:
        known = self._places.get(spec.name)
        if known is not None:
            raise (AlreadyPresentError if known.state == "stopped" else AlreadyStartedError)(
                spec.name
            )
        place = self._add(spec)
        try:
            await self._start_once(place)
        except ChildStartError:
            del self._places[spec.name]
            raise
        return place.child

    async def _start_once(self, place: Place) -> None:
        """As OTP does it: who asked for a child is told that it does not start."""
        try:
            await place.start()
        except Exception as error:
            place.release()
            raise ChildStartError(place.spec.name) from error
        self._forget_ignored(place)

    def _place(self, name: str) -> Place:
        try:
            return self._places[name]
        except KeyError:
            raise ChildNotFoundError(name) from None

    def _down(self, name: str) -> Place:
        place = self._place(name)
        match place.state:
            case "running":
                raise ChildRunningError(name)
            case "restarting":
                raise ChildRestartingError(name)
            case "stopped":
                return place

    def _add(self, spec: ChildSpec) -> Place:
        if spec.name in self._places:
            raise BadSpecError(spec.name, "there are two of this name")
        spec.check(self._auto_shutdown)
        place = self._places[spec.name] = Place(spec, self.system, self.name, self._gone)
        return place

    def _forget_temporary(self, place: Place) -> None:
        if place.spec.restart == "temporary":
            self._places.pop(place.spec.name, None)

    def _forget_ignored(self, place: Place) -> None:
        if place.child is None:
            self._forget_temporary(place)

    def _info(self, place: Place) -> ChildInfo:
        spec = place.spec
        return ChildInfo(
            spec.name, place.child, place.state, spec.type, place.restarts, place.last_error
        )

    def _count(self) -> ChildCounts:
        places = self._places.values()
        supervisors = sum(place.spec.type == "supervisor" for place in places)
        return ChildCounts(
            specs=len(places),
            active=sum(place.child is not None for place in places),
            supervisors=supervisors,
            workers=len(places) - supervisors,
        )


__all__ = ["Supervisor"]
