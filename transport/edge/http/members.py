"""The members of a group: in, out, and their roles."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from ....actors.people import require_people
from ....actors.requests import Invite, Kick, SetRole
from ....config.ids import UserId
from ...wire.frames import SAFE_INT
from . import asking, views
from .caller import Caller
from .models import InviteMembers, Mutation, SetMemberRole
from .openapi import shows
from .services import Node

router = APIRouter(tags=["members"])

_ACK = shows(views.Ack, 200, 201)


@router.post("/conversations/{c}/members", response_class=Response, responses=_ACK)
async def invite(c: str, new: InviteMembers, node: Node, me: Caller) -> Response:
    """Take more people in; all of them, or none."""
    users = tuple(map(UserId, new.users))
    await require_people(node.store, users)
    return await asking.change(node, me, c, new, Invite(users))


@router.patch("/conversations/{c}/members/{user}", response_class=Response, responses=_ACK)
async def set_role(c: str, user: str, new: SetMemberRole, node: Node, me: Caller) -> Response:
    """Give a member another role."""
    return await asking.change(node, me, c, new, SetRole(UserId(user), new.role))


@router.delete("/conversations/{c}/members/{user}", response_class=Response, responses=_ACK)
async def kick(
    c: str,
    user: str,
    cid: Annotated[int, Query(ge=1, le=SAFE_INT)],
    prev: Annotated[int, Query(ge=0, le=SAFE_INT)],
    node: Node,
    me: Caller,
) -> Response:
    """Show a member the door."""
    place = Mutation(cid=cid, prev=prev)
    return await asking.change(node, me, c, place, Kick((UserId(user),)))


__all__ = ["router"]
