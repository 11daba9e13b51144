"""The caller's conversations: the list, a new group, who is in one, its title, leaving it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from ....actors.commands import CatchUp, Describe
from ....actors.commands import CreateGroup as CreateGroupCommand
from ....actors.people import require_people
from ....actors.requests import Leave, MuteConv, Rename
from ....config.errors import BadRequestError
from ....config.ids import ConvId, UserId, is_conv_id, self_log
from ...wire.frames import SAFE_INT
from . import asking, views
from .caller import Caller
from .models import CreateGroup, LeaveGroup, MuteConversation, RenameGroup
from .openapi import shows
from .services import Node

router = APIRouter(tags=["conversations"])


@router.get("/conversations", response_class=Response, responses=shows(views.List))
async def list_conversations(
    node: Node,
    me: Caller,
    lv: Annotated[int, Query(ge=0, le=SAFE_INT, description="The version of the list I have.")] = 0,
    after: Annotated[str | None, Query(max_length=64, description="From the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=SAFE_INT)] = 200,
) -> Response:
    """My conversations, and those I left since; what did not change since `lv` comes short."""
    if after is None:
        # Before the first page: what changes meanwhile is shown again by the next reading.
        version, _ = await node.store.head(self_log(me.user))
        start = None
    else:
        version, start = _place(after)
    # Who was put out a moment ago must not read on by a line that says otherwise.
    await node.asker.request(f"user:{me.user}", CatchUp)
    page = await node.store.heads(
        me.user,
        me.device,
        since=lv,
        after=start,
        limit=min(limit, node.limits.heads_page),
    )
    following = None if page.after is None else f"{version}.{page.after}"
    return views.answer(views.heads(page, version, following))


@router.post(
    "/conversations", status_code=201, response_class=Response, responses=shows(views.Sheet, 201)
)
async def create_group(new: CreateGroup, node: Node, me: Caller) -> Response:
    """Begin a group. Asked again with the same `cid`, it is the same group."""
    members = tuple(map(UserId, new.members))
    await require_people(node.store, members)
    description = await asking.ask(
        node,
        f"user:{me.user}",
        lambda to: CreateGroupCommand(
            to, me.device, new.cid, new.prev, new.title, members, new.history
        ),
    )
    return await asking.sheet(node, description, 201)


@router.get("/conversations/{c}", response_class=Response, responses=shows(views.Sheet))
async def describe(c: str, node: Node, me: Caller) -> Response:
    """Who is in it, with which role, and how far each got."""
    description = await asking.ask_conversation(
        node, asking.conversation(c), lambda to: Describe(to, me.user)
    )
    return await asking.sheet(node, description)


@router.patch("/conversations/{c}", response_class=Response, responses=shows(views.Ack, 200, 201))
async def rename(c: str, new: RenameGroup, node: Node, me: Caller) -> Response:
    """Give a group another title."""
    return await asking.change(node, me, c, new, Rename(new.title))


@router.post(
    "/conversations/{c}/leave", response_class=Response, responses=shows(views.Ack, 200, 201)
)
async def leave(c: str, place: LeaveGroup, node: Node, me: Caller) -> Response:
    """Go. What was said up to then stays readable."""
    return await asking.change(node, me, c, place, Leave())


@router.put("/conversations/{c}/mute", status_code=204, response_class=Response)
async def mute(c: str, new: MuteConversation, node: Node, me: Caller) -> Response:
    """Have no notice of a conversation until then, on any of the caller's devices."""
    return await asking.act(node, me, new, MuteConv(asking.conversation(c), new.until))


def _place(after: str) -> tuple[int, ConvId]:
    version, dot, conv = after.partition(".")
    if not (dot and version.isdecimal() and len(version) < 17 and is_conv_id(conv)):
        raise BadRequestError("after: it is not from the page before.")
    return int(version), ConvId(conv)


__all__ = ["router"]
