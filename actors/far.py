"""Sessions at other nodes, as the Users here see them.

The table stands beside the actors, so that a User that crashes finds who is attached to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..config.ids import DeviceId, UserId
from .answers import Event
from .commands import Attach, ShutOut
from .ports import Cluster


def node_of(session: str) -> str:
    """The node in a Session's name."""
    return session.partition(":")[2].partition(":")[0]


class FarSession:
    """An Attachment of another node, and its own Sink: what is pushed is told to the Session."""

    __slots__ = ("_cluster", "attempt", "device", "inst", "session", "user")

    def __init__(self, cluster: Cluster, user: UserId, told: Attach) -> None:
        self.session = told.session
        self.user = user
        self.device: DeviceId = told.device
        self.inst = told.inst
        self.attempt = told.attempt
        self._cluster = cluster

    @property
    def outbox(self) -> FarSession:
        """It pushes itself."""
        return self

    def push(self, event: Event) -> None:
        """See `ports.Sink`; the Session's mailbox and its own out queue are the bound."""
        self._cluster.tell(self.session, event)

    def close(self, code: int, reason: str) -> None:
        """See `ports.Sink`."""
        self._cluster.tell(self.session, ShutOut(code, reason))


class FarTable:
    """Who is attached here from other nodes; written by the Users."""

    def __init__(self) -> None:
        #: {user: {session: FarSession}}; no empty inner dict.
        self._by_user: dict[UserId, dict[str, FarSession]] = {}

    def add(self, far: FarSession) -> None:
        """It is attached from now on, in place of what was there of the same name."""
        self._by_user.setdefault(far.user, {})[far.session] = far

    def remove(self, user: UserId, session: str) -> None:
        """It is no longer; harmless if it never was."""
        of_user = self._by_user.get(user)
        if of_user is not None and of_user.pop(session, None) is not None and not of_user:
            del self._by_user[user]

    def of(self, user: UserId) -> Iterable[FarSession]:
        """The user's, in the order they came."""
        return list(self._by_user.get(user, {}).values())

    def holds(self, far: FarSession) -> bool:
        """Whether this very attachment is still in force."""
        return self._by_user.get(far.user, {}).get(far.session) is far

    def at(self, nodes: Iterable[str]) -> list[FarSession]:
        """All of these nodes."""
        there = frozenset(nodes)
        return [
            far
            for of_user in self._by_user.values()
            for far in of_user.values()
            if node_of(far.session) in there
        ]

    def keep(self, stays: Callable[[UserId], bool]) -> None:
        """The other users live elsewhere now."""
        self._by_user = {user: far for user, far in self._by_user.items() if stays(user)}


__all__ = ["FarSession", "FarTable", "node_of"]
