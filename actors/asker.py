"""Asks actors anywhere for those who are none: a Session that starts, and HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ..config.clock import Clock
from ..config.errors import AskTimeoutError, Refusal, UnavailableError
from ..config.limits import Limits
from .commands import Reply, ReplyTo
from .ports import Cluster
from .roll_call import RollCall, RollTaker
from .runtime.actor import LoopActor


class Asker:
    """A node's open questions. Numbers are never used twice in a node's life."""

    def __init__(self, cluster: Cluster, clock: Clock, limits: Limits) -> None:
        self.name = f"ask:{cluster.node}/{cluster.incarnation}"
        self._cluster = cluster
        self._clock = clock
        self._limits = limits
        self._last_key = 0
        #: {key: future}: all and only the open questions.
        self._open: dict[int, asyncio.Future[Any]] = {}

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
        self._open[key] = answer
        timer = self._clock.call_later(
            self._limits.request_timeout_s if timeout_s is None else timeout_s,
            lambda: self.answered(Reply(key, AskTimeoutError())),
        )
        try:
            if not self._cluster.tell(target, make(ReplyTo(self.name, key))):
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
        answer = self._open.get(reply.key)
        if answer is not None and not answer.done():
            answer.set_result(reply.result)


class AskerActor(LoopActor):
    """`ask:NODE/INCARNATION`: where the answers for an Asker arrive, and who answers roll calls."""

    def __init__(self, asker: Asker, roll: RollTaker) -> None:
        super().__init__()
        self._asker = asker
        self._roll = roll

    def on_receive(self, message: Any) -> None:
        """Nothing else comes here."""
        if isinstance(message, RollCall):
            self._roll.take(message)
        else:
            self._asker.answered(message)


__all__ = ["Asker", "AskerActor"]
