"""Invite links of groups: made and ended by the owner and admins, used by whoever has one.

The token is shown once, to who made it; the store has its digest. The group's own actor judges who
may make a link, and whom it lets in.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Path, Response

from ....actors.answers import Acked
from ....actors.commands import Describe
from ....actors.gate_commands import JoinByLink, Vouch, Vouched
from ....config.errors import BadRequestError, ForbiddenError, NotFoundError
from ....config.ids import letters
from ....config.units import HOURS
from ....storage.records import Invite
from ..identity import Identity
from . import asking, views
from .caller import Caller
from .models import InviteLine, MakeInvite, NewInvite
from .openapi import shows
from .services import Node, Services

#: Links that one group can have at a time.
MOST_INVITES = 50

_TOKEN_BYTES = 16

router = APIRouter(tags=["invites"])


@router.post("/conversations/{c}/invites", status_code=201)
async def make_invite(c: str, new: MakeInvite, node: Node, me: Caller) -> NewInvite:
    """Make a link to a group, for the owner and admins. Its token is told this once.

    Whoever has it can join until it expires or is revoked.
    """
    node.limiter.take("invites", me.user)
    vouched = await _vouched(node, c, me)
    if vouched.kind != "group":
        raise BadRequestError("This is a conversation of two people; nobody joins it.")
    token = letters(node.chance.token(_TOKEN_BYTES))
    now = node.clock.now_ms()
    invite = Invite(
        "i_" + letters(node.chance.token(13))[:20],
        asking.conversation(c),
        me.user,
        _digest(token),
        vouched.head,
        now,
        now + int(new.hours * HOURS * 1000),
    )
    if not await node.store.add_invite(invite, MOST_INVITES, now):
        raise ForbiddenError(f"This group has {MOST_INVITES} links already: revoke one first.")
    return NewInvite(id=invite.id, token=token, expires=invite.expires_ms)


@router.get("/conversations/{c}/invites")
async def list_invites(c: str, node: Node, me: Caller) -> list[InviteLine]:
    """The links of a group that are still good, oldest first, for the owner and admins."""
    await _vouched(node, c, me)
    return [
        InviteLine(id=i.id, by=i.maker, created=i.created_ms, expires=i.expires_ms)
        for i in await node.store.invites(asking.conversation(c), node.clock.now_ms())
    ]


@router.delete("/conversations/{c}/invites/{invite}", status_code=204)
async def revoke_invite(c: str, invite: str, node: Node, me: Caller) -> None:
    """End a link, for the owner and admins; who has joined by it stays."""
    await _vouched(node, c, me)
    if not await node.store.revoke_invite(asking.conversation(c), invite):
        raise NotFoundError("There is no such link.")


@router.post(
    "/invites/{token}", response_class=Response, responses=shows(views.Sheet, 200, 201)
)  # fmt: skip
async def join(
    token: Annotated[str, Path(max_length=64)], node: Node, me: Caller
) -> Response:  # fmt: skip
    """Join a group by its link: 201 with the group, 200 for who is in it already.

    Who was removed from the group needs a link that was made since, or to be invited.
    """
    node.limiter.take("join", me.user)
    invite = await node.store.invite(_digest(token.strip().lower()), node.clock.now_ms())
    if invite is None:
        raise NotFoundError("That link is not good any more.")
    acked: Acked = await asking.ask_conversation(
        node, invite.conv, lambda to: JoinByLink(to, me.user, invite.made_at)
    )
    described = await asking.ask_conversation(
        node, invite.conv, lambda to: Describe(to, me.user)
    )  # fmt: skip
    return await asking.sheet(node, described, 200 if acked.dup else 201)


async def _vouched(node: Services, c: str, me: Identity) -> Vouched:
    vouched: Vouched = await asking.ask_conversation(
        node, asking.conversation(c), lambda to: Vouch(to, me.user)
    )
    return vouched


def _digest(token: str) -> bytes:
    # 128 bits of chance need neither salt nor a slow hash.
    return sha256(token.encode()).digest()


__all__ = ["MOST_INVITES", "router"]
