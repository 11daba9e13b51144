"""Every frame to a client as a struct. Fields that a struct leaves at their default are left out.

{"t":"msg","c":"g_...","s":99,"from":"u_...","dev":"v_...","cid":7,"ts":1790000000000,
 "b":{"k":"text","text":"Hello"}}
{"t":"err","re":3,"code":"rate_limited","msg":"Too fast.","retry":50}
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from .bodies import OutBody

#: Words of Python's own, plain on the wire.
_PLAIN = {"from_": "from", "len_": "len"}


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
    """A line of the list, whole (decision 0002 adds `nread`, the count at `read`).

    Attributes:
        request: A stranger began it, and waits to be let in.
        mute: UTC ms up to which there is no notice of it; absent when it is not muted.
        colour: The hue that `u` chose; absent for the one that follows from the id.
    """

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
    request: bool = False
    mute: int = 0
    colour: str = ""


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
    """A message as it happened; in pages too, where it is as later entries left it.

    Attributes:
        edited: Its text is not the first one.
        reactions: {emoji: users}, in order of arrival.
    """

    c: str
    s: int
    from_: str
    dev: str
    cid: int
    ts: int
    b: OutBody
    cut: bool = False
    len_: int | None = None
    edited: bool = False
    reactions: dict[str, list[str]] = {}


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


class MemberOut(Struct, omit_defaults=True, kw_only=True, frozen=True):
    """A member: the sheet of a conversation.

    Attributes:
        colour: The hue that the member chose; absent for the one that follows from the id.
    """

    u: str
    name: str
    role: str
    recv: int
    read: int
    colour: str = ""


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


class Types(Out, tag="typing", kw_only=True, frozen=True):
    """A member is writing; to be shown for a few seconds."""

    c: str
    u: str


class ListMoved(Out, tag="list", kw_only=True, frozen=True):
    """The user's list, contacts or blocks changed on another device, or by somebody: sync."""

    lv: int


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


__all__ = [
    "Ack",
    "Behind",
    "Bye",
    "Conv",
    "Err",
    "GoneOut",
    "HeadOut",
    "Heads",
    "LastOut",
    "MemberOut",
    "Msg",
    "Ok",
    "Out",
    "Page",
    "Pong",
    "Pres",
    "Rcpt",
    "States",
    "Types",
    "Welcome",
]
