"""What all connections of one edge have in common. One object, so that each holds nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from ...actors.ports import Nursery
from ...actors.runtime.tasks import Tasks
from ...config.clock import Chance, Clock
from ...config.limits import Limits
from ...config.metrics import Metrics
from .admission import Admission
from .directory import Directory
from .handshake import Handshake
from .heartbeat import TimerWheel
from .identity import Authenticator
from .outbox import Lane
from .parser_pool import ParserPool


class Runtime(Protocol):
    """What an edge needs of the actor system."""

    @property
    def tasks(self) -> Tasks: ...

    def tell(
        self, name: str, message: object, *, in_place: bool = False, activate: bool = True
    ) -> bool:
        """Tell the actor of this name; MailboxFullError when it has no room."""
        ...

    def lookup(self, name: str) -> object | None:
        """The living actor of this name."""
        ...

    def at_turn_end(self, callback: Callable[[], object]) -> None:
        """Call once when the actors' turn ends; soon, if none has one."""
        ...


@dataclass(slots=True)
class Census:
    """Who is here, and whether more may come.

    Attributes:
        connections: Sockets after their handshake, signed in or not, and those in line.
        limit: How many there may be.
        closed: Why nobody is let in, or None.
        emptied: Called when the last one has gone.
    """

    limit: int
    connections: int = 0
    closed: str | None = None
    emptied: Callable[[], object] | None = None

    def refusal(self) -> str | None:
        """Why nobody is let in just now, or None."""
        if self.closed is None and self.connections >= self.limit:
            return "This node is full."
        return self.closed


@dataclass(frozen=True, slots=True)
class Shared:
    """The edge, as its connections know it.

    Attributes:
        lanes: {subprotocol: what its outboxes share}.
        next_session: Makes a name that no connection had before.
        heartbeat_s: Seconds of silence before a ping, and again before it counts as missed.
        welcome_limits: What `welcome` tells a client of the limits.
    """

    system: Runtime
    nursery: Nursery
    authenticator: Authenticator
    limits: Limits
    clock: Clock
    chance: Chance
    metrics: Metrics
    handshake: Handshake
    admission: Admission
    census: Census
    wheel: TimerWheel
    pool: ParserPool
    lanes: Mapping[str, Lane]
    directory: Directory
    node: str
    next_session: Callable[[], str]
    heartbeat_s: float
    welcome_limits: dict[str, int]


__all__ = ["Census", "Runtime", "Shared"]
