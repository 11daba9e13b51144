"""Who has one conversation on the screen: they get typing and receipts."""

from __future__ import annotations

from collections.abc import Callable

from ..config.ids import ConvId, UserId
from .answers import Receipts, Typing
from .ports import Cluster
from .watch_table import WatchTable


class Onlookers:
    """A conversation's view of the node's watch table."""

    __slots__ = ("_cluster", "_conv", "_topic", "_watchers")

    def __init__(self, conv: ConvId, watchers: WatchTable, cluster: Cluster) -> None:
        self._conv = conv
        self._topic = f"conv:{conv}"
        self._watchers = watchers
        self._cluster = cluster

    def __bool__(self) -> bool:
        """Whether there is anybody."""
        return bool(self._watchers.of(self._topic))

    def add(self, session: str, user: UserId) -> None:
        """This user's device looks at it."""
        self._watchers.add(self._topic, session, user)

    def remove(self, session: str) -> None:
        """The device looks elsewhere. Harmless twice."""
        self._watchers.remove(self._topic, session)

    def remove_users(self, users: tuple[UserId, ...]) -> None:
        """These are no longer members."""
        self._watchers.remove_users(self._topic, users)

    def tell_typing(self, user: UserId) -> None:
        """A member writes: everybody else is told."""
        told = Typing(self._conv, user)
        for session, watcher in list(self._watchers.of(self._topic).items()):
            if watcher != user:
                self._cluster.tell(session, told)

    def tell_receipts(self, of: Callable[[UserId], Receipts | None]) -> None:
        """Tell each what is for that user's eyes; None for nothing."""
        for session, watcher in list(self._watchers.of(self._topic).items()):
            seen = of(watcher)
            if seen is not None:
                self._cluster.tell(session, seen)


__all__ = ["Onlookers"]
