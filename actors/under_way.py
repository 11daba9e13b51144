"""A client's requests that other actors were told of, until they answer.

told -> answered: the client hears
     -> its actor lives elsewhere now: told there
     -> no answer: told once more, since the actor may have crashed with it
     -> still none: the client hears that it cannot be just now, and tries again
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from ..config.clock import Clock
from ..config.errors import AskTimeoutError, NotFoundError, UnavailableError
from ..config.ids import is_conv_id
from ..config.limits import Limits
from ..config.units import SECONDS
from .asker import Asker
from .commands import Reply, ReplyTo
from .ports import Cluster, Connection
from .requests import Request
from .tellings import Telling, Tellings

#: A command that got no answer by then is told once more: its actor may have crashed with it.
RETELL_S = 2 * SECONDS


@dataclass(slots=True, eq=False)
class _Asked(Telling):
    """What an actor was told for a request.

    Attributes:
        told_at: When it was told first; monotonic seconds.
        late: It was told again since no answer came in time.
    """

    request: Request
    told_at: float
    late: bool = False


class UnderWay:
    """A Session's; there is none while nothing is under way."""

    __slots__ = ("_alarm", "_clock", "_here", "_limits", "_set", "_told")

    def __init__(
        self,
        here: Connection,
        cluster: Cluster,
        asker: Asker,
        clock: Clock,
        limits: Limits,
        alarm: Callable[[float], object],
    ) -> None:
        """Nothing is.

        Args:
            alarm: Has `look` called after so many seconds.
        """
        self._here = here
        self._clock = clock
        self._limits = limits
        self._alarm = alarm
        self._set = False
        self._told = Tellings[_Asked](cluster, here.session, asker.next_key)

    def tell(self, request: Request, target: str, make: Callable[[ReplyTo], Any]) -> None:
        """Tell an actor what `make` makes of where to reply."""
        outbox = self._here.outbox
        if target.startswith("conv:") and not is_conv_id(target[5:]):
            outbox.answer(request.id, NotFoundError("There is no such conversation."))
            return
        asked = _Asked(target, make, request, self._clock.monotonic())
        if not self._told.tell(asked):
            self._told.close(asked)
            outbox.answer(request.id, UnavailableError())
        elif not self._set:
            self._set = True
            self._alarm(RETELL_S)

    def take(self, reply: Reply) -> Request | None:
        """The request that this answers; None when it is answered already, or a predecessor's, or
        was told again since it was refused."""
        asked = self._told.answered(reply)
        return None if asked is None else asked.request

    def moved(self, shards: Collection[int]) -> None:
        """Tell the actors of these shards again: what was told before may have died with a node."""
        self._told.moved(shards)

    def look(self) -> bool:
        """Tell again, or give up, what was not answered in time; False when nothing is left."""
        now = self._clock.monotonic()
        for asked in self._told:
            waited = now - asked.told_at
            if waited >= self._limits.request_timeout_s:
                self._told.close(asked)
                self._here.outbox.answer(asked.request.id, AskTimeoutError())
            elif waited >= RETELL_S and not asked.late:
                asked.late = True
                self._told.tell(asked)
        self._set = bool(self._told)
        if self._set:
            self._alarm(RETELL_S)
        return self._set


__all__ = ["RETELL_S", "UnderWay"]
