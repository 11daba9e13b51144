"""Asks actors anywhere for those who are none: a Session that starts, and HTTP.

Whatever is asked may be asked again: it is, where an actor lives elsewhere before it answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from ..config.clock import Clock
from ..config.errors import AskTimeoutError, Refusal, UnavailableError
from ..config.ids import name_shard
from ..config.limits import Limits
from .commands import Reply, ReplyTo
from .node_commands import Moved
from .ports import Cluster
from .roll_call import RollCall, RollTaker
from .runtime.actor import LoopActor


@dataclass(frozen=True, slots=True)
class _Open:
    """A question, and whose answer is waited for."""

    target: str
    question: Any
    answer: asyncio.Future[Any]


class Asker:
    """A node's open questions. Numbers are never used twice in a node's life."""

    def __init__(self, cluster: Cluster, clock: Clock, limits: Limits) -> None:
        self.name = f"ask:{cluster.node}/{cluster.incarnation}"
        self._cluster = cluster
        self._clock = clock
        self._limits = limits
        self._last_key = 0
        #: {key: question}: all and only the open ones.
        self._open: dict[int, _Open] = {}

    def next_key(self) -> int:
        """A number for a question of one's own, unlike any other's on this node."""
        self._last_key += 1
        return self._last_key

    async def request(
        self, target: str, make: Callable[[ReplyTo], Any], timeout_s: float | None = None
    ) -> Any:
        """Tell `target` what `make` makes, and wait for its answer.

        Args:
            timeout_s: Seconds; None for the limit of any request.

        Raises:
            Refusal: What the actor answered with.
            AskTimeoutError: No answer in time.
            UnavailableError: It could not be told.
        """
        key = self.next_key()
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        question = make(ReplyTo(self.name, key))
        self._open[key] = _Open(target, question, answer)
        timer = self._clock.call_later(
            self._limits.request_timeout_s if timeout_s is None else timeout_s,
            lambda: self.answered(Reply(key, AskTimeoutError())),
        )
        try:
            if not self._cluster.tell(target, question):
                raise UnavailableError
            result = await answer
        finally:
            timer.cancel()
            del self._open[key]
        if isinstance(result, Refusal):
            raise result
        return result

    def answered(self, reply: Reply) -> None:
        """Hand an answer to who waits for it; too late a one is dropped."""
        asked = self._open.get(reply.key)
        if asked is not None and not asked.answer.done():
            asked.answer.set_result(reply.result)

    def moved(self, shards: Collection[int]) -> None:
        """Ask the actors of these shards again: a question may have died with a node."""
        for asked in list(self._open.values()):
            if name_shard(asked.target) in shards:
                self._cluster.tell(asked.target, asked.question)


class AskerActor(LoopActor):
    """`ask:NODE/INCARNATION`: where the answers for an Asker arrive, and who answers roll calls."""

    def __init__(self, asker: Asker, roll: RollTaker) -> None:
        super().__init__()
        self._asker = asker
        self._roll = roll

    def on_receive(self, message: Any) -> None:
        """Nothing else comes here."""
        match message:
            case RollCall():
                self._roll.take(message)
            case Moved():
                self._asker.moved(message.shards)
            case _:
                self._asker.answered(message)


__all__ = ["Asker", "AskerActor"]
