"""What a running supervisor can be asked, as OTP's `supervisor` module has it.

    orders = Orders(system, "node")
    await orders.start_child(ChildSpec("mailer", start_mailer))

Each is a message that the supervisor handles in its own turn: never in the middle of a restart. So
a child must not ask its own supervisor while it starts, as in OTP.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import pykka

from ..actors.runtime.ref import LoopActorRef
from ..actors.runtime.system import ActorSystem
from ..config.errors import UnavailableError
from ..config.units import SECONDS
from .place import ChildState
from .spec import Child, ChildSpec


@dataclass(frozen=True, slots=True)
class StartChild:
    """Add a child, and start it."""

    spec: ChildSpec


@dataclass(frozen=True, slots=True)
class TerminateChild:
    """Stop a child; its spec stays, unless it is temporary."""

    name: str


@dataclass(frozen=True, slots=True)
class RestartChild:
    """Start a child that is down."""

    name: str


@dataclass(frozen=True, slots=True)
class DeleteChild:
    """Forget a child that is down."""

    name: str


@dataclass(frozen=True, slots=True)
class WhichChildren:
    """List the children, in the order of starting."""


@dataclass(frozen=True, slots=True)
class CountChildren:
    """Count them."""


Order: TypeAlias = StartChild | TerminateChild | RestartChild | DeleteChild


@dataclass(frozen=True, slots=True)
class ChildInfo:
    """A child, as its supervisor sees it.

    Attributes:
        child: None while it is down.
        restarts: How often it was started again after it had ended by itself.
        last_error: What it crashed with last, for people; "" if it never did.
    """

    name: str
    child: Child | None
    state: ChildState
    type: Literal["worker", "supervisor"]
    restarts: int
    last_error: str


@dataclass(frozen=True, slots=True)
class ChildCounts:
    """How many children there are.

    Attributes:
        specs: Up or down; a dynamic supervisor has one for all.
        active: Up.
        supervisors, workers: By the type of their spec, up or down.
    """

    specs: int
    active: int
    supervisors: int
    workers: int


class Orders:
    """Gives orders to a supervisor, which is found anew each time if it is named.

    Every method raises UnavailableError (AskTimeoutError, when `timeout_s` is over) if the
    supervisor is not there, or shuts down.
    """

    def __init__(
        self,
        system: ActorSystem,
        supervisor: str | LoopActorRef[Any],
        *,
        timeout_s: float = 60 * SECONDS,
    ) -> None:
        """Nothing is asked yet.

        Args:
            timeout_s: How long it may be busy with others and with a child's start.
        """
        self._system = system
        self._supervisor = supervisor
        self._timeout_s = timeout_s

    async def start_child(self, spec: ChildSpec) -> Child | None:
        """Add a child behind all others, and start it; None if it was not needed.

        Raises:
            AlreadyStartedError, AlreadyPresentError: There is one of this name.
            ChildStartError: It does not start; its spec is forgotten.
            BadSpecError: The spec is not for this supervisor.
        """
        started: Child | None = await self._ask(StartChild(spec))
        return started

    async def terminate_child(self, name: str) -> None:
        """Stop a child within its shutdown; nothing happens if it is down.

        Raises:
            ChildNotFoundError: There is none.
        """
        await self._ask(TerminateChild(name))

    async def restart_child(self, name: str) -> Child | None:
        """Start a child that was terminated, or ended for good.

        Raises:
            ChildRunningError, ChildRestartingError, ChildNotFoundError: It is not one of these.
            ChildStartError: It does not start, and stays down.
        """
        started: Child | None = await self._ask(RestartChild(name))
        return started

    async def delete_child(self, name: str) -> None:
        """Forget a child that is down.

        Raises:
            ChildRunningError, ChildRestartingError, ChildNotFoundError: It is not down.
        """
        await self._ask(DeleteChild(name))

    async def which_children(self) -> list[ChildInfo]:
        """All children, in the order of starting."""
        infos: list[ChildInfo] = await self._ask(WhichChildren())
        return infos

    async def count_children(self) -> ChildCounts:
        """How many there are."""
        counts: ChildCounts = await self._ask(CountChildren())
        return counts

    async def _ask(self, order: Any) -> Any:
        try:
            return await self._system.ask(self._supervisor, order, timeout_s=self._timeout_s)
        except pykka.ActorDeadError:
            raise UnavailableError("This supervisor is not here.") from None


__all__ = [
    "ChildCounts",
    "ChildInfo",
    "CountChildren",
    "DeleteChild",
    "Order",
    "Orders",
    "RestartChild",
    "StartChild",
    "TerminateChild",
    "WhichChildren",
]
