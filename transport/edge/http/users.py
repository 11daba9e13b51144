"""Others: found by their exact name, so that nobody can read the list of all."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from ....actors.people import shown_name
from .caller import Caller
from .models import Found
from .services import Node
from .signup import fold_name

router = APIRouter(tags=["people"])


@router.get("/users")
async def find_users(
    q: Annotated[str, Query(max_length=200, description="A name, whole.")], node: Node, me: Caller
) -> list[Found]:
    """Who has this name: one person, or nobody."""
    node.limiter.take("users", me.user)
    account = await node.store.account_by_name(fold_name(q))
    if account is None or account.disabled:
        return []
    return [Found(id=account.id, name=account.name, display=shown_name(account))]


__all__ = ["router"]
