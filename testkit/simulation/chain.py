"""One device's mutations in one place, by the rules of the protocol (items 4 and 10). Pure.

add -> waiting -> due() -> under way -> acked          it is on record
                    ^         |-> again                 unavailable, resend, silence
                    |_________|-> renumbered            the cid was used before storage was lost
                              |-> refused               definitely: it used up nothing
                              |-> maybe                 nobody will know: internal, lost storage
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from ...transport.wire import frames

#: (id, cid, prev) -> the frame.
Make = Callable[[int, int, int], frames.Request]
Fate = Literal["open", "acked", "refused", "maybe"]


@dataclass(slots=True, eq=False)
class Item:
    """A mutation, from its making to its fate.

    Attributes:
        what: "text", "edit", ... or the frame's type.
        content: What tells it from others: a text, or what was asked for.
        tries: How often it was sent; an answer to an earlier try says less.
        sent_at: Seconds, of the newest try; None while it is not under way.
        cids: Every number it was sent under; the last one is its own.
        certain: The sender was a member when it was made, as far as it knew.
        seq, ts: Once acknowledged with them.
        code: The refusal's.
    """

    what: str
    content: str
    make: Make
    made_at: float
    cids: list[int] = field(default_factory=list[int])
    tries: int = 0
    sent_at: float | None = None
    fate: Fate = "open"
    seq: int = 0
    ts: int = 0
    code: str = ""
    certain: bool = False

    @property
    def cid(self) -> int:
        """Its number now."""
        return self.cids[-1]


@dataclass(slots=True, eq=False)
class Chain:
    """See the module.

    Attributes:
        where: A conversation, or "me" for what is the user's own.
        base: The last cid that the owner is known to have accepted: what `prev` begins with.
        committed: The last cid that was acknowledged.
        last_cid: The last one that was given out.
        paused_until: Seconds; nothing goes out before.
    """

    where: str
    base: int = 0
    committed: int = 0
    last_cid: int = 0
    paused_until: float = 0.0
    waiting: list[Item] = field(default_factory=list[Item])
    done: list[Item] = field(default_factory=list[Item])

    def add(self, item: Item) -> None:
        """A new one, behind all others."""
        self._number(item)
        self.waiting.append(item)

    def due(self, now: float, window: int) -> list[tuple[Item, int]]:
        """What is to be sent now, each with its `prev`; under way from now on."""
        if now < self.paused_until:
            return []
        found: list[tuple[Item, int]] = []
        prev = self.base
        for item in self.waiting[:window]:
            if item.sent_at is None:
                item.sent_at = now
                item.tries += 1
                found.append((item, prev))
            prev = item.cid
        return found

    def acked(self, item: Item) -> None:
        """It is durable; so is everything before it that was not refused."""
        if item.fate == "open":
            item.fate = "acked"
            self.base = max(self.base, item.cid)
            self.committed = max(self.committed, item.cid)
            self._close(item)

    def refused(self, item: Item, code: str) -> None:
        """It is not to be."""
        item.fate, item.code = "refused", code
        self._close(item)

    def unknown(self, item: Item, code: str) -> None:
        """Nobody will say what became of it."""
        item.fate, item.code = "maybe", code
        self._close(item)

    def again_from(self, cid: int) -> None:
        """This one and those behind it have to be sent once more."""
        for item in self.waiting:
            if item.cid >= cid:
                item.sent_at = None

    def again_all(self) -> None:
        """Everything has to be sent once more."""
        for item in self.waiting:
            item.sent_at = None

    def renumber(self, item: Item, last: int) -> None:
        """Its number names something else, or will never be committed: it takes a fresh one."""
        self.base = max(self.base, last)
        self.last_cid = max(self.last_cid, last)
        if item in self.waiting:
            self.waiting.remove(item)
            self._number(item)
            item.sent_at = None
            self.waiting.append(item)

    def _number(self, item: Item) -> None:
        self.last_cid = max(self.last_cid, self.base) + 1
        item.cids.append(self.last_cid)

    def _close(self, item: Item) -> None:
        if item in self.waiting:
            self.waiting.remove(item)
            self.done.append(item)


def describe(frame: Any) -> str:
    """A request in a few words, for a trace."""
    cid = getattr(frame, "cid", None)
    where = getattr(frame, "c", None) or getattr(frame, "to", None) or getattr(frame, "u", "")
    kind = frame.__struct_config__.tag
    if isinstance(frame, frames.Send):
        kind = f"{kind}.{frame.b.__struct_config__.tag}"
    if cid is None:
        return f"{kind} {where}"
    return f"{kind} {where} cid={cid} prev={frame.prev}"


__all__ = ["Chain", "Fate", "Item", "Make", "describe"]
