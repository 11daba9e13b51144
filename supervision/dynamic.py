"""A supervisor of children that come and go, by the million.

Each child has an intensity of its own: one that crashes too often is given up alone. A child costs
its name in a set, and nothing more until it crashes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from itertools import chain, islice
from types import TracebackType
from typing import Any, Literal

import structlog

from ..actors.runtime.actor import LoopActor
from ..actors.runtime.crash_report import reason_of
from ..actors.runtime.exits import Exit, ExitListener
from ..actors.runtime.future import LoopFuture
from ..actors.runtime.ref import LoopActorRef
from ..actors.runtime.timers import Alarm
from ..config.errors import AskTimeoutError, UnavailableError
from .intensity import Backoff, History, Intensity
from .orders import ChildCounts, ChildInfo, CountChildren
from .spec import ChildKind

log = structlog.get_logger(__name__)


class _Trouble:
    """What is remembered of a child that crashed or did not start.

    Attributes:
        failures: Failed starts in a row.
        restarts: How often it was started again, as far as is remembered.
        last_error: What it ended with last, for people.
        retry: The next try to start it, if it is down.
    """

    __slots__ = ("failures", "history", "last_error", "restarts", "retry")

    def __init__(self, intensity: Intensity) -> None:
        self.history = History(intensity)
        self.failures = 0
        self.restarts = 0
        self.last_error = ""
        self.retry: Alarm | None = None


class DynamicSupervisor(LoopActor):
    """Supervises actors of one kind, which differ by name.

    `start_child` and `end_child` are plain calls, for an activator on the loop. A crashed child is
    started again before anybody else has a turn; its name is never free in between.
    """

    def __init__(
        self,
        kind: ChildKind,
        *,
        intensity: Intensity | None = None,
        backoff: Backoff | None = None,
        on_give_up: Callable[[str, BaseException], object] | None = None,
    ) -> None:
        """No child yet.

        Args:
            intensity: Of each child alone; None is OTP's 1 restart in 5 s.
            on_give_up: Hears the name of a child that is given up, and its last crash.
        """
        super().__init__()
        self._kind = kind
        self._intensity = intensity or Intensity()
        self._backoff = backoff or Backoff()
        self._on_give_up = on_give_up
        #: The names of all children that live or are to live again.
        #: A dict of nothing, so that they end in an order that replays.
        self._children: dict[str, None] = {}
        #: {name: trouble}, the latest crash last; children that are well are not in it.
        self._troubles: OrderedDict[str, _Trouble] = OrderedDict()
        self._restarts = 0
        self._empty: LoopFuture[None] | None = None
        # One object that all children share; each access to the method would make another.
        self._listener: ExitListener = self._heard

    @property
    def children(self) -> frozenset[str]:
        """The names of all children that live or are to live again."""
        return frozenset(self._children)

    @property
    def count(self) -> int:
        """How many there are, without listing them."""
        return len(self._children)

    @property
    def restarts(self) -> int:
        """How often a child was started again, of all there ever were."""
        return self._restarts

    @property
    def last_error(self) -> str:
        """Which child crashed or did not start last, of those that are remembered, and why."""
        if not self._troubles:
            return ""
        name = next(reversed(self._troubles))
        return f"{name}: {self._troubles[name].last_error}"

    def which_children(self, limit: int) -> list[ChildInfo]:
        """So many of the children: first those that crashed or did not start of late.

        Args:
            limit: The most that are listed; `count` says how many there are.
        """
        well = (name for name in self._children if name not in self._troubles)
        names = islice(chain(reversed(self._troubles), well), limit)
        return [self._info(name) for name in names]

    def _info(self, name: str) -> ChildInfo:
        trouble = self._troubles.get(name)
        ref = self.system.lookup(name)
        return ChildInfo(
            name,
            ref,
            "restarting" if ref is None else "running",
            "worker",
            0 if trouble is None else trouble.restarts,
            "" if trouble is None else trouble.last_error,
        )

    def on_receive(self, message: Any) -> Any:
        """How many children there are; they are started and ended by calls."""
        if not isinstance(message, CountChildren):
            return super().on_receive(message)
        active = sum(self.system.lookup(name) is not None for name in self._children)
        return ChildCounts(specs=1, active=active, supervisors=0, workers=len(self._children))

    # --- children -------------------------------------------------------------------------------

    def start_child(self, name: str) -> LoopActorRef[Any] | None:
        """Start the child of this name; one that lives already stays as it is.

        Returns: None while it does not start: it is tried again, and what it is told waits.

        Raises:
            UnavailableError: The supervisor is stopping.
        """
        if not self.actor_ref.is_alive():
            raise UnavailableError
        names = self.system.names
        ref = names.living.get(name)
        if ref is not None:
            return ref
        if name in names.reserved:
            return None
        self._children[name] = None
        return self._begin(name)

    def end_child(self, name: str) -> None:
        """Stop the child of this name for good; harmless if there is none."""
        if name not in self._children:
            return
        self._forget(name)
        self.system.release(name)
        ref = self.system.lookup(name)
        if ref is None:
            return
        shutdown = self._kind.shutdown
        if shutdown == "brutal":
            self.system.kill(ref)
            return
        ref.stop(block=False)
        if shutdown != "infinity":
            self.system.after(shutdown, self.system.kill, ref)

    # --- hearing of children --------------------------------------------------------------------

    def _heard(self, exit: Exit) -> None:
        name = exit.name
        names = self.system.names
        succeeded = name in names.living or name in names.reserved
        if name not in self._children or succeeded or not self.actor_ref.is_alive():
            # It was to end; or it was passivated and its successor is there already, or waits for
            # its next try; or all end.
            self.system.discard(name, exit.leftovers)
            if not succeeded:
                self._forget(name)
        elif not self._returns(exit.reason):
            self.system.discard(name, exit.leftovers)
            self._forget(name)
        else:
            assert exit.ref is not None
            keeps = exit.ref.actor_class.keeps_mailbox
            self.system.reserve(name, exit.leftovers, keeps=keeps, limit=exit.ref.limit)
            self._crashed(name, exit)

    def _returns(self, reason: BaseException | None) -> bool:
        restart = self._kind.restart
        return restart == "permanent" or (restart == "transient" and reason is not None)

    def _crashed(self, name: str, exit: Exit) -> None:
        reason = exit.reason or UnavailableError("It stopped.")
        if not exit.started:
            self._try_later(name, reason)
            return
        trouble = self._trouble(name)
        trouble.failures = 0
        trouble.last_error = reason_of(reason)
        if trouble.history.allows(self.system.clock.monotonic()):
            trouble.restarts += 1
            self._restarts += 1
            assert exit.ref is not None, "its children are actors"
            self.system.counts.restarts[exit.ref.actor_class.__name__] += 1
            self._begin(name)
        else:
            self._give_up(name, reason)

    def _begin(self, name: str) -> LoopActorRef[Any] | None:
        try:
            ref = self._kind.start(name, self._listener)
        except Exception as error:  # noqa: BLE001 - whatever a constructor can raise
            if name not in self.system.names.reserved:
                # What it is told waits, as it would for a slow start.
                self.system.reserve(name, [], keeps=True, limit=self.actor_ref.limit)
            self._try_later(name, error)
            return None
        if ref.name != name:
            raise ValueError(f"the child {name} was spawned as {ref.name}")
        return ref

    def _try_later(self, name: str, reason: BaseException) -> None:
        trouble = self._trouble(name)
        trouble.last_error = reason_of(reason)
        trouble.failures += 1
        wait_s = self._backoff.wait_s(trouble.failures)
        if wait_s is None:
            self._give_up(name, reason)
            return
        log.warning(
            "child_does_not_start",
            supervisor=self.name,
            child=name,
            reason=type(reason).__name__,
            wait_s=wait_s,
        )
        trouble.retry = self.system.after(wait_s, self._retry, name)

    def _retry(self, name: str) -> None:
        self._trouble(name).retry = None
        self._begin(name)

    def _give_up(self, name: str, reason: BaseException) -> None:
        log.error("child_given_up", supervisor=self.name, child=name, reason=type(reason).__name__)
        self._forget(name)
        self.system.release(name)
        if self._on_give_up is not None:
            self._on_give_up(name, reason)

    # --- bookkeeping ----------------------------------------------------------------------------

    def _trouble(self, name: str) -> _Trouble:
        """A child's trouble, made the latest; troubles that are over are forgotten on the way."""
        now_s = self.system.clock.monotonic()
        while self._troubles:
            oldest, trouble = next(iter(self._troubles.items()))
            if oldest == name or trouble.retry is not None or not trouble.history.is_over(now_s):
                break
            del self._troubles[oldest]
        trouble = self._troubles.get(name) or _Trouble(self._intensity)
        self._troubles[name] = trouble
        self._troubles.move_to_end(name)
        return trouble

    def _forget(self, name: str) -> None:
        self._children.pop(name, None)
        trouble = self._troubles.pop(name, None)
        if trouble is not None and trouble.retry is not None:
            trouble.retry.cancel()
        if self._empty is not None and not self._children and not self._empty.done:
            self._empty.set(None)

    # --- the end --------------------------------------------------------------------------------

    async def on_stop(self) -> None:  # type: ignore[override]  # pykka's is not async
        """Stop all children, all at once, within the shutdown of their kind."""
        self._empty = LoopFuture()
        shutdown = self._kind.shutdown
        for name in list(self._children):
            ref = self.system.lookup(name)
            if ref is None:
                self.system.release(name)
                self._forget(name)
            elif shutdown != "brutal":
                ref.stop(block=False)
        if self._children and shutdown != "brutal":
            await self._in_time(self._empty, shutdown)
        self._kill_all()

    async def _in_time(
        self, empty: LoopFuture[None], shutdown: float | Literal["infinity"]
    ) -> None:
        if shutdown == "infinity":
            await empty
            return
        try:
            await self.system.within(empty, shutdown)
        except AskTimeoutError:
            log.warning("children_killed", supervisor=self.name, children=len(self._children))

    def on_failure(
        self,
        exception_type: type[BaseException] | None,
        exception_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave no child behind."""
        self._kill_all()

    def _kill_all(self) -> None:
        for name in list(self._children):
            self._forget(name)
            self.system.release(name)
            ref = self.system.lookup(name)
            if ref is not None:
                self.system.kill(ref)


__all__ = ["DynamicSupervisor"]
