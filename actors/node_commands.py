"""What a node tells its actors: that shards moved, that something may be missing."""

from __future__ import annotations

from dataclasses import dataclass

from .commands import ReplyTo


@dataclass(frozen=True, slots=True)
class TakeUp:
    """Be there: somebody reads the end of this actor's log, and only its owner knows how far it
    goes. To read the log when it starts is all that the actor has to do."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """The actor's shard is another node's now: finish what is under way, and go."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What was told to the actors of these shards is to be told again where they are now."""

    shards: frozenset[int]


@dataclass(frozen=True, slots=True)
class Reread:
    """Something may not have been pushed: read the heads and say how far they go.

    Attributes:
        again_s: And once more after so many seconds; 0 for not again.
    """

    again_s: float = 0.0


@dataclass(frozen=True, slots=True)
class AskStatus:
    """How is this node? Answered by NodeStatus."""

    reply: ReplyTo


__all__ = ["AskStatus", "HandOver", "Moved", "Reread", "TakeUp"]
