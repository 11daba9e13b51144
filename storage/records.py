"""The rows that a store keeps, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..config.ids import ConvId, DeviceId, UserId

ConvKind = Literal["direct", "group"]
Role = Literal["owner", "admin", "member"]
Presence = Literal["contacts", "fellows", "nobody"]
Write = Literal["everyone", "contacts", "nobody"]
ContactState = Literal["asked", "asks", "mutual"]

#: Kinds of entries that keep a log's own books: no client is shown them.
HIDDEN_KINDS = ("block", "let_in")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a log.

    Attributes:
        seq: Its place, contiguous from 1.
        epoch: The owner's epoch it was written under.
        device, cid: Who named it and how; ("", 0) when the server did.
        sender: The user; "" when the server wrote by itself.
        ts: UTC ms; never falls along a log.
        kind: "text", "system", "edit", "delete", "react", or a hidden kind.
        body: The encoded body; the store never looks inside.
        count: How many countable entries (texts, files) the log holds up to this one.
        target: The seq of the entry that this one changes (edit, delete, react); 0 if none.
    """

    seq: int
    epoch: int
    device: str
    cid: int
    sender: str
    ts: int
    kind: str
    body: bytes = field(repr=False)
    count: int
    target: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A conversation's state at a seq; what it holds is its actor's business.

    Attributes:
        seq: The last entry it includes.
        state: The encoded state.
        cids: The last committed cid of each device up to `seq`, for `Head.mine`.
    """

    seq: int
    state: bytes = field(repr=False)
    cids: dict[str, int]


@dataclass(frozen=True, slots=True)
class Cursors:
    """How far a member's devices have received and read."""

    recv: int = 0
    read: int = 0


@dataclass(frozen=True, slots=True)
class Activation:
    """What an owner finds when it takes a log up.

    Attributes:
        snapshot: The newest one, or None.
        tail: Every entry after it, in order.
        cursors: The members' cursors, from their membership rows.
    """

    snapshot: Snapshot | None
    tail: list[Entry]
    cursors: dict[UserId, Cursors]


@dataclass(frozen=True, slots=True)
class Projection:
    """What later entries made of an earlier one; pages fold it in.

    Attributes:
        seq: The entry that was changed.
        changed_at: The seq of the last entry that changed it.
        body: Its body now, or None when it stands as written.
        deleted: A tombstone: the text is gone from the store.
        reactions: {emoji: [user]}, in order of arrival.
    """

    seq: int
    changed_at: int
    body: bytes | None = field(default=None, repr=False)
    deleted: bool = False
    reactions: dict[str, list[UserId]] = field(default_factory=dict[str, list[UserId]])


@dataclass(frozen=True, slots=True)
class Message:
    """An entry with its projection, as a page shows it."""

    entry: Entry
    projection: Projection | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """A user's place in a conversation: one row of that user's list.

    Attributes:
        lv: The seq in the user's self log of the last change of this row: the list's version.
        conv_seq: The seq in the conversation's log of the entry whose effect it shows.
        title: The group's title; "" for a direct one.
        peer: The other person of a direct conversation.
        since: The first seq the user may see.
        until: The last seq the user may see, once the user has left; else None.
        request: A stranger began it and this user has not let the stranger in yet.
        mute: UTC ms up to which the user wants no notice of it; 0 for not muted.
    """

    user: UserId
    conv: ConvId
    kind: ConvKind
    lv: int
    conv_seq: int
    title: str
    role: Role
    peer: UserId | None
    since: int
    until: int | None = None
    request: bool = False
    mute: int = 0


@dataclass(frozen=True, slots=True)
class Head:
    """A line of a user's list, whole.

    Attributes:
        membership: The row.
        cursors: The user's own.
        head, count: The log's tip, and its countable entries.
        count_at_read: The countable entries up to the read cursor: unread = count - count_at_read.
        mine: The asking device's last committed cid in this conversation, 0 if none.
        last: The newest entry that changes no earlier one and is not of a hidden kind, folded; None
            if there is none. If a "delete" names it, its body is empty, even before its projection
            says so.
        peer_name: The display name of `membership.peer`, or else the name; "" for a group.
        peer_colour: The one that `membership.peer` chose, "" for none.
    """

    membership: Membership
    cursors: Cursors
    head: int
    count: int
    count_at_read: int
    mine: int
    last: Message | None
    peer_name: str = ""
    peer_colour: str = ""


