"""The model's people: what each holds of the others, and who may know when somebody is here."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Literal


@dataclass
class Held:
    """What somebody holds of somebody else.

    Attributes:
        mine, theirs: I want them as a contact; they want me, as I last heard.
        dismissed: I do not want to see that they ask.
    """

    mine: bool = False
    theirs: bool = False
    dismissed: bool = False
    blocked: bool = False

    @property
    def mutual(self) -> bool:
        """Both want it."""
        return self.mine and self.theirs

    @property
    def asks(self) -> bool:
        """They ask, and I have not looked away."""
        return self.theirs and not self.mine and not self.dismissed

    def hear(self, wants: bool) -> None:
        """They say whether they want me."""
        asks_again = wants and self.dismissed and not self.blocked
        if self.theirs != wants or asks_again:
            self.theirs = wants
            if wants:
                self.dismissed = self.blocked

    def do(self, act: str) -> bool:
        """I do something about them. Returns: what I say of it, if they are to hear of it."""
        match act:
            case "block":
                self.blocked = self.dismissed = True
            case "unblock":
                self.blocked = False
            case "request":
                self.mine, self.dismissed = True, False
            case "accept":
                self.mine = self.mine or self.asks
            case _:
                self.mine, self.dismissed = False, True
        return self.mine


@dataclass(eq=False, repr=False)
class Person:
    """Somebody who has signed up.

    Attributes:
        presence: Who may know when this one is here: nobody, contacts, or fellow members too.
        write: From whom a first message is taken.
        connections: How many there are.
        gone_s: When the last one went, monotonic; None while one is here, or nobody ever was.
        seen_ms: The last time that one came, or the last one went.
        online: What may be told of it.
    """

    id: str
    name: str
    display: str = ""
    presence: Literal["contacts", "fellows", "nobody"] = "fellows"
    write: Literal["everyone", "contacts", "nobody"] = "everyone"
    connections: int = 0
    gone_s: float | None = None
    seen_ms: int = 0
    online: bool = False
    #: {other: Held}
    held: defaultdict[str, Held] = field(default_factory=lambda: defaultdict(Held))

    def __repr__(self) -> str:
        return self.name

    @property
    def shown_name(self) -> str:
        """What others read."""
        return self.display or self.name

    def come(self, now_ms: int) -> None:
        """One more connection."""
        if not self.online:
            self.seen_ms = now_ms
        self.connections += 1
        self.online, self.gone_s = True, None

    def go(self, now_s: float, now_ms: int) -> None:
        """One connection less; nobody is told before the grace is over."""
        self.connections -= 1
        if not self.connections:
            self.gone_s, self.seen_ms = now_s, now_ms

    def wait(self, now_s: float, grace_s: float) -> None:
        """It is that late."""
        if self.gone_s is not None and now_s - self.gone_s >= grace_s:
            self.online, self.gone_s = False, None

    def crash(self) -> None:
        """Nobody remembers one who was only just here."""
        if not self.connections:
            self.online, self.gone_s = False, None

    def receives(self, guest: str) -> Literal["open", "request", "closed"]:
        """How a first message of the guest's arrives."""
        if self.write == "nobody":
            return "closed"
        if self.held[guest].mine:
            return "open"
        return "request" if self.write == "everyone" else "closed"


def may_know(
    one: Person, other: Person, shared: int | None, limit: int
) -> Literal["told", "asked", "hidden"]:
    """Whether `other` may know when `one` is here: of every change, when asking, or never.

    Args:
        shared: The size of the smallest conversation of the two in which `one` takes `other` in.
        limit: The largest one in which everybody is told.
    """
    if one is other:
        return "told"
    if one.presence == "nobody" or one.held[other.id].blocked or other.held[one.id].blocked:
        return "hidden"
    if one.held[other.id].mutual:
        return "told"
    if one.presence == "contacts" or shared is None:
        return "hidden"
    return "told" if shared <= limit else "asked"


__all__ = ["Held", "Person", "may_know"]
