"""Commands of coming in by a link, and of going for good.

Shapes of what actors tell each other; see `gate` and `eraser` for what becomes of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..config.ids import UserId
from .commands import ReplyTo


@dataclass(frozen=True, slots=True)
class Vouch:
    """May this user make and end links to this group? Answered by Vouched."""

    reply: ReplyTo
    user: UserId


@dataclass(frozen=True, slots=True)
class Vouched:
    """The user may; `head` is the conversation's newest durable seq."""

    kind: Literal["direct", "group"]
    head: int


@dataclass(frozen=True, slots=True)
class JoinByLink:
    """Let this user in by a link that was made when the head was `made_at`. Answered by Acked."""

    reply: ReplyTo
    user: UserId
    made_at: int


@dataclass(frozen=True, slots=True)
class Depart:
    """This user's account goes, and so does the user. Answered by Acked, or NotFoundError.

    Attributes:
        reply: None when nobody waits.
    """

    reply: ReplyTo | None
    user: UserId


@dataclass(frozen=True, slots=True)
class Erase:
    """Go on with the deletion of an account that has begun."""


@dataclass(frozen=True, slots=True)
class Forget:
    """Everybody else has let this user go: remove what is left. Answered by Done."""

    reply: ReplyTo


__all__ = ["Depart", "Erase", "Forget", "JoinByLink", "Vouch", "Vouched"]