@dataclass(frozen=True, slots=True)
class BriefHead:
    """A line of a user's list whose row has not changed since the version asked for."""

    conv: ConvId
    head: int
    count: int


@dataclass(frozen=True, slots=True)
class Gone:
    """A conversation the user left; its history up to `until` is still readable."""

    conv: ConvId
    until: int


@dataclass(frozen=True, slots=True)
class HeadsPage:
    """A page of a user's list, ordered by conversation id.

    Attributes:
        after: Give this back to get the next page; None on the last.
    """

    heads: list[Head | BriefHead]
    gone: list[Gone]
    after: ConvId | None


@dataclass(frozen=True, slots=True)
class Account:
    """A person, as signed up.

    Attributes:
        name: Unique, as shown; compared by `folded`.
        folded: The name's form for comparison (NFKC, case folded).
        password: An argon2id hash; never shown.
        sought: The display name's form for comparison, by which it is searched; "" for none.
        presence: Who may see this user's presence: nobody, contacts, or fellow members too.
        colour: The one chosen; "" for the one that follows from the id.
        findable: Whether a search may show this person.
        write: Who may begin a direct conversation with this user.
    """

    id: UserId
    name: str
    folded: str
    created_ms: int
    password: str = field(repr=False)
    display: str = ""
    sought: str = ""
    about: str = ""
    presence: Presence = "fellows"
    colour: str = ""
    findable: bool = True
    disabled: bool = False
    last_active_ms: int = 0
    write: Write = "everyone"


@dataclass(frozen=True, slots=True)
class Contact:
    """What a user holds of another person: two facts, each with one writer, and a block.

    Attributes:
        lv: The seq in the user's self log of the last change of this row.
        mine: The user wants the peer as a contact.
        theirs: The peer wants the user, as last heard.
        theirs_at: The seq in the peer's self log of what was last heard.
        dismissed: The user does not want to see that the peer asks.
        blocked: The user blocks the peer.
    """

    user: UserId
    peer: UserId
    lv: int = 0
    mine: bool = False
    theirs: bool = False
    theirs_at: int = 0
    dismissed: bool = False
    blocked: bool = False

    @property
    def state(self) -> ContactState | None:
        """As the user sees it; None for no contact."""
        if self.mine:
            return "mutual" if self.theirs else "asked"
        return "asks" if self.theirs and not self.dismissed else None


@dataclass(frozen=True, slots=True)
class Device:
    """A signed-in device.

    Attributes:
        refresh, previous: Digests of the current refresh token and the one before it, which
            works until the current one was used once.
        refresh_expires_ms: UTC ms.
        revoked: True ends every token of the device.
    """

    id: DeviceId
    user: UserId
    label: str
    created_ms: int
    seen_ms: int
    refresh: bytes = field(default=b"", repr=False)
    previous: bytes = field(default=b"", repr=False)
    refresh_expires_ms: int = 0
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Invite:
    """A link by which people join a group.

    Attributes:
        id: What it is listed and revoked by; no secret.
        maker: The user who made it.
        digest: Of its token; never shown.
        made_at: The group's newest seq when it was made.
        expires_ms: UTC ms from which on it is worth nothing.
    """

    id: str
    conv: ConvId
    maker: UserId
    digest: bytes = field(repr=False)
    made_at: int
    created_ms: int
    expires_ms: int


__all__ = [
    "HIDDEN_KINDS",
    "Account",
    "Activation",
    "BriefHead",
    "Contact",
    "ContactState",
    "ConvKind",
    "Cursors",
    "Device",
    "Entry",
    "Gone",
    "Head",
    "HeadsPage",
    "Invite",
    "Membership",
    "Message",
    "Presence",
    "Projection",
    "Role",
    "Snapshot",
    "Write",
]
