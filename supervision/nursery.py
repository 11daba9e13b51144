"""Starts Sessions under supervision, for an edge that outlives their supervisor."""

from __future__ import annotations

from ..actors.ports import Connection
from ..config.errors import UnavailableError
from .partition import Children


class SessionNursery:
    """The Nursery port.

    While the supervisor of the Sessions is away, connections wait: it starts the Session of each
    connection that is still here when it comes back (`tree`).
    """

    def __init__(self, sessions: Children) -> None:
        self._sessions = sessions

    def start_session(self, connection: Connection) -> None:
        """See `ports.Nursery`."""
        try:
            self._sessions.start(connection.session)
        except UnavailableError:
            return

    def end_session(self, name: str) -> None:
        """See `ports.Nursery`."""
        self._sessions.end(name)


__all__ = ["SessionNursery"]
