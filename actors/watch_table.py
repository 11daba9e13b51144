"""Who has what on the screen: a node's sessions, by the actor they watch.

It stands beside the actors, so that a watched one that crashes finds its watchers again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from types import MappingProxyType

from ..config.ids import UserId

_NOBODY: Mapping[str, UserId] = MappingProxyType({})


class WatchTable:
    """Written by the watched actors, once they have authorised the watcher."""

    def __init__(self) -> None:
        #: {watched actor's name: {session: its user}}; no empty inner dict.
        self._watchers: dict[str, dict[str, UserId]] = {}

    def add(self, watched: str, session: str, user: UserId) -> None:
        """The session of this user watches from now on."""
        self._watchers.setdefault(watched, {})[session] = user

    def remove(self, watched: str, session: str) -> None:
        """It does no longer; harmless if it never did."""
        watchers = self._watchers.get(watched)
        if watchers is not None and watchers.pop(session, None) is not None and not watchers:
            del self._watchers[watched]

    def remove_users(self, watched: str, users: tuple[UserId, ...]) -> None:
        """No session of these users does any longer."""
        for session, user in list(self.of(watched).items()):
            if user in users:
                self.remove(watched, session)

    def forget(self, watched: str) -> None:
        """This one lives elsewhere now."""
        self._watchers.pop(watched, None)

    def watched(self) -> list[str]:
        """The names of all who are watched."""
        return list(self._watchers)

    def remove_sessions(self, goes: Callable[[str], bool]) -> None:
        """None of the sessions that go watches anybody any longer."""
        for watched in list(self._watchers):
            for session in [s for s in self._watchers[watched] if goes(s)]:
                self.remove(watched, session)

    def turn(self, watched: str, most: int) -> list[str]:
        """So many of the sessions that watch; call after call everybody's turn comes."""
        watchers = self._watchers.get(watched)
        if watchers is None:
            return []
        turn = list(islice(watchers, most))
        if len(turn) < len(watchers):
            for session in turn:
                watchers[session] = watchers.pop(session)
        return turn

    def of(self, watched: str) -> Mapping[str, UserId]:
        """{session: its user} of those who watch."""
        return self._watchers.get(watched, _NOBODY)


__all__ = ["WatchTable"]
