"""Others: found by name, and looked up by who shares a conversation with them.

A search shows few, and nobody who does not want to be found, so that nobody can read the list of
all; an id alone opens nothing.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from ....actors.people import shown_name
from ....config.errors import NotFoundError
from ....config.ids import UserId
from ....storage.records import Account
from .caller import Caller
from .colours import colour_of
from .models import Called, Found, Profile
from .services import Node, Services
from .signup import fold_name

#: The shortest part of a name that finds anybody, in letters.
LEAST_PREFIX = 3

#: The most that one search shows.
MOST_FOUND = 10

router = APIRouter(tags=["people"])


@router.get("/users")
async def find_users(
    q: Annotated[str, Query(max_length=200, description="A name, or how one begins.")],
    node: Node,
    me: Caller,
) -> list[Found]:
    """Who is called so: the one with exactly this name first, then those whose name or display
    name begins with it (from 3 letters on), 10 at most.

    Who has switched `findable` off is found by nobody.
    """
    node.limiter.take("users", me.user)
    sought = fold_name(q)
    if len(sought) >= LEAST_PREFIX:
        accounts = await node.store.find_accounts(sought, MOST_FOUND)
    else:
        exact = await node.store.account_by_name(sought)
        accounts = [exact] if exact is not None and exact.findable and not exact.disabled else []
    return [found_person(account) for account in accounts]


@router.get("/users/{user}")
async def read_user(user: str, node: Node, me: Caller) -> Profile:
    """Somebody who shares a conversation with me or wants me as a contact; and without `about`,
    somebody who once did, or to whom I am a stranger who asks.

    Strangers and deleted accounts are `not_found` alike.
    """
    node.limiter.take("user", me.user)
    seen = await _seen(node, UserId(user), me.user)
    if seen is None:
        raise NotFoundError("There is no such person.")
    return seen


@router.get("/users/{user}/name")
async def read_name(user: str, node: Node, me: Caller) -> Called:
    """What somebody is called whose words stand in a conversation of mine; empty for a stranger
    and for a deleted account, which to ask for is no mistake here.
    """
    node.limiter.take("user", me.user)
    seen = await _seen(node, UserId(user), me.user)
    return Called(name="" if seen is None else seen.display)


async def _seen(node: Services, who: UserId, by: UserId) -> Profile | None:
    """What `by` may see of somebody; None where that is nothing."""
    account = await node.store.account(who)
    # One that is being deleted has no name left.
    if account is None or not account.name:
        return None
    if who == by or await _lets_in(node, who, by):
        return _profile(account, account.about)
    if await node.store.have_met(by, who) or await _wants(node, by, who):
        return _profile(account, "")
    return None


async def _lets_in(node: Services, one: UserId, other: UserId) -> bool:
    """Whether `other` is no stranger to `one`, who may have been asked and not answered yet."""
    shared = await node.store.smallest_shared(one, other)
    return shared > 0 or await _wants(node, one, other)


async def _wants(node: Services, one: UserId, other: UserId) -> bool:
    row = await node.store.contact(one, other)
    return row is not None and row.mine


def found_person(account: Account) -> Found:
    """Somebody, as others see them."""
    return Found(
        id=account.id,
        name=account.name,
        display=shown_name(account),
        colour=colour_of(account),
    )


def _profile(account: Account, about: str) -> Profile:
    return Profile(**found_person(account).model_dump(), about=about)


__all__ = ["LEAST_PREFIX", "MOST_FOUND", "found_person", "router"]
