"""Saying and changing things on a node without sockets, and looking at what readers see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.support.chat import Chat, Device

from hubbub.actors.answers import Acked, Answer, PageAnswer
from hubbub.actors.bodies import Content
from hubbub.actors.requests import HistoryRequest, SendRequest
from hubbub.config.ids import ConvId
from hubbub.storage.contract import Done, Logs
from hubbub.storage.records import Message, Projection
from hubbub.transport.edge.render import page_frame


async def send(chat: Chat, device: Device, conv: ConvId, cid: int, body: Content) -> Answer:
    """Send this; the answer."""
    return await device.ask(SendRequest(chat.next_id(), conv, None, cid, cid - 1, body))


async def pair(chat: Chat) -> tuple[Device, Device, ConvId]:
    """Two people, of whom the first has said one thing, at 2."""
    ana, bo = await chat.person("ana"), await chat.person("bo")
    one, other = await chat.device(ana), await chat.device(bo)
    ack = await one.post(bo, 1, "first")
    assert isinstance(ack, Acked)
    return one, other, ack.conv


async def seen(chat: Chat, device: Device, conv: ConvId) -> list[dict[str, Any]]:
    """What a device reads: each entry's `s`, `b`, and what else is told of it."""
    page = await device.ask(HistoryRequest(chat.next_id(), conv, 0, None, None, 200))
    assert isinstance(page, PageAnswer)
    shown: list[dict[str, Any]] = []
    for msg in page_frame(page).msgs:
        told: dict[str, Any] = {"s": msg.s, "b": msg.b}
        if msg.edited:
            told["edited"] = True
        if msg.reactions:
            told["reactions"] = msg.reactions
        shown.append(told)
    return shown


async def stored(store: Logs, conv: ConvId) -> list[Message]:
    """What the store itself shows."""
    return await store.page(conv, 1, 1 << 40, limit=1000, max_bytes=1 << 30)


class Projections:
    """Stands before a store's `put_projection`.

    Attributes:
        asked: Every projection that was handed in, in order.
        instead: What happens in place of the store's own; None for that.
        before: Called before each; None for nothing.
    """

    def __init__(self, store: Any) -> None:
        self.asked: list[Projection] = []
        self.instead: Callable[[ConvId, int, Projection, Done], None] | None = None
        self.before: Callable[[], None] | None = None
        self._put = store.put_projection
        store.put_projection = self._take

    def _take(self, conv: ConvId, epoch: int, projection: Projection, done: Done) -> None:
        self.asked.append(projection)
        if self.before is not None:
            self.before()
        (self.instead or self._put)(conv, epoch, projection, done)

    def lose(self) -> None:
        """Nothing reaches the store, and nobody hears of it."""
        self.instead = lambda conv, epoch, projection, done: None

    def go_on(self) -> None:
        """They reach the store again."""
        self.instead = None


__all__ = ["Projections", "pair", "seen", "send", "stored"]
