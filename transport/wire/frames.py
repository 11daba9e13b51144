"""Every frame from a client as a struct; `out_frames` has those to a client: one schema in all.

A client's frame is a `Request` when it has an `id` that an answer carries as `re`, else a notice.
On the wire a frame is an object whose `t` names its type:

    {"t":"send","id":3,"c":"g_...","cid":7,"prev":6,"b":{"k":"text","text":"Hello"}}
    {"t":"ack","re":3,"c":"g_...","cid":7,"s":99,"ts":1790000000000,"dup":false}

Unknown fields are ignored; an unknown `t` is answered with `err unsupported`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from .bodies import InBody

#: Numbers on the wire stay exact in every client: 2**53 - 1.
SAFE_INT = (1 << 53) - 1

Id = Annotated[int, Meta(ge=0, le=SAFE_INT)]
Seq = Annotated[int, Meta(ge=0, le=SAFE_INT)]
Cid = Annotated[int, Meta(ge=1, le=SAFE_INT)]
Prev = Annotated[int, Meta(ge=0, le=SAFE_INT)]
Ref = Annotated[str, Meta(max_length=64)]
Label = Annotated[str, Meta(max_length=1024)]
Users = Annotated[list[Ref], Meta(max_length=1000)]


#: A word of Python's own, plain on the wire.
_PLAIN = {"try_": "try"}


class In(
    Struct, tag_field="t", omit_defaults=True, kw_only=True, frozen=True, gc=False, rename=_PLAIN
):
    """A frame from a client."""


class Request(In, kw_only=True, frozen=True):
    """A frame that gets an answer.

    Attributes:
        id: The client's own number for it; the answer's `re`.
    """

    id: Id


class Hello(In, tag="hello", kw_only=True, frozen=True):
    """The first frame: who this is. Answered by Welcome."""

    v: int
    token: Annotated[str, Meta(max_length=4096)]
    device: Ref
    client: Annotated[str, Meta(max_length=64)] = ""
    inst: Annotated[str, Meta(max_length=64)] = ""
    try_: Annotated[int, Meta(ge=0, le=SAFE_INT)] = 0
    cut: Annotated[int, Meta(ge=0, le=SAFE_INT)] = 0

    def __repr__(self) -> str:
        return f"Hello(device={self.device!r})"


class Auth(Request, tag="auth", kw_only=True, frozen=True):
    """A fresh token for the same device. Answered by Ok."""

    token: Annotated[str, Meta(max_length=4096)]

    def __repr__(self) -> str:
        return f"Auth(id={self.id})"


class Sync(Request, tag="sync", kw_only=True, frozen=True):
    """What changed in my list since version `lv`? Answered by Heads, page after page."""

    lv: Seq = 0


class Hist(Request, tag="hist", kw_only=True, frozen=True):
    """A page of a conversation: after a seq, before a seq, or one message whole."""

    c: Ref
    after: Seq | None = None
    before: Seq | None = None
    at: Seq | None = None
    limit: Annotated[int, Meta(ge=1, le=SAFE_INT)] = 50


class Send(Request, tag="send", kw_only=True, frozen=True):
    """A new entry in a conversation's log. Answered by Ack once durable.

    Attributes:
        c, to: The conversation, or the other person of a direct one: exactly one of them.
        b: What to say or do.
    """

    cid: Cid
    prev: Prev
    b: InBody
    c: Ref | None = None
    to: Ref | None = None

    def __repr__(self) -> str:
        return f"Send(id={self.id}, c={self.c!r}, to={self.to!r}, cid={self.cid})"


class Watch(Request, tag="watch", kw_only=True, frozen=True):
    """What this device has on its screen now; replaces the last one. Answered by Ok."""

    users: Users = []
    convs: Users = []


class Recv(In, tag="recv", kw_only=True, frozen=True):
    """This device has everything up to `s`."""

    c: Ref
    s: Seq


class Read(In, tag="read", kw_only=True, frozen=True):
    """The user has read everything up to `s`."""

    c: Ref
    s: Seq


class Typing(In, tag="typing", kw_only=True, frozen=True):
    """The user is writing; not answered."""

    c: Ref


class Presence(Request, tag="presence", kw_only=True, frozen=True):
    """Who of these is online now? Answered by States."""

    users: Users


class Create(Request, tag="create", kw_only=True, frozen=True):
    """A new group. Answered by Conv."""

    cid: Cid
    prev: Prev
    title: Label
    members: Users = []
    history: Literal["joined", "all"] = "joined"


class Change(Request, kw_only=True, frozen=True):
    """A change of a group, on the same chain of cids as sends. Answered by Ok."""

    c: Ref
    cid: Cid
    prev: Prev


class Invite(Change, tag="invite", kw_only=True, frozen=True):
    """More members."""

    users: Users


class Kick(Change, tag="kick", kw_only=True, frozen=True):
    """Members who go."""

    users: Users


class Leave(Change, tag="leave", kw_only=True, frozen=True):
    """The user goes."""


class SetRole(Change, tag="role", kw_only=True, frozen=True):
    """A member's role."""

    u: Ref
    role: Literal["owner", "admin", "member"]


class Rename(Change, tag="rename", kw_only=True, frozen=True):
    """A new title."""

    title: Label


class GetConv(Request, tag="conv", kw_only=True, frozen=True):
    """Who is in it? Answered by Conv."""

    c: Ref


class Ping(In, tag="ping", kw_only=True, frozen=True):
    """Is anybody there? Answered by Pong."""


#: What a client may send.
InFrame = (
    Hello
    | Auth
    | Sync
    | Hist
    | Send
    | Watch
    | Recv
    | Read
    | Typing
    | Presence
    | Create
    | Invite
    | Kick
    | Leave
    | SetRole
    | Rename
    | GetConv
    | Ping
)

__all__ = [
    "SAFE_INT",
    "Auth",
    "Change",
    "Cid",
    "Create",
    "GetConv",
    "Hello",
    "Hist",
    "Id",
    "In",
    "InFrame",
    "Invite",
    "Kick",
    "Label",
    "Leave",
    "Ping",
    "Presence",
    "Prev",
    "Read",
    "Recv",
    "Ref",
    "Rename",
    "Request",
    "Send",
    "Seq",
    "SetRole",
    "Sync",
    "Typing",
    "Users",
    "Watch",
]
