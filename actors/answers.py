"""What a client gets: answers to its requests, and events without asking.

An event is one object for all who get it, so that it is encoded once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from ..config.errors import Refusal
from ..config.ids import ConvId, UserId
from ..storage.records import BriefHead, Entry, Gone, Head, Message, Role
from .bodies import Body


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
    """A member, as the member sheet shows it.

    Attributes:
        colour: The hue that the member chose; "" for the one that follows from the id.
    """

    user: UserId
    name: str
    role: Role
    recv: int
    read: int
    colour: str = ""


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
class Deliveries:
    """What members are told of a conversation at once: one or more, in order."""

    items: tuple[Delivery, ...]


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

    def of(self, *users: UserId) -> Receipts:
        """These users' part alone."""
        return Receipts(
            self.conv, {u: self.recv[u] for u in users}, {u: self.read[u] for u in users}
        )


@dataclass(frozen=True, slots=True)
class Typing:
    """A member is writing there just now."""

    conv: ConvId
    user: UserId


@dataclass(frozen=True, slots=True)
class ListMoved:
    """The user's own list, contacts or blocks are at this version: sync.

    Attributes:
        lv: The head of the user's private log.
    """

    lv: int


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """How a node is, for its operator.

    Attributes:
        state: "starting", "ready", "full", "draining", or "out": in no view, so it owns nothing.
        view: (generation, number) of the newest that it is in; None while it is in none.
        load: How much of its room for connections is taken, from 0 to 1.
        actors: {kind: how many live}
        peaks: {class: the most messages that waited for one actor since the start}
        bus_ms: How long the bus took for the last renewal; 0 for one that needs none.
        store_ms: How long the store took to read a row just now; None: it did not.
        commit_ms: What a group commit took since the start, in the mean; None before the first.
    """

    node: str
    version: str
    state: str
    uptime_s: float
    view: tuple[int, int] | None
    connections: int
    load: float
    shards: int
    actors: dict[str, int]
    peaks: dict[str, int]
    crashes: int
    bus_ms: float
    store_ms: float | None
    commit_ms: float | None


Event = Delivery | Behind | Receipts | PresenceState | Typing | ListMoved


__all__ = [
    "Acked",
    "Answer",
    "Behind",
    "Deliveries",
    "Delivery",
    "Described",
    "Done",
    "Event",
    "HeadsAnswer",
    "ListMoved",
    "MemberLine",
    "NodeStatus",
    "PageAnswer",
    "PresenceAnswer",
    "PresenceState",
    "Receipts",
    "Typing",
]
