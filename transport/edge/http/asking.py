"""Asking actors on behalf of a caller."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import Response

from ....actors.commands import ChangeGroup, Description, ReplyTo, UserAct
from ....actors.people import with_names
from ....actors.requests import Act, Change
from ....actors.under_way import RETELL_S
from ....config.errors import AskTimeoutError, NotFoundError
from ....config.ids import ConvId, is_conv_id
from ..identity import Identity
from . import views
from .models import Act as ActModel
from .models import Mutation
from .services import Services


def conversation(c: str) -> ConvId:
    """The id of a conversation from a path.

    Raises:
        NotFoundError: It can be none.
    """
    if not is_conv_id(c):
        raise NotFoundError("There is no such conversation.")
    return ConvId(c)


async def ask(node: Services, target: str, make: Callable[[ReplyTo], Any]) -> Any:
    """What an actor answers. It is asked twice when it is silent, for it may have crashed with the
    question in hand; so everything that is asked here may be asked again.

    Raises:
        Refusal: Its own, or that it did not answer.
    """
    try:
        return await node.asker.request(target, make, RETELL_S)
    except AskTimeoutError:
        return await node.asker.request(target, make)


async def ask_conversation(node: Services, conv: ConvId, make: Callable[[ReplyTo], Any]) -> Any:
    """What a conversation answers; see `ask`."""
    return await ask(node, f"conv:{conv}", make)


async def change(node: Services, me: Identity, c: str, place: Mutation, change: Change) -> Response:
    """Have a change of a group committed; the answer is its ack."""
    acked = await ask_conversation(
        node,
        conversation(c),
        lambda to: ChangeGroup(to, me.user, me.device, "", place.cid, place.prev, change),
    )
    return views.ack(acked)


async def act(node: Services, me: Identity, place: ActModel, what: Act) -> Response:
    """Have the caller's own User do it; 204 once every effect is done."""
    await ask(
        node,
        f"user:{me.user}",
        lambda to: UserAct(to, me.device, place.cid, place.prev, what),
    )
    return Response(status_code=204)


async def sheet(node: Services, description: Description, status: int = 200) -> Response:
    """A description as an answer, with the members' names."""
    return views.answer(views.sheet(await with_names(node.store, description)), status)


__all__ = ["act", "ask", "ask_conversation", "change", "conversation", "sheet"]
