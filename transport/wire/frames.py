"""Every frame of the clients' protocol as a struct: the one schema of the project.

A client's frame is a `Request` when it has an `id` that an answer carries as `re`, else a notice.
On the wire a frame is an object whose `t` names its type:

    {"t":"send","id":3,"c":"g_...","cid":7,"prev":6,"b":{"k":"text","text":"Hello"}}
    {"t":"ack","re":3,"c":"g_...","cid":7,"s":99,"ts":1790000000000,"dup":false}

Unknown fields are ignored; an unknown `t` is answered with `err unsupported`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from .bodies import InBody, OutBody

#: Numbers on the wire stay exact in every client: 2**53 - 1.
SAFE_INT = (1 << 53) - 1

Id = Annotated[int, Meta(ge=0, le=SAFE_INT)]
Seq = Annotated[int, Meta(ge=0, le=SAFE_INT)]
Cid = Annotated[int, Meta(ge=1, le=SAFE_INT)]
Prev = Annotated[int, Meta(ge=0, le=SAFE_INT)]
Ref = Annotated[str, Meta(max_length=64)]
Label = Annotated[str, Meta(max_length=1024)]
Users = Annotated[list[Ref], Meta(max_length=1000)]


#: Words of Python's own, plain on the wire.
_PLAIN = {"from_": "from", "try_": "try", "len_": "len"}


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
    """The user is writing."""

    c: Ref
    id: Id | None = None


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


class Out(Struct, tag_field="t", omit_defaults=True, kw_only=True, frozen=True, rename=_PLAIN):
    """A frame to a client."""


class Welcome(Out, tag="welcome", kw_only=True, frozen=True):
    """The session is attached: what the next sync does not show will be pushed."""

    user: str
    device: str
    node: str
    now: int
    hb: int
    mine: int
    limits: dict[str, int]


class LastOut(Struct, omit_defaults=True, kw_only=True, frozen=True, rename=_PLAIN):
    """The newest entry of a conversation, for its line in the list; a long text is cut."""

    s: int
    from_: str
    ts: int
    b: OutBody


class HeadOut(Struct, omit_defaults=True, kw_only=True, frozen=True):
    """A line of the list, whole (decision 0003 adds `nread`, the count at `read`)."""

    c: str
    kind: Literal["direct", "group"]
    title: str
    head: int
    n: int
    nread: int
    read: int
    recv: int
    mine: int
    role: str
    u: str | None = None
    last: LastOut | None = None


class GoneOut(Struct, kw_only=True, frozen=True):
    """A conversation left; its history up to `until` stays readable."""

    c: str
    until: int


class Heads(Out, tag="heads", kw_only=True, frozen=True):
    """A page of the list; a line whose entry has not changed comes as [c, head, n]."""

    re: int
    lv: int
    convs: list[HeadOut | tuple[str, int, int]]
    gone: list[GoneOut]
    more: bool


class Msg(Out, tag="msg", kw_only=True, frozen=True):
    """A message as it happened; in pages too, where `t` says nothing new."""

    c: str
    s: int
    from_: str
    dev: str
    cid: int
    ts: int
    b: OutBody
    cut: bool = False
    len_: int | None = None


class Page(Out, tag="page", kw_only=True, frozen=True):
    """A range of a log, from `from` to `to`, whatever it leaves out in between."""

    re: int | None = None
    c: str
    msgs: list[Msg]
    head: int
    from_: int
    to: int
    more: bool


class Ack(Out, tag="ack", kw_only=True, frozen=True):
    """It is durable, as seq `s`."""

    re: int
    c: str
    cid: int
    s: int
    ts: int
    dup: bool


class Ok(Out, tag="ok", kw_only=True, frozen=True):
    """Done."""

    re: int


class MemberOut(Struct, kw_only=True, frozen=True):
    """A member: the sheet of a conversation."""

    u: str
    name: str
    role: str
    recv: int
    read: int


class Conv(Out, tag="conv", kw_only=True, frozen=True):
    """A conversation with its members."""

    re: int
    c: str
    kind: Literal["direct", "group"]
    title: str
    members: list[MemberOut]


class Behind(Out, tag="behind", kw_only=True, frozen=True):
    """Read these conversations up to these seqs."""

    convs: dict[str, int]


class Rcpt(Out, tag="rcpt", kw_only=True, frozen=True):
    """How far members have received and read."""

    c: str
    recv: dict[str, int]
    read: dict[str, int]


class Pres(Out, tag="pres", kw_only=True, frozen=True):
    """A watched user came or went."""

    u: str
    st: Literal["on", "off"]
    seen: int


class States(Out, tag="states", kw_only=True, frozen=True):
    """The answer to Presence: those the asker may see."""

    re: int
    users: list[Pres]


class Pong(Out, tag="pong", kw_only=True, frozen=True):
    """Somebody is."""


class Bye(Out, tag="bye", kw_only=True, frozen=True):
    """Reconnect elsewhere within this time."""

    after: int


class Err(Out, tag="err", kw_only=True, frozen=True):
    """A refusal (item 12)."""

    code: str
    msg: str
    re: int | None = None
    retry: int | None = None
    last: int | None = None


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
