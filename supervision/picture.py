"""A picture of a supervision tree as it is now: what `hubbub tree` shows.

A supervisor of many is shown by its numbers, and by some of its children, those in trouble first:
a picture never has more lines than `MOST_LINES`, and making one never walks over a million actors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from ..actors.runtime.ref import (
    DEAD,
    IDLE,
    LEAVING,
    NEW,
    QUEUED,
    RUNNING,
    SUSPENDED,
    LoopActorRef,
)
from ..actors.runtime.system import ActorSystem
from ..config.errors import BadRequestError, NotFoundError
from .control import Command
from .dynamic import DynamicSupervisor
from .orders import ChildInfo
from .supervisor import Supervisor

#: The most lines of a picture, and the most children of one supervisor of many that are shown.
MOST_LINES: Final = 10_000

_STATES: Final = {
    NEW: "starting",
    IDLE: "idle",
    QUEUED: "busy",
    RUNNING: "busy",
    SUSPENDED: "waiting",
    LEAVING: "leaving",
    DEAD: "leaving",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One child, and what is below it.

    Attributes:
        kind: Its class; "" while it is down.
        state: "running" for what is no actor; "restarting" or "stopped" while it is down; else
            what the actor does: "starting", "idle", "busy", "waiting" (for the world), "leaving".
        restarts: How often it was started again after it had ended by itself.
        mailbox: How many messages wait for it; 0 for what is no actor.
        last_error: What it crashed with last, and of a supervisor of many what one of its children
            did; "" for none.
        count: How many children it has.
        child_restarts: How often one of those was started again.
        children: Those that are shown.
    """

    name: str
    type: Literal["worker", "supervisor"]
    kind: str
    state: str
    restarts: int
    mailbox: int
    last_error: str
    count: int = 0
    child_restarts: int = 0
    children: list[Line] = field(default_factory=list["Line"])


class _Painter:
    """Makes one picture.

    Args:
        limit: How many children of a supervisor of many are shown.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._left = MOST_LINES

    def line(self, info: ChildInfo) -> Line:
        """A child, and those below it."""
        self._left -= 1
        child = info.child
        name, error = _printable(info.name), _printable(info.last_error)
        if child is None:
            return Line(name, info.type, "", info.state, info.restarts, 0, error)
        if not isinstance(child, LoopActorRef):
            kind = type(child).__name__
            return Line(name, info.type, kind, info.state, info.restarts, 0, error)
        actor = child.actor
        count = child_restarts = 0
        below: list[ChildInfo] = []
        if isinstance(actor, Supervisor):
            below = actor.which_children()
            count, child_restarts = len(below), sum(each.restarts for each in below)
        elif isinstance(actor, DynamicSupervisor):
            below = actor.which_children(min(self._limit, max(0, self._left)))
            count, child_restarts = actor.count, actor.restarts
            error = error or _printable(actor.last_error)
        return Line(
            name,
            info.type,
            child.actor_class.__name__,
            _STATES[child.state],
            info.restarts,
            len(child),
            error,
            count,
            child_restarts,
            [self.line(each) for each in below],
        )


def picture(system: ActorSystem, root: str, limit: int = 0) -> Line:
    """The tree below a supervisor.

    Args:
        limit: How many children of a supervisor of many are shown; their number always is.

    Raises:
        NotFoundError: There is no such actor.
    """
    ref = system.lookup(root)
    if ref is None:
        raise NotFoundError(f"There is no supervisor {root}.")
    info = ChildInfo(root, ref, "running", "supervisor", 0, "")
    return _Painter(limit).line(info)


def tree_command(system: ActorSystem, root: str) -> Command:
    """What the control socket offers as "tree"; `limit` is a number of children."""

    async def tree(args: Mapping[str, str]) -> dict[str, Any]:
        limit = args.get("limit", "0")
        if not limit.isdecimal() or int(limit) > MOST_LINES:
            raise BadRequestError(f"The limit is a number up to {MOST_LINES}.")
        return asdict(picture(system, root, int(limit)))

    return tree


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)


__all__ = ["MOST_LINES", "Line", "picture", "tree_command"]
