"""What a supervisor knows of a child before it starts it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias, assert_never, runtime_checkable

from ..actors.runtime.exits import ExitListener
from ..actors.runtime.ref import LoopActorRef
from ..config.errors import BadSpecError
from ..config.units import SECONDS
from .intensity import Intensity
from .strategy import AutoShutdown

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


@runtime_checkable
class Killable(Service, Protocol):
    """A service that can also be ended at once, when its shutdown is brutal or its time is over.

    Of one that cannot, `stop` is cancelled, wherever it is; if it is brutal, before it has begun.
    """

    def kill(self) -> None:
        """End, whatever is under way; harmless if it has ended."""
        ...


Child: TypeAlias = LoopActorRef[Any] | Service


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """A child of a `Supervisor`.

    Attributes:
        name: Within its supervisor, unique.
        start: Makes a new child each time. An actor is spawned with the listener as `parent`; it
            counts as started when its `on_start` is through, a service when its `start` is. None
            for a child that is not needed just now: OTP's `ignore`.
        shutdown: None is `GRACE_S` for a worker and "infinity" for a supervisor, as in OTP.
        significant: Its end for good, by itself, may end its supervisor; see `AutoShutdown`.
        intensity: Of this child alone; None counts its crashes with the others'.
    """

    name: str
    start: Callable[[ExitListener], Child | Awaitable[Child | None] | None]
    restart: Restart = "permanent"
    shutdown: Shutdown | None = None
    type: Literal["worker", "supervisor"] = "worker"
    significant: bool = False
    intensity: Intensity | None = None

    @property
    def grace(self) -> Shutdown:
        """`shutdown`, with its default."""
        if self.shutdown is not None:
            return self.shutdown
        return "infinity" if self.type == "supervisor" else GRACE_S

    def returns(self, reason: BaseException | None) -> bool:
        """Whether a child that ended so is started again; None is an ordinary stop."""
        match self.restart:
            case "permanent":
                return True
            case "transient":
                return reason is not None
            case "temporary":
                return False
            case _:
                assert_never(self.restart)

    def check(self, auto_shutdown: AutoShutdown) -> None:
        """Hold it against the supervisor it is for, by OTP's rules.

        Raises:
            BadSpecError: It is significant and always comes back, or nobody looks at that.
        """
        if self.significant and self.restart == "permanent":
            raise BadSpecError(self.name, "a permanent child is never significant")
        if self.significant and auto_shutdown == "never":
            raise BadSpecError(self.name, "its supervisor never shuts down by itself")


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


__all__ = [
    "GRACE_S",
    "Child",
    "ChildKind",
    "ChildSpec",
    "Killable",
    "Restart",
    "Service",
    "Shutdown",
]
