"""What people ask for, as requests that a device can number and send again. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ...config.ids import UserId, direct_id
from ...transport.wire import bodies, frames
from .chain import Make


def text_to(me: UserId, where: str, text: str) -> tuple[str, Make]:
    """A text to a conversation or to a person.

    Returns: the conversation that it will stand in, and the request.
    """
    to = where if where.startswith("u_") else None
    c = str(direct_id(me, UserId(where))) if to else where

    def make(number: int, cid: int, prev: int) -> frames.Request:
        body = bodies.Text(text=text)
        return frames.Send(id=number, c=None if to else c, to=to, cid=cid, prev=prev, b=body)

    return c, make


def group_of(title: str, users: Sequence[str]) -> Make:
    """The founding of a group with these members besides oneself."""
    members = list(users)

    def make(number: int, cid: int, prev: int) -> frames.Request:
        return frames.Create(id=number, cid=cid, prev=prev, title=title, members=members)

    return make


__all__ = ["group_of", "text_to"]
