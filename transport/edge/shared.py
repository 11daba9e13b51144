"""What all connections of one edge have in common. One object, so that each holds nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import structlog

from ...actors.ports import Connection, Nursery
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

log = structlog.get_logger(__name__)


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


class Census:
    """Who is here, on the record: counted, and logged once at open and once at close.

    Attributes:
        connections: Sockets after their handshake, signed in or not, and those in line.
        full: There were as many as there may be, and no tenth of them has gone since. Who is let in
            meanwhile came by chance; nobody is sent here.
        closed: Why nobody is let in, or None.
        emptied: Called when the last one has gone.
    """

    def __init__(self, limit: int, metrics: Metrics) -> None:
        """
        Args:
            limit: How many connections there may be.
        """
        self.connections = 0
        self.full = limit < 1
        self.closed: str | None = None
        self.emptied: Callable[[], object] | None = None
        self._limit = limit
        self._room = limit - max(1, limit // 10)
        self._metrics = metrics

    @property
    def load(self) -> float:
        """How much of the room is taken, from 0 to 1."""
        return 1.0 if self.connections >= self._limit else self.connections / self._limit

    def refusal(self) -> str | None:
        """Why nobody is let in just now, or None."""
        if self.closed is None and self.connections >= self._limit:
            return "This node is full."
        return self.closed

    def came(self) -> None:
        """A socket was accepted."""
        self.connections += 1
        self.full = self.full or self.connections >= self._limit
        self._metrics.connections.inc()

    def opened(self, connection: Connection, address: str) -> None:
        """A device has signed in."""
        self._metrics.sign_ins.inc()
        log.info(
            "connection_opened",
            session=connection.session,
            user=connection.user,
            device=connection.device,
            address=address,
        )

    def went(self, code: int, connection: Connection | None, seconds: float) -> None:
        """A socket that came is gone, after so many seconds; `connection` if it had signed in."""
        self.connections -= 1
        self.full = self.full and self.connections > self._room
        self._metrics.connections.dec()
        self._metrics.closes.labels(str(code)).inc()
        log.info(
            "connection_closed",
            code=code,
            session=connection.session if connection is not None else "",
            user=connection.user if connection is not None else "",
            seconds=round(seconds, 1),
        )
        if self.connections == 0 and self.emptied is not None:
            self.emptied()


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
