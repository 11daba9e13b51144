"""Questions of those who are no actor."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.support.chat import chatting
from tests.support.clock import ManualClock

from hubbub.actors.answers import Done
from hubbub.actors.commands import Reply, ReplyTo
from hubbub.actors.node_commands import Moved
from hubbub.actors.runtime.actor import LoopActor
from hubbub.config.errors import AskTimeoutError, NotFoundError, UnavailableError
from hubbub.config.ids import shard_of

CONV = "g_" + "a" * 26


class Echo(LoopActor):
    """Answers with what it is told to, or never."""

    def __init__(self, cluster: Any) -> None:
        super().__init__()
        self.cluster = cluster

    def on_receive(self, message: tuple[ReplyTo, Any]) -> None:
        reply, result = message
        if result is not None:
            self.cluster.tell(reply.name, Reply(reply.key, result))


class Elsewhere(LoopActor):
    """Keeps who asked, and answers nobody."""

    def __init__(self, asked: list[ReplyTo]) -> None:
        super().__init__()
        self.asked = asked

    def on_receive(self, message: tuple[ReplyTo, Any]) -> None:
        self.asked.append(message[0])


class Deaf(Echo):
    """Does not hear what it is told first."""

    deaf = True

    def on_receive(self, message: tuple[ReplyTo, Any]) -> None:
        if not self.deaf:
            super().on_receive(message)
        self.deaf = False


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


async def test_a_question_to_an_actor_that_moved_is_asked_again_and_answered_once() -> None:
    async with chatting() as chat:
        actor = f"conv:{CONV}"
        chat.system.spawn(Deaf, chat.cluster, name=actor)
        waiting = asyncio.ensure_future(chat.asker.request(actor, lambda to: (to, Done())))  # noqa: TID251
        await chat.settle()
        assert not waiting.done()
        elsewhere = frozenset({shard_of(CONV) + 1})
        chat.system.tell(chat.asker.name, Moved(elsewhere))
        await chat.settle()
        assert not waiting.done()
        chat.system.tell(chat.asker.name, Moved(frozenset({shard_of(CONV)})))
        assert await waiting == Done()


async def test_what_an_actor_refused_where_it_lived_may_be_done_where_it_lives() -> None:
    asked: list[ReplyTo] = []
    async with chatting() as chat:
        actor = f"conv:{CONV}"
        chat.system.spawn(Elsewhere, asked, name=actor)
        waiting = asyncio.ensure_future(chat.asker.request(actor, lambda to: (to, None)))  # noqa: TID251
        await chat.settle()
        chat.system.tell(chat.asker.name, Moved(frozenset({shard_of(CONV)})))
        await chat.settle()
        there, here = asked
        chat.system.tell(there.name, Reply(there.key, NotFoundError("Not yet.")))
        await chat.settle()
        assert not waiting.done()
        chat.system.tell(here.name, Reply(here.key, Done()))
        assert await waiting == Done()
