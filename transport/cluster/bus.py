"""What carries a node's word to the others: the port that Redis and memory implement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ...config.errors import VersionGapError
from .views import Member, View


@dataclass(frozen=True, slots=True)
class Renewal:
    """A node says that it is there; the first one joins.

    Attributes:
        member: Itself, with the state that it wants.
        generation: Of the view it was in last, 0 for none. In a later one it enters again under
            its incarnation; in the same one, a member that is out stays out.
        sent: {receiver's incarnation: how many batches it has sent there}
    """

    member: Member
    generation: int
    sent: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class Standing:
    """The answer to a renewal.

    Attributes:
        view: The newest one.
        inside: Whether who asked is a member of it.
        closed_s: For how long nothing may be claimed yet.
        sent: {sender's incarnation: how many batches it says it has sent here}; empty while what
            was told so the last time may still be on its way. What is not here when it is told
            again is lost.
        gap: Why who asked may not join: it shares no version of envelopes with a member.
        strangers: {node: version}: who was refused for that, for one lease.
    """

    view: View
    inside: bool
    closed_s: float
    sent: Mapping[str, int]
    gap: VersionGapError | None = None
    strangers: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class Batch:
    """What one node sends another at a time.

    Attributes:
        sender: Its incarnation.
        number: Of this batch on its link, from 1.
        envelopes: In order, encoded.
    """

    sender: str
    number: int
    envelopes: tuple[bytes, ...]


class Receiver(Protocol):
    """A node, as the bus sees it."""

    def received(self, batch: Batch) -> None:
        """A batch for this incarnation; those of one sender come in order, or not at all, or
        twice."""
        ...

    def viewed(self, view: View) -> None:
        """There is a new view. Best effort: each renewal tells it, too."""
        ...


class Bus(Protocol):
    """Shared by all nodes of a cluster, and out of reach now and then.

    Attributes:
        lease_s: How long a member stays in without renewing.
        renew_s: How often a member renews.
    """

    @property
    def lease_s(self) -> float: ...
    @property
    def renew_s(self) -> float: ...

    def attach(self, node: str, incarnation: str, receiver: Receiver) -> None:
        """Begin to receive as this incarnation, in place of an earlier one of the node."""
        ...

    def detach(self, incarnation: str) -> None:
        """Receive nothing any more."""
        ...

    def renew(self, renewal: Renewal, done: Callable[[Standing], None]) -> None:
        """Renew a lease; `done` is called with the answer, or never."""
        ...

    def leave(self, node: str, incarnation: str) -> None:
        """This node says that an incarnation is to be out: its own, or one that keeps for too long
        what is no longer its own. Best effort."""
        ...

    def send(self, receiver: str, batch: Batch) -> None:
        """Send to an incarnation. In order on each link; best effort; never raises."""
        ...

    def room(self, receiver: str) -> bool:
        """Whether what is sent there now has a chance. Where it has none requests are refused;
        what is pushed is sent all the same, so that its number tells the receiver of the loss."""
        ...

    async def close(self, incarnation: str) -> None:
        """Detach for good, once what was said is out or cannot be; nothing is left behind."""
        ...


__all__ = ["Batch", "Bus", "Receiver", "Renewal", "Standing"]
