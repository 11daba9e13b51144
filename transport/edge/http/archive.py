"""Everything that a person's account holds and may read, in order, a little at a time.

    Opening -> Circle .. -> (Chapter -> Passage ..) for each conversation

No more than a page of messages is in memory at a time, whatever the archive's size.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from ....actors.commands import Grant, GrantReading
from ....actors.history import read_page
from ....actors.people import shown_name
from ....actors.requests import HistoryRequest
from ....config.ids import ConvId, UserId
from ....storage.records import Account, Contact, Device, Membership
from ...wire import bodies, out_frames
from ..render import page_frame
from . import asking
from .services import Services

#: Lines of the list, and rows about people, that are read at a time.
_LINES = 50


@dataclass(frozen=True, slots=True)
class Opening:
    """Who it is about."""

    made_ms: int
    account: Account
    devices: list[Device]


@dataclass(frozen=True, slots=True)
class Circle:
    """Some of the people whom the account's owner knows or blocks.

    Attributes:
        names: {user: name} of them; "" for a deleted account.
    """

    people: list[Contact]
    names: dict[str, str]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A conversation begins; its messages follow.

    Attributes:
        title: The group's, or the other person's name.
    """

    row: Membership
    title: str


@dataclass(frozen=True, slots=True)
class Passage:
    """Some of its messages, in order.

    Attributes:
        names: {user: name} of everybody they name; "" for a deleted account.
    """

    messages: list[out_frames.Msg] = field(repr=False)
    names: dict[str, str]


Part = Opening | Circle | Chapter | Passage


async def archive(node: Services, account: Account) -> AsyncIterator[Part]:
    """The parts.

    What the account may read is asked of each conversation's own actor, when its turn comes.

    Raises:
        Refusal, StoreError: Not readable just now; what came before is good.
    """
    yield Opening(node.clock.now_ms(), account, await node.store.devices(account.id))
    async for circle in _circles(node, account.id):
        yield circle
    after: ConvId | None = None
    while rows := await node.store.memberships(account.id, after=after, limit=_LINES):
        for row in rows:
            names = await _names(node, [row.peer] if row.peer is not None else [])
            yield Chapter(row, names[row.peer] if row.peer is not None else row.title)
            async for passage in _passages(node, account.id, row.conv):
                yield passage
        after = rows[-1].conv


async def _circles(node: Services, user: UserId) -> AsyncIterator[Circle]:
    after = ""
    while rows := await node.store.contacts(user, after, _LINES):
        people = [row for row in rows if row.blocked or row.state is not None]
        if people:
            yield Circle(people, await _names(node, [row.peer for row in people]))
        after = rows[-1].peer


async def _passages(node: Services, user: UserId, conv: ConvId) -> AsyncIterator[Passage]:
    grant: Grant = await asking.ask_conversation(
        node, conv, lambda to: GrantReading(to, user)
    )  # fmt: skip
    after, more = 0, True
    while more:
        wanted = HistoryRequest(0, conv, after, None, None, node.limits.page_items)
        page = await read_page(node.store, node.limits, wanted, grant)
        shown = page_frame(page).msgs
        yield Passage(shown, await _names(node, _named(shown)))
        after, more = page.last, page.more


def _named(messages: list[out_frames.Msg]) -> list[UserId]:
    """Everybody whom messages name: who wrote them, and whom they are about."""
    users: dict[str, None] = {}
    for message in messages:
        users[message.from_] = None
        if isinstance(message.b, bodies.System):
            users.update(dict.fromkeys(message.b.users))
    return [UserId(user) for user in users if user]


async def _names(node: Services, users: list[UserId]) -> dict[str, str]:
    found = await node.store.accounts(users)
    return {user: shown_name(found.get(user)) for user in users}


__all__ = ["Chapter", "Circle", "Opening", "Part", "Passage", "archive"]
