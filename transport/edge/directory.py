"""The signed-in connections of this node, by user and by session."""

from __future__ import annotations

from collections.abc import Sequence

from ...actors.ports import Connection
from ...config.ids import UserId


class Directory:
    """Implements the actors' port of the same name.

    Nearly every user has one connection, so that one stands in the dict itself.
    """

    def __init__(self) -> None:
        self._by_user: dict[UserId, Connection | tuple[Connection, ...]] = {}
        self._by_session: dict[str, Connection] = {}

    def __len__(self) -> int:
        return len(self._by_session)

    def connections(self, user: UserId) -> Sequence[Connection]:
        """This user's, in the order they came."""
        found = self._by_user.get(user, ())
        return found if isinstance(found, tuple) else (found,)

    def connection(self, session: str) -> Connection | None:
        """The one of this session, if its socket is still here."""
        return self._by_session.get(session)

    def all(self) -> list[Connection]:
        """Every one, in the order they came."""
        return list(self._by_session.values())

    def sessions(self) -> list[str]:
        """The names of all sessions whose sockets are here, in the order they came."""
        return list(self._by_session)

    def add(self, connection: Connection) -> None:
        """It has signed in."""
        self._by_session[connection.session] = connection
        others = self.connections(connection.user)
        self._by_user[connection.user] = (*others, connection) if others else connection

    def remove(self, connection: Connection) -> None:
        """Its socket is gone. Harmless twice."""
        if self._by_session.pop(connection.session, None) is None:
            return
        left = tuple(c for c in self.connections(connection.user) if c is not connection)
        if left:
            self._by_user[connection.user] = left[0] if len(left) == 1 else left
        else:
            del self._by_user[connection.user]


__all__ = ["Directory"]
