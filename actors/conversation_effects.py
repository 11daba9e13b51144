"""What a conversation's state asks of its actor."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..config.ids import UserId
from ..storage.records import Entry, Projection
from .answers import Deliveries
from .bodies import Body
from .commands import ListChange, Post, ReplyTo


@dataclass(frozen=True, slots=True)
class Append:
    """Hand these to the store; its outcome comes back as `committed` or `failed`.

    Attributes:
        ended: {user: seq}: whose place ends with which of them.
    """

    entries: list[Entry]
    unfinished: bool
    snapshot_due: bool
    ended: dict[UserId, int]


@dataclass(frozen=True, slots=True)
class Answer:
    """Tell the asker."""

    to: ReplyTo
    result: object


@dataclass(frozen=True, slots=True)
class FanOut:
    """Push to these Users: `user:ID` each."""

    users: tuple[str, ...]
    deliveries: Deliveries


@dataclass(frozen=True, slots=True)
class TellHead:
    """Tell the members how far the log goes: somebody may have missed a push."""


@dataclass(frozen=True, slots=True)
class TellUser:
    """A member's line in the own list changed; told until it is answered."""

    user: UserId
    change: ListChange


@dataclass(frozen=True, slots=True)
class Look:
    """Read the text that this changes, and hand both in again; nothing else meanwhile."""

    post: Post


@dataclass(frozen=True, slots=True)
class Project:
    """Have the store show a text so; told until the store says that it does."""

    projection: Projection


@dataclass(frozen=True, slots=True)
class Finish:
    """Every effect of the log's entries is done."""


@dataclass(frozen=True, slots=True)
class Reload:
    """Drop this state and read it again; with a new epoch when the old one is in doubt."""

    disown: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """These are no longer members: nothing watched by them is pushed to them any more."""

    users: tuple[UserId, ...]


Effect = Append | Answer | FanOut | TellHead | TellUser | Look | Project | Finish | Reload | Ended


@dataclass(slots=True)
class Accepted:
    """An entry on its way to the store, and what follows its commit."""

    entry: Entry
    body: Body
    origin: str
    users: tuple[str, ...]
    askers: list[ReplyTo]
    changes: list[TellUser]
    ended: tuple[UserId, ...] = ()
    #: Who is told Done at its commit, for what it or an earlier entry did.
    waiters: list[ReplyTo] = field(default_factory=list[ReplyTo])


__all__ = [
    "Accepted",
    "Answer",
    "Append",
    "Effect",
    "Ended",
    "FanOut",
    "Finish",
    "Look",
    "Project",
    "Reload",
    "TellHead",
    "TellUser",
]
