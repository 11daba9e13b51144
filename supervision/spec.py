"""What a supervisor knows of a child before it starts it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

from ..actors.runtime.exits import ExitListener
from ..actors.runtime.ref import LoopActorRef
from ..config.units import SECONDS

#: permanent: always started again; transient: only after a crash; temporary: never.
Restart: TypeAlias = Literal["permanent", "transient", "temporary"]

#: Seconds a child has to stop in order before it is killed; or at once; or as long as it takes.
Shutdown: TypeAlias = float | Literal["brutal", "infinity"]

#: How long a worker has to stop, unless its spec says otherwise.
GRACE_S = 5 * SECONDS


class Service(Protocol):
    """A child that is no actor: a store, a listener.

    One that can fail after its start takes the exit listener that its spec's `start` is given, and
    calls it, on the loop, with `Exit(None, name, error)`. It is then down: `stop` is not called,
    and `start` is called on the next one that the spec makes.
    """

    async def start(self) -> None:
        """Begin; the next child starts when this returns. If it raises, nothing is left over."""
        ...

    async def stop(self) -> None:
        """End in order."""
        ...


Child: TypeAlias = LoopActorRef[Any] | Service


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """A child of a `Supervisor`.

    Attributes:
        name: Within its supervisor, unique.
        start: Makes a new child each time. An actor is spawned with the listener as `parent`; it
            counts as started when its `on_start` is through, a service when its `start` is.
        shutdown: None is `GRACE_S` for a worker and "infinity" for a supervisor, as in OTP.
    """

    name: str
    start: Callable[[ExitListener], Child | Awaitable[Child]]
    restart: Restart = "permanent"
    shutdown: Shutdown | None = None
    type: Literal["worker", "supervisor"] = "worker"

    @property
    def grace(self) -> Shutdown:
        """`shutdown`, with its default."""
        if self.shutdown is not None:
            return self.shutdown
        return "infinity" if self.type == "supervisor" else GRACE_S


@dataclass(frozen=True, slots=True)
class ChildKind:
    """What all children of a `DynamicSupervisor` have in common; they differ by name alone.

    Attributes:
        start: Spawns the actor of this name, under this name, with the listener as `parent`.
        restart: An actor that passivates itself stops in order, so "permanent" is not for it.
    """

    start: Callable[[str, ExitListener], LoopActorRef[Any]]
    restart: Restart = "transient"
    shutdown: Shutdown = GRACE_S


__all__ = ["GRACE_S", "Child", "ChildKind", "ChildSpec", "Restart", "Service", "Shutdown"]
