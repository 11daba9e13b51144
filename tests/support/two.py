"""Two people on a node without sockets: what they do to each other, and what each sees of it."""

from __future__ import annotations

from tests.support.chat import Chat, Device
from tests.support.clock import ManualClock

from hubbub.actors.answers import (
    Acked,
    Answer,
    HeadsAnswer,
)
from hubbub.actors.requests import (
    Act,
    ActRequest,
    CursorNotice,
    SyncRequest,
)
from hubbub.config.errors import (
    StoreRetryableError,
)
from hubbub.config.ids import ConvId, UserId
from hubbub.storage.records import ContactState, Head


async def pair(chat: Chat, *, known: bool = True) -> tuple[Device, Device, ConvId]:
    """Two people and the conversation that the first one began."""
    ana, bo = await chat.person("ana"), await chat.person("bo")
    if known:
        await chat.acquaint(ana, bo)
    one, other = await chat.device(ana), await chat.device(bo)
    ack = await one.post(bo, 1, "text 1")
    assert isinstance(ack, Acked)
    return one, other, ack.conv


async def act(device: Device, what: Act, cid: int, prev: int | None = None) -> Answer:
    before = cid - 1 if prev is None else prev
    return await device.ask(ActRequest(device.chat.next_id(), cid, before, what))


async def states(chat: Chat, one: UserId, other: UserId) -> tuple[ContactState | None, ...]:
    """How each sees the other."""
    rows = [await chat.store.contact(*both) for both in ((one, other), (other, one))]
    return tuple(row.state if row is not None else None for row in rows)


async def line(device: Device, conv: ConvId, lv: int = 0) -> Head:
    heads = await device.ask(SyncRequest(device.chat.next_id(), lv))
    assert isinstance(heads, HeadsAnswer)
    (found,) = [h for h in heads.heads if isinstance(h, Head) and h.membership.conv == conv]
    return found


async def pass_time(chat: Chat, clock: ManualClock, seconds: float) -> None:
    clock.advance(seconds)
    await chat.settle()


async def read_to(chat: Chat, device: Device, conv: ConvId, seq: int) -> None:
    chat.system.tell(device.session, CursorNotice(conv, "read", seq))
    await chat.settle()


async def fails(*args: object) -> None:
    raise StoreRetryableError("not this time")


__all__ = ["act", "fails", "line", "pair", "pass_time", "read_to", "states"]
