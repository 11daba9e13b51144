"""Who is still there: actors that count on sessions ask where those live, from time to time.

    User, Conversation --RollCall--> ask:NODE/INCARNATION  no such connection: Detach, Unwatch
                                         └─ StillWatching -> Session  looks elsewhere: Unwatch

A goodbye may be lost: at a full mailbox, with a Session that died beside its socket, between two
views. What it should have ended would last for ever: a user online, an actor kept in memory. The
answers are the goodbyes themselves, so one too many does no harm; what is lost of them comes with
the next call. Nobody is taken for gone because an answer did not come.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .commands import Detach, UnwatchConv, UnwatchUser
from .ports import Cluster, Directory

#: The most watchers that are asked for at once; the others' turn comes.
MOST_CALLED = 200


@dataclass(frozen=True, slots=True)
class RollCall:
    """Which of these sessions are gone? Told to the Asker of the node and life that they are of.

    Attributes:
        name: The actor that counts on them, `user:ID` or `conv:ID`.
        attached: Those that it takes for connected.
        watching: Those that it takes for looking at it.
    """

    name: str
    attached: tuple[str, ...]
    watching: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StillWatching:
    """The actor of this name takes the session for one that looks at it: not so, then say so."""

    name: str


def call_roll(
    cluster: Cluster, name: str, attached: Iterable[str], watching: Iterable[str]
) -> None:
    """Ask which of these sessions are gone; one question a node.

    Args:
        name: Who asks, and is told Detach and Unwatch.
    """
    calls: dict[str, tuple[list[str], list[str]]] = {}
    for session in attached:
        calls.setdefault(asker_of(session), ([], []))[0].append(session)
    for session in watching:
        calls.setdefault(asker_of(session), ([], []))[1].append(session)
    for asker, called in calls.items():
        cluster.tell(asker, RollCall(name, *map(tuple, called)))


class RollTaker:
    """Answers for the sessions of a node."""

    def __init__(self, directory: Directory, cluster: Cluster) -> None:
        self._directory = directory
        self._cluster = cluster

    def take(self, m: RollCall) -> None:
        """Say goodbye for those that are gone; who looks elsewhere does that itself."""
        tell, here = self._cluster.tell, self._directory.connection
        for session in m.attached:
            if here(session) is None:
                tell(m.name, Detach(session))
        for session in m.watching:
            if here(session) is None:
                tell(m.name, unwatch(m.name, session))
            else:
                tell(session, StillWatching(m.name))


def unwatch(name: str, session: str) -> UnwatchUser | UnwatchConv:
    """What an actor is told when a session looks at it no longer."""
    return UnwatchUser(session) if name.startswith("user:") else UnwatchConv(session)


def asker_of(session: str) -> str:
    """The name of the Asker at a session's node: both carry the node's incarnation."""
    where, _, _ = session.removeprefix("session:").partition("/")
    return "ask:" + where.replace(":", "/")


__all__ = [
    "MOST_CALLED",
    "RollCall",
    "RollTaker",
    "StillWatching",
    "asker_of",
    "call_roll",
    "unwatch",
]
