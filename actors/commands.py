"""What actors tell each other: commands, with a ReplyTo where they are answered, and news."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ..config.ids import ConvId, DeviceId, UserId
from ..storage.records import Projection, Role
from .answers import Receipts
from .bodies import Content
from .requests import Act, Change


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """Where an answer goes: an actor's name, and the number it knows the request by."""

    name: str
    key: int


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a command, told to `ReplyTo.name`."""

    key: int
    result: Any


@dataclass(frozen=True, slots=True)
class Post:
    """Commit this text, or this change of an earlier one.

    Attributes:
        session: The sending session, which gets the ack and no delivery; "" for HTTP.
        to: The other person, when the sender named a person (the conversation may be new).
    """

    reply: ReplyTo
    user: UserId
    device: DeviceId
    session: str
    cid: int
    prev: int
    body: Content
    to: UserId | None = None


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """Commit this change."""

    reply: ReplyTo
    user: UserId
    device: DeviceId
    session: str
    cid: int
    prev: int
    change: Change


@dataclass(frozen=True, slots=True)
class FoundGroup:
    """Begin a group, once; asked by its creator's User, again until it is answered."""

    reply: ReplyTo
    creator: UserId
    title: str
    members: tuple[UserId, ...]
    history: Literal["joined", "all"]


@dataclass(frozen=True, slots=True)
class SetBlock:
    """This user takes nothing from the other one here, or does again. Answered by Done.

    Attributes:
        at: The seq in the user's private log that says so; told until it is answered.
    """

    reply: ReplyTo
    user: UserId
    on: bool
    at: int


@dataclass(frozen=True, slots=True)
class AcceptRequest:
    """This user lets the other one in, who began the conversation. Answered by Done."""

    reply: ReplyTo
    user: UserId


@dataclass(frozen=True, slots=True)
class GrantReading:
    """What may this user read? Answered by Grant."""

    reply: ReplyTo
    user: UserId


@dataclass(frozen=True, slots=True)
class Grant:
    """What a user may read.

    Attributes:
        spans: Ranges of seq, first and last, in order; the last one of a member ends at the head.
        pending: Projections that are durable as entries and perhaps not yet in the store's pages.
        left: The user is no longer a member, and sees nothing that came after leaving.
    """

    conv: ConvId
    spans: tuple[tuple[int, int], ...]
    pending: tuple[Projection, ...] = ()
    left: bool = False


@dataclass(frozen=True, slots=True)
class Describe:
    """Who is in it? Answered by Description."""

    reply: ReplyTo
    user: UserId


@dataclass(frozen=True, slots=True)
class Description:
    """A conversation with its members, without their names: {user: (role, recv, read)}."""

    conv: ConvId
    kind: Literal["direct", "group"]
    title: str
    members: dict[UserId, tuple[Role, int, int]]


@dataclass(frozen=True, slots=True)
class MoveCursor:
    """A member's device got, or read, up to `seq`."""

    user: UserId
    what: Literal["recv", "read"]
    seq: int


@dataclass(frozen=True, slots=True)
class TellTyping:
    """This member is writing: tell those who watch."""

    user: UserId


@dataclass(frozen=True, slots=True)
class WatchConv:
    """This member's session has the conversation on its screen."""

    user: UserId
    session: str


@dataclass(frozen=True, slots=True)
class UnwatchConv:
    """This session has it no longer."""

    session: str


@dataclass(frozen=True, slots=True)
class EffectDone:
    """A member's User has taken in the effect of the entry at `seq`."""

    user: UserId
    seq: int


@dataclass(frozen=True, slots=True)
class Attach:
    """A session is here for this user. Answered by Attached, or a Refusal.

    Attributes:
        inst, attempt: As `ports.Attachment` has them.
    """

    reply: ReplyTo
    session: str
    device: DeviceId
    inst: str = ""
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Attached:
    """The user pushes to this session from now on; `mine` is the device's last cid here."""

    mine: int


@dataclass(frozen=True, slots=True)
class CatchUp:
    """Answer with Done once everything told before is taken in: the user's own list shows it."""

    reply: ReplyTo


@dataclass(frozen=True, slots=True)
class Detach:
    """This session is gone."""

    session: str


@dataclass(frozen=True, slots=True)
class CreateGroup:
    """This user wants a new group. Answered by Description."""

    reply: ReplyTo
    device: DeviceId
    cid: int
    prev: int
    title: str
    members: tuple[UserId, ...]
    history: Literal["joined", "all"]


@dataclass(frozen=True, slots=True)
class UserAct:
    """This user changes what is the user's own. Answered by Done, once every effect is done."""

    reply: ReplyTo
    device: DeviceId
    cid: int
    prev: int
    act: Act


@dataclass(frozen=True, slots=True)
class ContactTold:
    """Another user wants this one as a contact, or does not. Answered by Done.

    Attributes:
        at: The seq in the other one's private log; told until it is answered.
    """

    reply: ReplyTo
    user: UserId
    wants: bool
    at: int


@dataclass(frozen=True, slots=True)
class ListChange:
    """A line of this user's list changed: the effect of the conversation's entry at `conv_seq`.

    Told until the User answers with EffectDone.

    Attributes:
        again: It was told before; what was pushed at that time did not arrive either, perhaps.
    """

    conv: ConvId
    conv_seq: int
    kind: Literal["direct", "group"]
    title: str
    role: Role
    peer: UserId | None
    since: int
    until: int | None
    request: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class HeadTold:
    """A conversation came back after a crash: its head, for those who missed something."""

    conv: ConvId
    head: int


@dataclass(frozen=True, slots=True)
class ShutOut:
    """The User shuts this Session's device out, with a close code of the protocol."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class WatchUser:
    """This session has the user on its screen; `watcher` is who looks."""

    watcher: UserId
    session: str


@dataclass(frozen=True, slots=True)
class UnwatchUser:
    """This session looks no longer."""

    session: str


@dataclass(frozen=True, slots=True)
class LookAgain:
    """The user of this Session may see more by now: those on the screen are watched anew."""


@dataclass(frozen=True, slots=True)
class AskPresence:
    """Is this user online? Answered by PresenceState, or None for one who may not know."""

    reply: ReplyTo
    asker: UserId


@dataclass(frozen=True, slots=True)
class DeviceRevoked:
    """This device of the user is signed out, by whomever: its socket closes. None: all of them."""

    device: DeviceId | None


@dataclass(frozen=True, slots=True)
class OwnCursor:
    """The user's own cursor moved on one device: every device may clear its unread."""

    receipts: Receipts


__all__ = [
    "AcceptRequest",
    "AskPresence",
    "Attach",
    "Attached",
    "CatchUp",
    "ChangeGroup",
    "ContactTold",
    "CreateGroup",
    "Describe",
    "Description",
    "Detach",
    "DeviceRevoked",
    "EffectDone",
    "FoundGroup",
    "Grant",
    "GrantReading",
    "HeadTold",
    "ListChange",
    "LookAgain",
    "MoveCursor",
    "OwnCursor",
    "Post",
    "Reply",
    "ReplyTo",
    "SetBlock",
    "ShutOut",
    "TellTyping",
    "UnwatchConv",
    "UnwatchUser",
    "UserAct",
    "WatchConv",
    "WatchUser",
]
