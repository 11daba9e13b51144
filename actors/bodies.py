"""What an entry of a log holds, and its bytes in the store.

The bytes are a msgpack map with the kind under "k", as on the wire, so that a dump of the store
reads like the protocol.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from ..config.ids import UserId


@dataclass(frozen=True, slots=True)
class Text:
    """Words.

    Attributes:
        re_s: The seq of the message replied to, or None.
    """

    text: str = field(repr=False)
    re_s: int | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """Other words for the text at `s`."""

    s: int
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Delete:
    """The text at `s` goes."""

    s: int


@dataclass(frozen=True, slots=True)
class React:
    """The sender's one reaction to the text at `s` is this now; "" takes it back."""

    s: int
    emoji: str


@dataclass(frozen=True, slots=True)
class System:
    """What the server tells of the conversation itself.

    Attributes:
        users: Whom it is about.
        title: The new title, for "created" and "renamed".
        role: The new role, for "role".
        history: For "created": whether newcomers see everything ("all") or from joining on.
    """

    ev: Literal["created", "joined", "left", "kicked", "role", "renamed"]
    users: tuple[UserId, ...] = ()
    title: str | None = None
    role: Literal["owner", "admin", "member"] | None = None
    history: Literal["joined", "all"] = "joined"


@dataclass(frozen=True, slots=True)
class Deleted:
    """What is left of a deleted message."""


@dataclass(frozen=True, slots=True)
class SelfEntry:
    """An entry of a user's private log.

    Attributes:
        ev: "create": this user asked for a group; "list": a line of the user's list changed.
        conv: The conversation.
        conv_seq: The entry of that conversation whose effect this is ("list").
        title, members, history: What was asked for ("create").
    """

    ev: Literal["create", "list"]
    conv: str
    conv_seq: int = 0
    title: str = ""
    members: tuple[UserId, ...] = ()
    history: Literal["joined", "all"] = "joined"


#: What a later entry does to an earlier one.
Revision = Edit | Delete | React
#: What a user says or does.
Content = Text | Revision
Body = Content | System | Deleted | SelfEntry

#: The kind of entry that each body makes, for `Entry.kind`.
KINDS: dict[type[Body], str] = {
    Text: "text",
    Edit: "edit",
    Delete: "delete",
    React: "react",
    System: "system",
    Deleted: "deleted",
    SelfEntry: "self",
}


def encode_body(body: Body) -> bytes:
    """The body's bytes in the store; equal bodies give equal bytes."""
    match body:
        case Text():
            fields: dict[str, Any] = {"k": "text", "text": body.text}
            if body.re_s is not None:
                fields["re_s"] = body.re_s
        case Edit():
            fields = {"k": "edit", "s": body.s, "text": body.text}
        case Delete():
            fields = {"k": "delete", "s": body.s}
        case React():
            fields = {"k": "react", "s": body.s, "emoji": body.emoji}
        case System():
            fields = {"k": "system", "ev": body.ev, "users": list(body.users)}
            if body.title is not None:
                fields["title"] = body.title
            if body.role is not None:
                fields["role"] = body.role
            if body.history != "joined":
                fields["history"] = body.history
        case Deleted():
            fields = {"k": "deleted"}
        case SelfEntry():
            fields = {"k": "self", "ev": body.ev, "conv": body.conv, "conv_seq": body.conv_seq}
            if body.ev == "create":
                fields["title"] = body.title
                fields["members"] = list(body.members)
                fields["history"] = body.history
    packed: bytes = msgspec.msgpack.encode(fields)
    return packed


def decode_body(data: bytes) -> Body:
    """The body that these bytes hold.

    Raises:
        ValueError: They are no body that this program knows.
    """
    fields: dict[str, Any] = msgspec.msgpack.decode(data)
    kind = fields.get("k")
    if kind == "text":
        return Text(fields["text"], fields.get("re_s"))
    if kind == "edit":
        return Edit(fields["s"], fields["text"])
    if kind == "delete":
        return Delete(fields["s"])
    if kind == "react":
        return React(fields["s"], fields["emoji"])
    if kind == "system":
        return System(
            fields["ev"],
            tuple(fields["users"]),
            fields.get("title"),
            fields.get("role"),
            fields.get("history", "joined"),
        )
    if kind == "deleted":
        return Deleted()
    if kind == "self":
        return SelfEntry(
            fields["ev"],
            fields["conv"],
            fields["conv_seq"],
            fields.get("title", ""),
            tuple(fields.get("members", ())),
            fields.get("history", "joined"),
        )
    raise ValueError(f"unknown kind of body: {kind!r}")


__all__ = [
    "KINDS",
    "Body",
    "Content",
    "Delete",
    "Deleted",
    "Edit",
    "React",
    "Revision",
    "SelfEntry",
    "System",
    "Text",
    "decode_body",
    "encode_body",
]
