"""Answers of the actors and the store, as they go out by HTTP: the wire's own structs."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct
from starlette.responses import Response

from ....actors.answers import Acked, Described
from ....storage.records import HeadsPage
from ...wire.out_frames import GoneOut, HeadOut, MemberOut
from ..render import head_line, member_line


class Ack(Struct, frozen=True, kw_only=True):
    """A mutation is durable as seq `s`; `dup` when it was before."""

    c: str
    cid: int
    s: int
    ts: int
    dup: bool


class Sheet(Struct, frozen=True, kw_only=True):
    """A conversation with its members."""

    c: str
    kind: Literal["direct", "group"]
    title: str
    members: list[MemberOut]


class List(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page of the caller's conversations, by id.

    Attributes:
        lv: The list's version; once there is no `after`, ask with it next time.
        convs: Those that changed since, whole; the others as [c, head, n].
        after: Ask with it for the next page; absent on the last.
    """

    lv: int
    convs: list[HeadOut | tuple[str, int, int]]
    gone: list[GoneOut]
    after: str | None = None


_encoder = msgspec.json.Encoder()


def answer(struct: Struct, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A struct as a JSON answer."""
    return Response(_encoder.encode(struct), status, headers, media_type="application/json")


def ack(acked: Acked) -> Response:
    """201 for what became durable now, 200 for a repeat."""
    return answer(
        Ack(c=acked.conv, cid=acked.cid, s=acked.seq, ts=acked.ts, dup=acked.dup),
        200 if acked.dup else 201,
    )


def sheet(described: Described) -> Sheet:
    """A conversation with its members."""
    return Sheet(
        c=described.conv,
        kind=described.kind,
        title=described.title,
        members=[member_line(m) for m in described.members],
    )


def heads(page: HeadsPage, lv: int, after: str | None) -> List:
    """A page of the list."""
    return List(
        lv=lv,
        convs=[head_line(head) for head in page.heads],
        gone=[GoneOut(c=gone.conv, until=gone.until) for gone in page.gone],
        after=after,
    )


__all__ = ["Ack", "List", "Sheet", "ack", "answer", "heads", "sheet"]
