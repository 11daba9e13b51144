"""What a parent is told of an actor that is gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from .ref import LoopActorRef


@dataclass(frozen=True, slots=True)
class Exit:
    """An actor, or a service, is gone.

    Attributes:
        ref: The actor's; None for a service.
        name: What it was called. The name is free from now on.
        reason: What it crashed with; None after an ordinary stop.
        leftovers: Messages and asks that waited, in order, of an actor that `keeps_mailbox` and
            crashed. They are the listener's now: to be reserved for a successor of that name
            (`ActorSystem.reserve`) or given up (`ActorSystem.discard`). Otherwise empty.
        started: False when it never got through its start.
    """

    ref: LoopActorRef[Any] | None
    name: str
    reason: BaseException | None = None
    leftovers: list[Any] = field(default_factory=list[Any], repr=False)
    started: bool = True


ExitListener: TypeAlias = Callable[[Exit], None]
"""Called once, on the loop, when the actor is gone; what it raises is logged and goes no further.
"""

__all__ = ["Exit", "ExitListener"]
