"""Messages from other threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import pykka
import pytest

from hubbub.actors.runtime.actor import LoopActor
from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.errors import MailboxFullError

T = TypeVar("T")


class Echo(LoopActor):
    """Answers what it gets."""

    def __init__(self, got: list[Any] | None = None) -> None:
        super().__init__()
        self._got = [] if got is None else got

    def on_receive(self, message: Any) -> Any:
        self._got.append(message)
        return message


@pytest.fixture
async def system() -> AsyncIterator[ActorSystem]:
    async with ActorSystem() as system:
        yield system


async def meanwhile(call: Callable[[], T]) -> T:
    """Call on another thread, while the loop goes on."""
    return await asyncio.to_thread(call)


def held(call: Callable[[], T]) -> T:
    """Call on another thread, while the loop stands still."""
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(call())
        except Exception as error:  # noqa: BLE001 - whatever it raises, the test gets
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


async def test_a_thread_tells_and_asks_in_order(system: ActorSystem) -> None:
    got: list[int] = []
    ref = system.spawn(Echo, got)

    def work() -> Any:
        for n in range(500):
            ref.tell(n)
        return ref.ask("last")

    assert await meanwhile(work) == "last"
    assert got == [*range(500), "last"]


async def test_many_threads_lose_nothing_and_keep_each_its_order(system: ActorSystem) -> None:
    got: list[tuple[int, int]] = []
    ref = system.spawn(Echo, got)

    def work(thread: int) -> None:
        for n in range(200):
            ref.tell((thread, n))

    await asyncio.gather(*(asyncio.to_thread(work, thread) for thread in range(4)))
    await system.settle()
    assert len(got) == 800
    for thread in range(4):
        assert [n for t, n in got if t == thread] == list(range(200))


async def test_a_flood_is_refused_on_the_way_already(system: ActorSystem) -> None:
    ref = system.spawn(Echo, mailbox_limit=3)

    def flood() -> int:
        for n in range(10):
            try:
                ref.tell(n)
            except MailboxFullError:
                return n
        return 10

    assert held(flood) == 3
    with pytest.raises(MailboxFullError):
        held(lambda: ref.ask("one too many"))
    stopped = held(lambda: ref.stop(block=False))
    assert await stopped
    await system.settle()
    assert not system.dead_letters.counts


async def test_what_finds_the_mailbox_full_on_arrival_is_a_dead_letter_or_an_answer(
    system: ActorSystem,
) -> None:
    ref = system.spawn(Echo, mailbox_limit=2)
    await system.settle()
    held(lambda: ref.tell("from afar"))
    answer = held(lambda: ref.ask("from afar", block=False))
    for n in range(2):
        ref.tell(n)
    with pytest.raises(MailboxFullError):
        await answer
    assert system.dead_letters.counts == {"full": 1}


async def test_what_finds_the_actor_dead_on_arrival_is_a_dead_letter_or_an_answer(
    system: ActorSystem,
) -> None:
    ref = system.spawn(Echo)
    held(lambda: ref.tell("from afar"))
    answer = held(lambda: ref.ask("from afar", block=False))
    own = held(lambda: ref.tell_if_alive("own"))
    ref.stop()
    with pytest.raises(pykka.ActorDeadError):
        await answer
    assert own
    assert system.dead_letters.counts == {"stopped": 1}


async def test_a_dead_actor_is_found_dead_from_afar_too(system: ActorSystem) -> None:
    ref = system.spawn(Echo)
    ref.stop()
    with pytest.raises(pykka.ActorDeadError):
        held(lambda: ref.tell("x"))
    with pytest.raises(pykka.ActorDeadError):
        held(lambda: ref.ask("x"))
    assert held(lambda: ref.tell_if_alive("x")) is False


async def test_a_thread_can_report_to_its_actor_in_a_full_mailbox(system: ActorSystem) -> None:
    got: list[Any] = []
    ref = system.spawn(Echo, got, mailbox_limit=1)
    ref.tell("waits")
    assert held(lambda: ref.tell_if_alive("outcome"))
    await system.settle()
    assert got == ["waits", "outcome"]


def test_when_the_system_is_gone_the_actor_is_dead() -> None:
    async def scene() -> Any:
        async with ActorSystem() as system:
            return system.spawn(Echo)

    ref = asyncio.run(scene())
    with pytest.raises(pykka.ActorDeadError):
        ref.tell("x")
    assert ref.tell_if_alive("x") is False
    assert ref.stop() is False


async def test_an_actor_of_a_system_that_has_not_begun_takes_nothing_from_afar() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Echo)
        system.afar.close()
        with pytest.raises(pykka.ActorDeadError, match="stopped"):
            held(lambda: ref.tell("x"))
        assert held(lambda: ref.tell_if_alive("x")) is False


# --- both kinds of actors -----------------------------------------------------------------------


class Threaded(pykka.ThreadingActor):
    """Passes on what it gets, and says what came back."""

    def __init__(self, to: pykka.ActorRef[Any] | None = None) -> None:
        super().__init__()
        self._to = to

    def on_receive(self, message: Any) -> Any:
        if message == "fail":
            raise ValueError("no")
        return ("threaded", self._to.ask(message) if self._to is not None else message)


async def test_a_threading_actor_asks_a_loop_actor(system: ActorSystem) -> None:
    threaded = Threaded.start(system.spawn(Echo))
    try:
        answer = await system.ask(threaded, "hello", timeout_s=10)
        assert answer == ("threaded", "hello")
    finally:
        threaded.stop()


async def test_a_loop_actor_asks_a_threading_actor_that_asks_back(system: ActorSystem) -> None:
    class Asker(LoopActor):
        async def on_receive(self, message: Any) -> Any:
            return await self.system.ask(threaded, message, timeout_s=10)

    threaded = Threaded.start(system.spawn(Echo))
    try:
        answer = await system.spawn(Asker).ask("hello", block=False)
        assert answer == ("threaded", "hello")
    finally:
        threaded.stop()


async def test_what_a_threading_actor_raises_reaches_the_loop(system: ActorSystem) -> None:
    threaded = Threaded.start()
    try:
        with pytest.raises(ValueError, match="no"):
            await system.ask(threaded, "fail", timeout_s=10)
    finally:
        threaded.stop()
    with pytest.raises(pykka.ActorDeadError):
        await system.ask(threaded, "too late", timeout_s=10)
