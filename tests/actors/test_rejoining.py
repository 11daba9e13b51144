"""A Session attaches again, once its User has moved."""

from __future__ import annotations

from typing import Any, cast

from tests.support.chat import Chat, Device, chatting

from hubbub.actors.commands import Attach, Attached, Reply
from hubbub.actors.ports import Cluster
from hubbub.actors.rejoining import Rejoining
from hubbub.config.errors import Refusal, UnavailableError
from hubbub.config.ids import DeviceId, UserId, self_log, shard_of

ANN = UserId("u_" + "a" * 20)
HOME = shard_of(self_log(ANN))
ELSEWHERE = (HOME + 1) % 1024


class Told:
    """A cluster that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[Attach] = []

    def tell(self, name: str, message: Any) -> bool:
        assert name == f"user:{ANN}"
        assert isinstance(message, Attach)
        self.told.append(message)
        return True


class Session:
    """One that has to attach again."""

    def __init__(self, chat: Chat) -> None:
        self.cluster = Told()
        self.alarms = 0
        here = Device(chat, "session:n:i/1", ANN, DeviceId("v_1"), inst="x", attempt=2)
        self.rejoining = Rejoining(here, cast(Cluster, self.cluster), chat.asker, self._alarm)

    def _alarm(self) -> None:
        self.alarms += 1

    def answer(self, result: object, told: int = -1) -> bool:
        reply = Reply(self.cluster.told[told].reply.key, result)
        return self.rejoining.answered(reply) and self.rejoining.attached(result)


async def test_it_attaches_when_its_home_moved_and_only_then() -> None:
    async with chatting() as chat:
        session = Session(chat)
        session.rejoining.moved({ELSEWHERE})
        assert session.rejoining.go() == {ELSEWHERE}
        assert session.cluster.told == []
        session.rejoining.moved({HOME, ELSEWHERE})
        session.rejoining.moved({ELSEWHERE + 1})
        assert session.rejoining.go() == {HOME, ELSEWHERE, ELSEWHERE + 1}
        (told,) = session.cluster.told
        assert (told.session, told.device, told.inst, told.attempt) == (
            "session:n:i/1",
            "v_1",
            "x",
            2,
        )
        assert session.answer(Attached(0))
        assert session.rejoining.go() == set()


async def test_without_an_answer_it_asks_again_and_any_answer_of_the_home_will_do() -> None:
    async with chatting() as chat:
        session = Session(chat)
        session.rejoining.moved({HOME})
        session.rejoining.go()
        session.rejoining.go()
        assert session.alarms == 3
        assert session.answer(Attached(0), told=0)
        assert not session.answer(Attached(0), told=1)


async def test_an_answer_of_the_old_home_says_nothing() -> None:
    async with chatting() as chat:
        session = Session(chat)
        session.rejoining.moved({HOME})
        session.rejoining.go()
        session.rejoining.moved({HOME})
        assert not session.answer(Attached(0))
        session.rejoining.go()
        assert session.answer(Attached(0))


async def test_a_home_that_is_not_ready_is_asked_again_and_a_refusal_is_final() -> None:
    async with chatting() as chat:
        session = Session(chat)
        session.rejoining.moved({HOME})
        session.rejoining.go()
        assert not session.answer(UnavailableError())
        assert session.rejoining.go() == {HOME}
        assert not session.answer(Refusal("A newer connection of this device is here."))
        assert session.rejoining.go() == set()
        assert len(session.cluster.told) == 2
