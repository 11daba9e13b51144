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
from ..config.limits import Limits
from .commands import Reply, ReplyTo
from .node_commands import Moved
from .ports import Cluster
from .roll_call import RollCall, RollTaker
from .runtime.actor import LoopActor
from .tellings import Telling, Tellings


@dataclass(slots=True, eq=False)
class _Question(Telling):
    """A question, and what its answer is waited for with."""

    answer: asyncio.Future[Any]


class Asker:
    """A node's open questions. Numbers are never used twice in a node's life."""

    def __init__(self, cluster: Cluster, clock: Clock, limits: Limits) -> None:
        self.name = f"ask:{cluster.node}/{cluster.incarnation}"
        self._clock = clock
        self._limits = limits
        self._last_key = 0
        self._open = Tellings[_Question](cluster, self.name, self.next_key)

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
        question = _Question(target, make, asyncio.get_running_loop().create_future())
        timer = self._clock.call_later(
            self._limits.request_timeout_s if timeout_s is None else timeout_s,
            lambda: _settle(question, AskTimeoutError()),
        )
        try:
            if not self._open.tell(question):
                raise UnavailableError
            result = await question.answer
        finally:
            timer.cancel()
            self._open.close(question)
        if isinstance(result, Refusal):
            raise result
        return result

    def answered(self, reply: Reply) -> None:
        """Hand an answer to who waits for it; one that does not count is dropped."""
        question = self._open.answered(reply)
        if question is not None:
            _settle(question, reply.result)

    def moved(self, shards: Collection[int]) -> None:
        """Ask the actors of these shards again: a question may have died with a node."""
        self._open.moved(shards)


def _settle(question: _Question, result: Any) -> None:
    if not question.answer.done():
        question.answer.set_result(result)


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
