"""What a client's frames ask of its Session."""

from __future__ import annotations

import pytest

from hubbub.actors import requests as ask
from hubbub.actors.bodies import Delete, Edit, React, Text
from hubbub.config.errors import BadRequestError
from hubbub.config.ids import ConvId, UserId
from hubbub.transport.edge.requests import to_request
from hubbub.transport.wire import bodies
from hubbub.transport.wire import frames as wire

G = ConvId("g")
U = UserId("u")

TEXT = bodies.Text(text="Hi", re_s=4)


@pytest.mark.parametrize(
    ("frame", "request_"),
    [
        (
            wire.Send(id=1, c="g", cid=2, prev=1, b=TEXT),
            ask.SendRequest(1, G, None, 2, 1, Text("Hi", 4)),
        ),
        (
            wire.Send(id=1, to="u", cid=2, prev=1, b=TEXT),
            ask.SendRequest(1, None, U, 2, 1, Text("Hi", 4)),
        ),
        (
            wire.Send(id=1, c="g", cid=2, prev=1, b=bodies.Edit(s=3, text="x")),
            ask.SendRequest(1, G, None, 2, 1, Edit(3, "x")),
        ),
        (
            wire.Send(id=1, to="u", cid=2, prev=1, b=bodies.Delete(s=3)),
            ask.SendRequest(1, None, U, 2, 1, Delete(3)),
        ),
        (
            wire.Send(id=1, c="g", cid=2, prev=1, b=bodies.React(s=3, emoji="")),
            ask.SendRequest(1, G, None, 2, 1, React(3, "")),
        ),
        (wire.Typing(c="g"), ask.TypingNotice(G)),
        (wire.Sync(id=1, lv=9), ask.SyncRequest(1, 9)),
        (wire.Hist(id=1, c="g"), ask.HistoryRequest(1, G, None, None, None, 50)),
        (
            wire.Hist(id=1, c="g", after=3, limit=7),
            ask.HistoryRequest(1, G, 3, None, None, 7),
        ),
        (wire.Hist(id=1, c="g", before=3), ask.HistoryRequest(1, G, None, 3, None, 50)),
        (wire.Hist(id=1, c="g", at=3), ask.HistoryRequest(1, G, None, None, 3, 50)),
        (wire.Watch(id=1, users=["u"], convs=["g"]), ask.WatchRequest(1, (U,), (G,))),
        (wire.Recv(c="g", s=3), ask.CursorNotice(G, "recv", 3)),
        (wire.Read(c="g", s=3), ask.CursorNotice(G, "read", 3)),
        (wire.Presence(id=1, users=["u"]), ask.PresenceRequest(1, (U,))),
        (
            wire.Create(id=1, cid=2, prev=1, title="T", members=["u"], history="all"),
            ask.CreateRequest(1, 2, 1, "T", (U,), "all"),
        ),
        (
            wire.Invite(id=1, c="g", cid=2, prev=1, users=["u"]),
            ask.ChangeRequest(1, G, 2, 1, ask.Invite((U,))),
        ),
        (
            wire.Kick(id=1, c="g", cid=2, prev=1, users=["u"]),
            ask.ChangeRequest(1, G, 2, 1, ask.Kick((U,))),
        ),
        (wire.Leave(id=1, c="g", cid=2, prev=1), ask.ChangeRequest(1, G, 2, 1, ask.Leave())),
        (
            wire.SetRole(id=1, c="g", cid=2, prev=1, u="u", role="admin"),
            ask.ChangeRequest(1, G, 2, 1, ask.SetRole(U, "admin")),
        ),
        (
            wire.Rename(id=1, c="g", cid=2, prev=1, title="T"),
            ask.ChangeRequest(1, G, 2, 1, ask.Rename("T")),
        ),
        (wire.GetConv(id=1, c="g"), ask.DescribeRequest(1, G)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_frame_becomes_a_request(frame: wire.InFrame, request_: ask.Request | ask.Notice) -> None:
    assert to_request(frame) == request_


@pytest.mark.parametrize(
    "frame",
    [
        wire.Send(id=1, cid=2, prev=1, b=TEXT),
        wire.Send(id=1, c="g", to="u", cid=2, prev=1, b=TEXT),
        wire.Hist(id=1, c="g", after=1, before=5),
        wire.Hist(id=1, c="g", before=0, at=0),
        wire.Hello(v=1, token="t", device="v"),
        wire.Ping(),
        wire.Auth(id=1, token="t"),
    ],
    ids=lambda frame: type(frame).__name__,
)
def test_what_contradicts_itself_or_is_for_the_edge_is_a_bad_request(frame: wire.InFrame) -> None:
    with pytest.raises(BadRequestError):
        to_request(frame)
