"""How far members got, told on: to those who watch, to the members' own devices, to the store.

At most one such map a conversation and interval; what moves meanwhile goes with the next one.
"""

from __future__ import annotations

from collections.abc import Callable

from ..config.clock import Clock, Timer
from ..config.ids import UserId
from ..config.limits import Limits
from ..storage.contract import Memberships
from .answers import Typing
from .commands import OwnCursor
from .conversation_state import ConversationState
from .ports import Cluster
from .watch_table import WatchTable


class Receipting:
    """A conversation's."""

    __slots__ = (
        "_alarm", "_clock", "_cluster", "_flushed_at", "_limits", "_store", "_timer", "_topic",
        "_watchers",
    )  # fmt: skip

    def __init__(
        self,
        topic: str,
        store: Memberships,
        cluster: Cluster,
        clock: Clock,
        limits: Limits,
        watchers: WatchTable,
        alarm: Callable[[float], Timer],
    ) -> None:
        """Nothing has moved.

        Args:
            topic: The conversation's actor, by which it is watched.
            alarm: Has `flush` called after so many seconds.
        """
        self._topic = topic
        self._store = store
        self._cluster = cluster
        self._clock = clock
        self._limits = limits
        self._watchers = watchers
        self._alarm = alarm
        self._timer: Timer | None = None
        self._flushed_at = 0.0

    def flush_soon(self) -> None:
        """Something moved."""
        if self._timer is None:
            since = self._clock.monotonic() - self._flushed_at
            self._timer = self._alarm(max(0.0, self._limits.receipts_every_s - since))

    def flush(self, state: ConversationState | None) -> None:
        """Tell what moved."""
        self._timer = None
        if state is None or not state.progress.moved:
            return
        self._flushed_at = self._clock.monotonic()
        receipts, moved = state.receipts()
        for session, watcher in list(self._watchers.of(self._topic).items()):
            seen = state.receipts_for(watcher, receipts)
            if seen is not None:
                self._cluster.tell(session, seen)
        for user in moved:
            self._cluster.fan_out((f"user:{user}",), OwnCursor(receipts.of(user)))
        self._store.put_cursors(state.conv, moved)

    def typing(self, state: ConversationState, user: UserId) -> None:
        """A member is writing: tell the others who watch."""
        told = Typing(state.conv, user)
        for session, watcher in list(self._watchers.of(self._topic).items()):
            if watcher != user and state.direct.shows(user, watcher):
                self._cluster.tell(session, told)


__all__ = ["Receipting"]
