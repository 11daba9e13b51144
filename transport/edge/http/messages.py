"""The messages of a conversation: sent, read in pages, and how far one got.

A send takes the same way as on the socket: the same frame, the same actor, the same ack. Pages are
private and revalidated: their ETag is their range, their newest change and the head.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query, Request, Response

from ....actors.answers import PageAnswer
from ....actors.commands import GrantReading, MoveCursor, Post
from ....actors.history import read_page
from ....actors.people import require_people
from ....actors.requests import HistoryRequest, SendRequest
from ....config.errors import BadRequestError, NotFoundError, UnavailableError
from ....config.ids import ConvId, direct_id, is_user_id
from ....config.version import VERSION
from ...wire import frames, out_frames
from ...wire.codec import Broken, FrameError, JsonCodec
from ..identity import Identity
from ..render import page_frame
from ..requests import to_request
from . import asking, views
from .caller import Caller
from .models import Cursor
from .openapi import shows, takes_message
from .services import Node, Services

router = APIRouter(tags=["messages"])

_codec = JsonCodec()

_Place = Annotated[int | None, Query(ge=0, le=frames.SAFE_INT)]


@router.post(
    "/conversations/{c}/messages",
    response_class=Response,
    responses=shows(views.Ack, 200, 201),
    openapi_extra=takes_message(),
)
async def send(c: str, request: Request, node: Node, me: Caller) -> Response:
    """Send a text, or edit, delete or react to one: 201 once it is durable, 200 if it was already.

    With a user's id in place of the conversation's it opens the one direct conversation of the
    two. Ask again with the same `cid` when no answer came.
    """
    asked = _read_send(c, await request.body())
    if asked.to is not None:
        if asked.to == me.user:
            raise BadRequestError("Name a conversation, or somebody else.")
        await require_people(node.store, [asked.to])
        conv = direct_id(me.user, asked.to)
    else:
        conv = asking.conversation(c)
    acked = await asking.ask_conversation(
        node,
        conv,
        lambda to: Post(
            to, me.user, me.device, "", asked.cid, asked.prev, asked.body, asked.to
        ),
    )  # fmt: skip
    return views.ack(acked)


@router.get(
    "/conversations/{c}/messages", response_class=Response, responses=shows(out_frames.Page, 200)
)
async def read_messages(
    c: str,
    request: Request,
    node: Node,
    me: Caller,
    after: _Place = None,
    before: _Place = None,
    limit: Annotated[int, Query(ge=1, le=frames.SAFE_INT)] = 50,
) -> Response:
    """A page: after a seq, before a seq, or the newest. It says the range it covers."""
    if after is not None and before is not None:
        raise BadRequestError("A page is after or before: one of them.")
    asked = HistoryRequest(0, asking.conversation(c), after, before, None, limit)
    page = await _page(node, me, asked)
    return _revalidated(request, page, page_frame(page))


@router.get(
    "/conversations/{c}/messages/{s}", response_class=Response, responses=shows(out_frames.Msg, 200)
)
async def read_message(
    c: str,
    s: Annotated[int, Path(ge=1, le=frames.SAFE_INT)],
    request: Request,
    node: Node,
    me: Caller,
) -> Response:
    """One message, whole."""
    page = await _page(node, me, HistoryRequest(0, asking.conversation(c), None, None, s, 1))
    found = page_frame(page).msgs
    if not found:
        raise NotFoundError("There is no such message.")
    return _revalidated(request, page, found[0])


@router.post("/conversations/{c}/read", status_code=204)
async def mark_read(c: str, cursor: Cursor, node: Node, me: Caller) -> None:
    """I have read everything up to `s`; a lower one than before changes nothing."""
    _move(node, c, MoveCursor(me.user, "read", cursor.s))


@router.post("/conversations/{c}/recv", status_code=204)
async def mark_received(c: str, cursor: Cursor, node: Node, me: Caller) -> None:
    """This device has everything up to `s`."""
    _move(node, c, MoveCursor(me.user, "recv", cursor.s))


def _read_send(c: str, body: bytes) -> SendRequest:
    """The body as the frame it would be on the socket."""
    try:
        fields = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        where = {"to": c} if is_user_id(c) else {"c": c}
        for name in ("c", "to"):
            fields.pop(name, None)
        framed: dict[str, Any] = {**fields, "t": "send", "id": 0, **where}
        (frame,) = _codec.decode(msgspec.json.encode(framed))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, FrameError):
        raise BadRequestError("The body is not a JSON object.") from None
    if isinstance(frame, Broken):
        raise frame.refusal
    asked = to_request(frame)
    assert isinstance(asked, SendRequest)
    return asked


async def _page(node: Services, me: Identity, asked: HistoryRequest) -> PageAnswer:
    grant = await asking.ask_conversation(node, asked.conv, lambda to: GrantReading(to, me.user))
    return await read_page(node.store, node.limits, asked, grant)


def _revalidated(request: Request, page: PageAnswer, shown: msgspec.Struct) -> Response:
    # The version is in it, for another program may show the same entries otherwise; and how many
    # have lost their words, for the edits of a deleted text are no change of their own.
    gone = sum(not message.entry.body for message in page.messages)
    tag = f'W/"{VERSION}.{page.first}.{page.last}.{page.changed_at}.{page.head}.{gone}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    known = request.headers.get("if-none-match", "")
    if tag in (part.strip() for part in known.split(",")):
        return Response(status_code=304, headers=headers)
    return views.answer(shown, headers=headers)


def _move(node: Services, c: str, moved: MoveCursor) -> None:
    conv: ConvId = asking.conversation(c)
    if not node.cluster.tell(f"conv:{conv}", moved):
        raise UnavailableError


__all__ = ["router"]
