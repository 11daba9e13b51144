"""A client's requests that other actors were told of, until they answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from tests.support.chat import Chat, Device, HeardOutbox, chatting
from tests.support.clock import ManualClock

from hubbub.actors.commands import Describe, Reply
from hubbub.actors.ports import Cluster
from hubbub.actors.requests import DescribeRequest
from hubbub.actors.under_way import RETELL_S, UnderWay
from hubbub.config.errors import (
    AskTimeoutError,
    ForbiddenError,
    NotFoundError,
    UnavailableError,
)
from hubbub.config.ids import ConvId, DeviceId, UserId, shard_of

CONV = "conv:g_" + "a" * 26
ASK = DescribeRequest(3, ConvId(CONV[5:]))


class Told:
    """A cluster that keeps what it is told."""

    def __init__(self) -> None:
        self.reaches = True
        self.told: list[tuple[str, Any]] = []

    def tell(self, name: str, message: Any) -> bool:
        self.told.append((name, message))
        return self.reaches


class Desk:
    """What is under way for one device."""

    def __init__(self, chat: Chat, clock: ManualClock) -> None:
        self.cluster = Told()
        self.clock = clock
        self.outbox = HeardOutbox()
        self.alarms: list[float] = []
        here = Device(chat, "session:n:i/1", UserId("u_ann"), DeviceId("v_1"), outbox=self.outbox)
        self.under_way = UnderWay(
            here,
            cast(Cluster, self.cluster),
            chat.asker,
            clock,
            chat.limits,
            self.alarms.append,
        )

    def ask(self, target: str = CONV) -> None:
        self.under_way.tell(ASK, target, lambda to: Describe(to, UserId("u_ann")))

    def told_twice(self) -> bool:
        """Whether it was told the same two times, but for where the answer goes."""
        (one, first), (two, again) = self.cluster.told
        return one == two and replace(again, reply=first.reply) == first

    @property
    def key(self) -> int:
        command = self.cluster.told[-1][1]
        assert isinstance(command, Describe)
        return command.reply.key


async def test_an_answer_finds_its_request_once() -> None:
    async with chatting() as chat:
        desk = Desk(chat, ManualClock())
        desk.ask()
        assert desk.alarms == [RETELL_S]
        assert desk.under_way.take(Reply(desk.key + 1, None)) is None
        assert desk.under_way.take(Reply(desk.key, None)) == ASK
        assert desk.under_way.take(Reply(desk.key, None)) is None
        assert not desk.under_way.look()


async def test_without_an_answer_it_is_told_once_more_and_then_given_up() -> None:
    async with chatting() as chat:
        desk = Desk(chat, clock := ManualClock())
        desk.ask()
        clock.advance(RETELL_S)
        assert desk.under_way.look()
        clock.advance(RETELL_S)
        assert desk.under_way.look()
        assert len(desk.cluster.told) == 2
        assert desk.told_twice()
        clock.advance(chat.limits.request_timeout_s - 2 * RETELL_S)
        assert not desk.under_way.look()
        ((request, answer),) = desk.outbox.answers
        assert request == 3
        assert isinstance(answer, AskTimeoutError)


async def test_what_an_actor_was_told_that_moved_is_told_where_it_lives_now() -> None:
    async with chatting() as chat:
        desk = Desk(chat, ManualClock())
        desk.ask()
        here = shard_of(CONV[5:])
        desk.under_way.moved({here + 1})
        assert len(desk.cluster.told) == 1
        desk.under_way.moved({here})
        assert desk.told_twice()
        assert desk.under_way.take(Reply(desk.key, None)) == ASK
        desk.under_way.moved({here})
        assert len(desk.cluster.told) == 2


async def test_what_was_refused_when_it_was_told_first_may_be_done_when_it_is_told_again() -> None:
    """The first answer comes late; what counts is what became of it last."""
    async with chatting() as chat:
        desk = Desk(chat, clock := ManualClock())
        desk.ask()
        first = desk.key
        clock.advance(RETELL_S)
        desk.under_way.look()
        again = desk.key
        assert desk.under_way.take(Reply(first, ForbiddenError("Not yet."))) is None
        desk.under_way.moved({shard_of(CONV[5:])})
        assert desk.under_way.take(Reply(again, ForbiddenError("Not yet."))) is None
        assert len({first, again, desk.key}) == 3
        assert desk.under_way.take(Reply(desk.key, None)) == ASK
        assert desk.under_way.take(Reply(desk.key, None)) is None


async def test_what_was_done_when_it_was_told_first_is_done_though_it_was_told_again() -> None:
    """Else who is further away than it takes to be told again would never hear of it."""
    async with chatting() as chat:
        desk = Desk(chat, clock := ManualClock())
        desk.ask()
        desk.ask()
        first, second = (command.reply.key for _, command in desk.cluster.told)
        clock.advance(RETELL_S)
        desk.under_way.look()
        desk.under_way.moved({shard_of(CONV[5:])})
        again = [command.reply.key for _, command in desk.cluster.told[2:]]
        assert desk.under_way.take(Reply(first, None)) == ASK
        assert desk.under_way.take(Reply(again[1], None)) == ASK
        assert [desk.under_way.take(Reply(key, None)) for key in (first, second, *again)] == (
            [None] * 6
        )
        assert not desk.under_way.look()


async def test_a_refusal_of_what_was_told_last_counts() -> None:
    async with chatting() as chat:
        desk = Desk(chat, clock := ManualClock())
        desk.ask()
        clock.advance(RETELL_S)
        desk.under_way.look()
        assert desk.under_way.take(Reply(desk.key, ForbiddenError("No."))) == ASK


async def test_one_alarm_is_set_at_a_time() -> None:
    async with chatting() as chat:
        desk = Desk(chat, ManualClock())
        desk.ask()
        desk.ask()
        assert desk.alarms == [RETELL_S]
        desk.under_way.look()
        assert desk.alarms == [RETELL_S] * 2


async def test_what_cannot_be_told_is_answered_at_once() -> None:
    async with chatting() as chat:
        desk = Desk(chat, ManualClock())
        desk.cluster.reaches = False
        desk.ask()
        desk.ask("conv:nonsense")
        assert [type(answer) for _, answer in desk.outbox.answers] == [
            UnavailableError,
            NotFoundError,
        ]
        assert len(desk.cluster.told) == 1
        assert desk.alarms == []
