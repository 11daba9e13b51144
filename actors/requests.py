"""What a client asks its Session, decoded; each with the client's own `id`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..config.ids import ConvId, UserId
from ..storage.records import Role
from .bodies import Content


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """What changed in my list since this version?"""

    id: int
    lv: int


@dataclass(frozen=True, slots=True)
class HistoryRequest:
    """A page: after a seq, before a seq, or the one message at a seq; else the newest page."""

    id: int
    conv: ConvId
    after: int | None
    before: int | None
    at: int | None
    limit: int


@dataclass(frozen=True, slots=True)
class SendRequest:
    """A text, or what to do to an earlier one, for a conversation or for a person.

    Exactly one of `conv` and `to` is given.
    """

    id: int
    conv: ConvId | None
    to: UserId | None
    cid: int
    prev: int
    body: Content


@dataclass(frozen=True, slots=True)
class WatchRequest:
    """What is on this device's screen now."""

    id: int
    users: tuple[UserId, ...]
    convs: tuple[ConvId, ...]


@dataclass(frozen=True, slots=True)
class CursorNotice:
    """How far the user's device received, or the user read; not answered."""

    conv: ConvId
    what: Literal["recv", "read"]
    seq: int


@dataclass(frozen=True, slots=True)
class TypingNotice:
    """The user is writing here; not answered."""

    conv: ConvId


@dataclass(frozen=True, slots=True)
class PresenceRequest:
    """Who of these is online now?"""

    id: int
    users: tuple[UserId, ...]


@dataclass(frozen=True, slots=True)
class CreateRequest:
    """A new group; the creator is its owner and need not be among the members."""

    id: int
    cid: int
    prev: int
    title: str
    members: tuple[UserId, ...]
    history: Literal["joined", "all"] = "joined"


@dataclass(frozen=True, slots=True)
class Invite:
    """More members."""

    users: tuple[UserId, ...]


@dataclass(frozen=True, slots=True)
class Kick:
    """Members who go."""

    users: tuple[UserId, ...]


@dataclass(frozen=True, slots=True)
class Leave:
    """The asker goes."""


@dataclass(frozen=True, slots=True)
class SetRole:
    """A member's role; giving "owner" away makes the giver an admin."""

    user: UserId
    role: Role


@dataclass(frozen=True, slots=True)
class Rename:
    """A new title."""

    title: str


Change = Invite | Kick | Leave | SetRole | Rename


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """A change of a group."""

    id: int
    conv: ConvId
    cid: int
    prev: int
    change: Change


@dataclass(frozen=True, slots=True)
class DescribeRequest:
    """Who is in this conversation?"""

    id: int
    conv: ConvId


Request = (
    SyncRequest
    | HistoryRequest
    | SendRequest
    | WatchRequest
    | PresenceRequest
    | CreateRequest
    | ChangeRequest
    | DescribeRequest
)

#: What is not answered.
Notice = CursorNotice | TypingNotice


__all__ = [
    "Change",
    "ChangeRequest",
    "CreateRequest",
    "CursorNotice",
    "DescribeRequest",
    "HistoryRequest",
    "Invite",
    "Kick",
    "Leave",
    "Notice",
    "PresenceRequest",
    "Rename",
    "Request",
    "SendRequest",
    "SetRole",
    "SyncRequest",
    "TypingNotice",
    "WatchRequest",
]
