"""A client's requests that other actors were told of, until they answer.

told -> answered: the client hears
     -> its actor lives elsewhere now: told there
     -> no answer: told once more, since the actor may have crashed with it
     -> still none: the client hears that it cannot be just now, and tries again

Told more than once, it is done as soon as one telling was done; a refusal counts only as the answer
to the last, since what was forbidden the first time may be done by the next.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

from ..config.clock import Clock
from ..config.errors import AskTimeoutError, NotFoundError, Refusal, UnavailableError
from ..config.ids import is_conv_id, name_shard
from ..config.limits import Limits
from ..config.units import SECONDS
from .asker import Asker
from .commands import Reply, ReplyTo
from .ports import Cluster, Connection
from .requests import Request

#: A command that got no answer by then is told once more: its actor may have crashed with it.
RETELL_S = 2 * SECONDS


@dataclass(slots=True)
class _Told:
    """A request, and the command that an actor was told for it.

    Attributes:
        command: As it was told last.
        told_at: When it was told first; monotonic seconds.
        late: It was told again since no answer came in time.
        later: The keys of what was told after the first.
    """

    request: Request
    target: str
    command: Any
    told_at: float
    late: bool = False
    later: tuple[int, ...] = ()


class UnderWay:
    """A Session's; there is none while nothing is under way."""

    __slots__ = (
        "_alarm",
        "_asker",
        "_clock",
        "_cluster",
        "_first",
        "_here",
        "_limits",
        "_set",
        "_told",
    )

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
        self._cluster = cluster
        self._asker = asker
        self._clock = clock
        self._limits = limits
        self._alarm = alarm
        self._set = False
        #: {key of what was told first: it}, in order.
        self._told: dict[int, _Told] = {}
        #: {key of a later telling: that of its first}.
        self._first: dict[int, int] = {}

    def tell(self, request: Request, target: str, make: Callable[[ReplyTo], Any]) -> None:
        """Tell an actor what `make` makes of where to reply."""
        outbox = self._here.outbox
        if target.startswith("conv:") and not is_conv_id(target[5:]):
            outbox.answer(request.id, NotFoundError("There is no such conversation."))
            return
        key = self._asker.next_key()
        command = make(ReplyTo(self._here.session, key))
        self._told[key] = _Told(request, target, command, self._clock.monotonic())
        if not self._cluster.tell(target, command):
            self._told.pop(key, None)
            outbox.answer(request.id, UnavailableError())
        elif not self._set:
            self._set = True
            self._alarm(RETELL_S)

    def take(self, reply: Reply) -> Request | None:
        """The request that this answers; None when it is answered already, a predecessor's, or
        refused before it was told again."""
        first = self._first.get(reply.key, reply.key)
        told = self._told.get(first)
        if told is None:
            return None
        if isinstance(reply.result, Refusal) and reply.key != told.command.reply.key:
            return None
        self._forget(first)
        return told.request

    def moved(self, shards: Collection[int]) -> None:
        """Tell the actors of these shards again: what was told before may have died with a node."""
        for first, told in self._told.items():
            if name_shard(told.target) in shards:
                self._again(first, told)

    def look(self) -> bool:
        """Tell again, or give up, what was not answered in time; False when nothing is left."""
        now = self._clock.monotonic()
        for first, told in list(self._told.items()):
            waited = now - told.told_at
            if waited >= self._limits.request_timeout_s:
                self._forget(first)
                self._here.outbox.answer(told.request.id, AskTimeoutError())
            elif waited >= RETELL_S and not told.late:
                told.late = True
                self._again(first, told)
        self._set = bool(self._told)
        if self._set:
            self._alarm(RETELL_S)
        return self._set

    def _again(self, first: int, told: _Told) -> None:
        key = self._asker.next_key()
        told.later += (key,)
        self._first[key] = first
        told.command = replace(told.command, reply=ReplyTo(self._here.session, key))
        self._cluster.tell(told.target, told.command)

    def _forget(self, first: int) -> None:
        for key in self._told.pop(first).later:
            del self._first[key]


__all__ = ["RETELL_S", "UnderWay"]
