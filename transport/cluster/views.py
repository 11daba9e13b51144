"""Who is in the cluster: numbered views, and each node's own time in them. Pure.

    join, leave, expire, drain, expel  ->  the next view (generation, n + 1)
    what a node says of itself         ->  the same view, with that in it
    everything forgotten               ->  (generation + 1, 1), and nobody claims for one lease

`Members` is what the nodes share: in Redis it is a script and a few keys, in memory this very
object. `Tenure` is what a node holds of its own lease, by its own clock: it stops owning before
the others may think it gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from ...config.ids import SHARDS
from ..discovery import UNTOLD, About
from .placement import Placement, placement_of
from .versions import VERSION, shared


class ViewId(NamedTuple):
    """Views are ordered: first by the generation, which outlives what the nodes share."""

    generation: int
    n: int


#: Before any view.
NO_VIEW = ViewId(0, 0)

State = Literal["ready", "draining"]


@dataclass(frozen=True, slots=True)
class Member:
    """A node in a view.

    Attributes:
        incarnation: Of this membership; a node that comes back has another one.
        weight: How much of the shards it wants, against the others.
        speaks: The newest version of envelopes that it knows.
        about: What it said of itself last. It moves no name, so it makes no view: everybody hears
            it with the next renewal, and nobody has anything to heal.
    """

    node: str
    incarnation: str
    state: State = "ready"
    weight: float = 1.0
    speaks: int = VERSION
    about: About = UNTOLD

    @property
    def place(self) -> tuple[str, float, int]:
        """What makes another view when it changes; the rest is only told with it."""
        return self.state, self.weight, self.speaks


@dataclass(frozen=True)
class View:
    """Who is in at one time; `members` has one of each node at most, sorted by node."""

    id: ViewId
    members: tuple[Member, ...]

    def placement(self) -> Placement:
        """Where names live in this view: over the ready ones, and while none is, over all."""
        ready = [m for m in self.members if m.state == "ready"] or self.members
        return placement_of(tuple((m.node, m.weight) for m in ready))

    def of(self, node: str) -> Member | None:
        """The member of a node."""
        for member in self.members:
            if member.node == node:
                return member
        return None

    def node_of(self, incarnation: str) -> str | None:
        """The node of an incarnation that is in."""
        return next((m.node for m in self.members if m.incarnation == incarnation), None)

    def drains(self, node: str) -> bool:
        """Whether a node is in, and on its way out."""
        return any(m.node == node and m.state == "draining" for m in self.members)

    def open(self, order: Iterable[str]) -> tuple[About, ...]:
        """What those of these nodes say of themselves that take connections."""
        members = [m for node in order if (m := self.of(node)) is not None]
        return tuple(
            m.about for m in members if m.state == "ready" and m.about.address and not m.about.full
        )

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where clients reach its members, as far as they say so."""
        return tuple(m.about.address for m in self.members if m.about.address)

    @property
    def versions(self) -> dict[str, int]:
        """{incarnation: the version of envelopes that it is written to in}"""
        return {m.incarnation: min(m.speaks, VERSION) for m in self.members}

    @property
    def incarnations(self) -> frozenset[str]:
        """Of all who are in."""
        return frozenset(m.incarnation for m in self.members)


def changed(old: View | None, was: Placement, view: View, now: Placement) -> frozenset[int]:
    """The shards that are at another incarnation in a view than in the one before; None: all."""
    if old is None:
        return frozenset(range(SHARDS))
    stay = old.incarnations & view.incarnations
    moved: set[int] = set()
    for member in view.members:
        here = now.shards(member.node)
        moved |= here - was.shards(member.node) if member.incarnation in stay else here
    return frozenset(moved)


@dataclass(slots=True)
class Members:
    """The members as the nodes share them; every call is one step, and has the time.

    Attributes:
        view: The newest one.
        lease_s: How long a member stays without renewing.
        open_at: Nothing is claimed before: in a new generation, living owners have one lease to
            come back in.
    """

    lease_s: float
    view: View
    open_at: float
    #: {incarnation: when its lease ends}: of all and only the members of the view.
    ends: dict[str, float] = field(default_factory=dict[str, float])

    @classmethod
    def found(cls, generation: int, now_s: float, lease_s: float) -> Members:
        """Begin a generation, with nobody in it. The first one of all has no owners to wait for."""
        wait_s = lease_s if generation > 1 else 0.0
        return cls(lease_s, View(ViewId(generation, 0), ()), now_s + wait_s)

    def deaf_to(self, member: Member) -> Member | None:
        """Somebody at another node with whom a node that wants to join shares no version."""
        others = (m for m in self.view.members if m.node != member.node)
        return next((m for m in others if shared(m.speaks, member.speaks) is None), None)

    def join(self, member: Member, now_s: float) -> None:
        """A node is in, in place of an earlier incarnation of it."""
        others = tuple(m for m in self.view.members if m.node != member.node)
        self._change((*others, member))
        self.ends[member.incarnation] = now_s + self.lease_s

    def renew(self, member: Member, now_s: float) -> bool:
        """Its lease begins anew, and what it says is so; False when it is no member."""
        mine = self.view.of(member.node)
        if mine is None or mine.incarnation != member.incarnation:
            return False
        self.ends[member.incarnation] = now_s + self.lease_s
        if mine != member:
            told = tuple(member if m is mine else m for m in self.view.members)
            if mine.place == member.place:
                self.view = View(self.view.id, told)
            else:
                self._change(told)
        return True

    def leave(self, incarnation: str) -> None:
        """It goes by itself, or the others expel it; harmless twice."""
        self._remove({incarnation})

    def expire(self, now_s: float) -> None:
        """Those whose lease is over are out, all at once."""
        self._remove({i for i, end in self.ends.items() if end <= now_s})

    def drain(self, node: str) -> None:
        """Its shards go to the others while it is in."""
        self._change(
            tuple(replace(m, state="draining") if m.node == node else m for m in self.view.members)
        )

    def _remove(self, gone: set[str]) -> None:
        self._change(tuple(m for m in self.view.members if m.incarnation not in gone))

    def _change(self, members: tuple[Member, ...]) -> None:
        members = tuple(sorted(members, key=lambda m: m.node))
        if members != self.view.members:
            generation, n = self.view.id
            self.view = View(ViewId(generation, n + 1), members)
            kept = self.view.incarnations
            self.ends = {i: end for i, end in self.ends.items() if i in kept}


@dataclass(slots=True)
class Tenure:
    """How long a node may take itself for a member, by its own monotonic clock.

    A renewal counts from when it was asked for, so that the lease which the others see ends later.

    Attributes:
        margin_s: How much before the lease's end it is over for the node itself.
    """

    lease_s: float
    margin_s: float
    _until: float = 0.0

    def renewed(self, asked_at_s: float) -> None:
        """A renewal that was asked for then was granted."""
        self._until = max(self._until, asked_at_s + self.lease_s - self.margin_s)

    def end(self) -> None:
        """It is over."""
        self._until = 0.0

    def holds(self, now_s: float) -> bool:
        """Whether it may own now."""
        return now_s < self._until

    def left_s(self, now_s: float) -> float:
        """For how long it still may."""
        return max(0.0, self._until - now_s)


__all__ = ["NO_VIEW", "Member", "Members", "State", "Tenure", "View", "ViewId", "changed"]
