"""Frames from a client to what the actors are asked."""

from __future__ import annotations

from typing import assert_never

from ...actors.bodies import Content, Delete, Edit, React, Text
from ...actors.requests import (
    ChangeRequest,
    CreateRequest,
    CursorNotice,
    DescribeRequest,
    HistoryRequest,
    Invite,
    Kick,
    Leave,
    Notice,
    PresenceRequest,
    Rename,
    Request,
    SendRequest,
    SetRole,
    SyncRequest,
    TypingNotice,
    WatchRequest,
)
from ...config.errors import BadRequestError
from ...config.ids import ConvId, UserId
from ..wire import bodies, frames


def to_request(frame: frames.InFrame) -> Request | Notice:
    """What this frame asks of the Session.

    Raises:
        BadRequestError: Its fields contradict each other, or it is not for a Session.
    """
    match frame:
        case frames.Send():
            return _send(frame)
        case frames.Read():
            return CursorNotice(ConvId(frame.c), "read", frame.s)
        case frames.Recv():
            return CursorNotice(ConvId(frame.c), "recv", frame.s)
        case frames.Sync():
            return SyncRequest(frame.id, frame.lv)
        case frames.Hist():
            return _history(frame)
        case frames.Watch():
            return WatchRequest(frame.id, _users(frame.users), tuple(map(ConvId, frame.convs)))
        case frames.Presence():
            return PresenceRequest(frame.id, _users(frame.users))
        case frames.Create():
            return CreateRequest(
                frame.id, frame.cid, frame.prev, frame.title, _users(frame.members), frame.history
            )
        case frames.GetConv():
            return DescribeRequest(frame.id, ConvId(frame.c))
        case frames.Invite() | frames.Kick() | frames.Leave() | frames.SetRole() | frames.Rename():
            return _change(frame)
        case frames.Typing():
            return TypingNotice(ConvId(frame.c))
        case frames.Hello():
            raise BadRequestError("Hello was said already.")
        case frames.Auth() | frames.Ping():
            raise BadRequestError("That is between the client and the edge.")
        case _:
            assert_never(frame)


def _send(frame: frames.Send) -> SendRequest:
    if (frame.c is None) == (frame.to is None):
        raise BadRequestError("A send names either c or to.")
    return SendRequest(
        frame.id,
        None if frame.c is None else ConvId(frame.c),
        None if frame.to is None else UserId(frame.to),
        frame.cid,
        frame.prev,
        _content(frame.b),
    )


def _content(body: bodies.InBody) -> Content:
    match body:
        case bodies.Text():
            return Text(body.text, body.re_s)
        case bodies.Edit():
            return Edit(body.s, body.text)
        case bodies.Delete():
            return Delete(body.s)
        case bodies.React():
            return React(body.s, body.emoji)
        case _:
            assert_never(body)


def _history(frame: frames.Hist) -> HistoryRequest:
    if sum(place is not None for place in (frame.after, frame.before, frame.at)) > 1:
        raise BadRequestError("A page is after, before or at: one of them.")
    return HistoryRequest(
        frame.id, ConvId(frame.c), frame.after, frame.before, frame.at, frame.limit
    )


def _change(
    frame: frames.Invite | frames.Kick | frames.Leave | frames.SetRole | frames.Rename,
) -> ChangeRequest:
    change: Invite | Kick | Leave | SetRole | Rename
    match frame:
        case frames.Invite():
            change = Invite(_users(frame.users))
        case frames.Kick():
            change = Kick(_users(frame.users))
        case frames.Leave():
            change = Leave()
        case frames.SetRole():
            change = SetRole(UserId(frame.u), frame.role)
        case frames.Rename():
            change = Rename(frame.title)
        case _:
            assert_never(frame)
    return ChangeRequest(frame.id, ConvId(frame.c), frame.cid, frame.prev, change)


def _users(names: list[str]) -> tuple[UserId, ...]:
    return tuple(map(UserId, names))


__all__ = ["to_request"]
