"""The caller's contacts, and whom the caller blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Response

from ....actors.requests import AskContact, BlockPerson
from ....config.ids import UserId
from ....storage.records import Account, Contact
from ...wire.frames import SAFE_INT
from ..identity import Identity
from . import asking
from .caller import Caller
from .models import Act, Blocks, ChangeContact, ContactLine, Contacts
from .services import Node, Services
from .users import found_person

router = APIRouter(tags=["people"])

#: Rows that are read for one page.
_PAGE = 200

After = Annotated[str, Query(max_length=64, description="From the page before.")]


@router.get("/contacts")
async def list_contacts(node: Node, me: Caller, after: After = "") -> Contacts:
    """My contacts, those whom I asked, and those who ask me."""
    rows, following = await _rows(
        node, me, after, lambda row: row.state is not None and not row.blocked
    )
    return Contacts(
        contacts=[
            ContactLine(**found_person(account).model_dump(), state=state)
            for row, account in rows
            if (state := row.state) is not None
        ],
        after=following,
    )


@router.post("/contacts/{user}", status_code=204, response_class=Response)
async def change_contact(user: str, new: ChangeContact, node: Node, me: Caller) -> Response:
    """Ask somebody, accept who asks (a first message too), or end it."""
    return await asking.act(node, me, new, AskContact(UserId(user), new.do))


@router.get("/blocks")
async def list_blocks(node: Node, me: Caller, after: After = "") -> Blocks:
    """Whom I block."""
    rows, following = await _rows(node, me, after, lambda row: row.blocked)
    return Blocks(
        blocks=[found_person(account) for _, account in rows],
        after=following,
    )


@router.put("/blocks/{user}", status_code=204, response_class=Response)
async def block(user: str, place: Act, node: Node, me: Caller) -> Response:
    """Take nothing more from somebody in the conversation of the two."""
    return await asking.act(node, me, place, BlockPerson(UserId(user), True))


@router.delete("/blocks/{user}", status_code=204, response_class=Response)
async def unblock(
    user: str,
    cid: Annotated[int, Query(ge=1, le=SAFE_INT)],
    prev: Annotated[int, Query(ge=0, le=SAFE_INT)],
    node: Node,
    me: Caller,
) -> Response:
    """Take everything from somebody again."""
    return await asking.act(node, me, Act(cid=cid, prev=prev), BlockPerson(UserId(user), False))


async def _rows(
    node: Services, me: Identity, after: str, wanted: Callable[[Contact], bool]
) -> tuple[list[tuple[Contact, Account]], str | None]:
    """Those of the next rows that are wanted, with their accounts; and where the next page is."""
    rows = await node.store.contacts(me.user, after, _PAGE)
    people = [row for row in rows if wanted(row)]
    found = await node.store.accounts([row.peer for row in people])
    following = rows[-1].peer if len(rows) == _PAGE else None
    # Of an account that is being deleted there is a row without a name left.
    there = [(row, found[row.peer]) for row in people if row.peer in found]
    return [(row, account) for row, account in there if account.name], following


__all__ = ["router"]
