"""What the edge and the actors tell each other.

    requests   edge -> Session: what a client asks, decoded; each with the client's `id`
    answers    Session -> outbox: what the client gets for a request, or a Refusal
    events     -> outbox: what a client gets without asking
    commands   Session or HTTP -> Conversation or User, with a ReplyTo where they are answered

All are frozen values; an event is one object for all who get it, so it is encoded once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from ..config.errors import Refusal
from ..config.ids import ConvId, DeviceId, UserId
from ..storage.records import BriefHead, Entry, Gone, Head, Message, Role
from .bodies import Body, Text

# --- requests -----------------------------------------------------------------------------------


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
    """A text for a conversation, or for a person (exactly one of `conv` and `to`)."""

    id: int
    conv: ConvId | None
    to: UserId | None
    cid: int
    prev: int
    body: Text


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

# --- answers ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Acked:
    """A mutation is durable as `seq`."""

    conv: ConvId
    cid: int
    seq: int
    ts: int
    dup: bool


@dataclass(frozen=True, slots=True)
class HeadsAnswer:
    """A page of the list; `lv` is its version before the first page was read."""

    lv: int
    heads: list[Head | BriefHead]
    gone: list[Gone]
    more: bool


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """A page of history: everything visible with first <= seq <= last, folded.

    Attributes:
        first, last: The range it covers, whatever it leaves out; (0, 0) for nothing.
        head: The last seq the asker may see.
        more: There is more in the direction that was asked for.
        changed_at: The seq of the newest change it shows (for an ETag).
        whole: Texts come whole whatever the session's `cut` (a request for one message).
    """

    conv: ConvId
    messages: list[Message] = field(repr=False)
    first: int
    last: int
    head: int
    more: bool
    changed_at: int
    whole: bool = False


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A member, as the member sheet shows it."""

    user: UserId
    name: str
    role: Role
    recv: int
    read: int


@dataclass(frozen=True, slots=True)
class Described:
    """A conversation with its members."""

    conv: ConvId
    kind: Literal["direct", "group"]
    title: str
    members: list[MemberLine]


@dataclass(frozen=True, slots=True)
class PresenceState:
    """A user came, went, or is here; `seen` is UTC ms of the last activity. Also an event."""

    user: UserId
    online: bool
    seen: int


@dataclass(frozen=True, slots=True)
class PresenceAnswer:
    """The states that the asker may see."""

    states: list[PresenceState]


@dataclass(frozen=True, slots=True)
class Done:
    """It is done; nothing more to say."""


Answer = Acked | HeadsAnswer | PageAnswer | Described | PresenceAnswer | Done | Refusal

# --- events -------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Delivery:
    """A committed entry for the members of its conversation: one object for all of them.

    Attributes:
        origin: The session that sent it and has the ack instead; "" if none.
        rendered: What the edge made of it, by encoding and cut: {key: bytes}. Only the edge looks.
    """

    conv: ConvId
    entry: Entry
    body: Body
    origin: str
    rendered: dict[Any, Any] = field(default_factory=dict[Any, Any], repr=False)


@dataclass(frozen=True, slots=True)
class Behind:
    """Read these conversations up to these seqs."""

    convs: dict[ConvId, int]


@dataclass(frozen=True, slots=True)
class Receipts:
    """How far members got, since the last such map."""

    conv: ConvId
    recv: dict[UserId, int]
    read: dict[UserId, int]

    def of(self, user: UserId) -> Receipts:
        """This user's part alone."""
        return Receipts(self.conv, {user: self.recv[user]}, {user: self.read[user]})


Event = Delivery | Behind | Receipts | PresenceState

# --- commands -----------------------------------------------------------------------------------


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
    """Commit this text.

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
    body: Text
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
class GrantReading:
    """What may this user read? Answered by Grant."""

    reply: ReplyTo
    user: UserId


@dataclass(frozen=True, slots=True)
class Grant:
    """What a user may read.

    Attributes:
        spans: Ranges of seq, first and last, in order; the last one of a member ends at the head.
    """

    conv: ConvId
    spans: tuple[tuple[int, int], ...]


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
    """A session is here for this user. Answered by Attached, or a Refusal."""

    reply: ReplyTo
    session: str
    device: DeviceId


@dataclass(frozen=True, slots=True)
class Attached:
    """The user pushes to this session from now on; `mine` is the device's last cid here."""

    mine: int


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
class ListChange:
    """A line of this user's list changed: the effect of the conversation's entry at `conv_seq`.

    Told until the User answers with EffectDone.
    """

    conv: ConvId
    conv_seq: int
    kind: Literal["direct", "group"]
    title: str
    role: Role
    peer: UserId | None
    since: int
    until: int | None


@dataclass(frozen=True, slots=True)
class HeadTold:
    """A conversation came back after a crash: its head, for those who missed something."""

    conv: ConvId
    head: int


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
    "Acked",
    "Answer",
    "AskPresence",
    "Attach",
    "Attached",
    "Behind",
    "Change",
    "ChangeGroup",
    "ChangeRequest",
    "CreateGroup",
    "CreateRequest",
    "CursorNotice",
    "Delivery",
    "Describe",
    "DescribeRequest",
    "Described",
    "Description",
    "Detach",
    "DeviceRevoked",
    "Done",
    "EffectDone",
    "Event",
    "FoundGroup",
    "Grant",
    "GrantReading",
    "HeadTold",
    "HeadsAnswer",
    "HistoryRequest",
    "Invite",
    "Kick",
    "Leave",
    "ListChange",
    "MemberLine",
    "MoveCursor",
    "OwnCursor",
    "PageAnswer",
    "Post",
    "PresenceAnswer",
    "PresenceRequest",
    "PresenceState",
    "Receipts",
    "Rename",
    "Reply",
    "ReplyTo",
    "Request",
    "SendRequest",
    "SetRole",
    "SyncRequest",
    "UnwatchConv",
    "UnwatchUser",
    "WatchConv",
    "WatchRequest",
    "WatchUser",
]
