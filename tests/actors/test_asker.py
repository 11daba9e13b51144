"""Questions of those who are no actor."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.support.chat import chatting
from tests.support.clock import ManualClock

from hubbub.actors.answers import Done
from hubbub.actors.commands import Reply, ReplyTo
from hubbub.actors.runtime.actor import LoopActor
from hubbub.config.errors import AskTimeoutError, NotFoundError, UnavailableError


class Echo(LoopActor):
    """Answers with what it is told to, or never."""

    def __init__(self, cluster: Any) -> None:
        super().__init__()
        self.cluster = cluster

    def on_receive(self, message: tuple[ReplyTo, Any]) -> None:
        reply, result = message
        if result is not None:
            self.cluster.tell(reply.name, Reply(reply.key, result))


async def test_an_answer_comes_back_and_a_refusal_is_raised() -> None:
    async with chatting() as chat:
        chat.system.spawn(Echo, chat.cluster, name="echo:1")
        assert await chat.asker.request("echo:1", lambda to: (to, Done())) == Done()
        with pytest.raises(NotFoundError):
            await chat.asker.request("echo:1", lambda to: (to, NotFoundError("No.")))


async def test_who_gets_no_answer_hears_so_in_time() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        chat.system.spawn(Echo, chat.cluster, name="echo:1")
        waiting = asyncio.gather(
            chat.asker.request("echo:1", lambda to: (to, None), 3), return_exceptions=True
        )
        await chat.settle()
        clock.advance(2.9)
        await chat.settle()
        assert not waiting.done()
        clock.advance(0.2)
        (error,) = await waiting
        assert isinstance(error, AskTimeoutError)
        assert clock.pending == 0


async def test_a_name_that_nobody_has_is_unavailable_at_once() -> None:
    async with chatting() as chat:
        with pytest.raises(UnavailableError):
            await chat.asker.request("echo:1", lambda to: (to, None))


async def test_an_answer_too_late_is_dropped() -> None:
    async with chatting() as chat:
        chat.cluster.tell(chat.asker.name, Reply(99, Done()))
        await chat.settle()
        assert chat.system.lookup(chat.asker.name) is not None
