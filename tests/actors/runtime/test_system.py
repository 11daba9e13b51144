"""Everything that lives on one loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pykka
import pytest
from tests.support.clock import ManualClock

from hubbub.actors.runtime.actor import LoopActor
from hubbub.actors.runtime.dead_letters import DeadLetter
from hubbub.actors.runtime.exits import Exit
from hubbub.actors.runtime.future import LoopFuture
from hubbub.actors.runtime.ref import LoopActorRef
from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.clock import LoopClock, SystemChance
from hubbub.config.errors import AskTimeoutError, MailboxFullError, UnavailableError


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def system(clock: ManualClock) -> AsyncIterator[ActorSystem]:
    async with ActorSystem(clock=clock) as system:
        yield system


class Echo(LoopActor):
    """Answers what it gets, and writes it down."""

    def __init__(self, story: list[Any] | None = None) -> None:
        super().__init__()
        self.story = [] if story is None else story

    def on_receive(self, message: Any) -> Any:
        if message == "hang":
            return asyncio.Event().wait()
        if message == "crash":
            raise ValueError
        self.story.append(message)
        return message

    def on_stop(self) -> None:
        self.story.append("stop")


# --- names --------------------------------------------------------------------------------------


async def test_an_actor_is_told_by_its_name(system: ActorSystem) -> None:
    story: list[Any] = []
    ref = system.spawn(Echo, story, name="user:a")
    assert system.tell("user:a", 1)
    await system.settle()
    assert story == [1]
    assert system.lookup("user:a") is ref


async def test_a_name_has_one_living_actor(system: ActorSystem) -> None:
    ref = system.spawn(Echo, name="user:a")
    with pytest.raises(ValueError, match="taken"):
        system.spawn(Echo, name="user:a")
    ref.stop()
    assert system.spawn(Echo, name="user:a") is not ref


async def test_a_constructor_that_fails_leaves_nothing_behind(system: ActorSystem) -> None:
    class Broken(LoopActor):
        def __init__(self) -> None:
            raise KeyError

    with pytest.raises(KeyError):
        system.spawn(Broken, name="user:a")
    assert system.lookup("user:a") is None


async def test_constructor_arguments_may_be_called_as_spawns_own(system: ActorSystem) -> None:
    class Named(LoopActor):
        def __init__(self, name: str, parent: str) -> None:
            super().__init__()
            self.given = (name, parent)

    ref = system.start(Named, (), {"name": "x", "parent": "y"}, "user:a")
    assert ref.name == "user:a"
    assert await ref.proxy().given == ("x", "y")


async def test_a_message_for_an_unknown_name_is_a_dead_letter(system: ActorSystem) -> None:
    heard: list[DeadLetter] = []
    system.dead_letters.subscribe(heard.append)
    assert not system.tell("user:a", "hello")
    assert heard == [DeadLetter("unknown", "user:a", "hello")]


async def test_telling_only_the_living_loses_nothing_worth_counting(system: ActorSystem) -> None:
    activated: list[str] = []
    system.set_activator("user", activated.append)
    assert not system.tell("user:a", "hello", activate=False)
    assert activated == []
    assert not system.dead_letters.counts


async def test_a_first_message_activates_its_name(system: ActorSystem) -> None:
    story: list[Any] = []
    system.set_activator("user", lambda name: system.spawn(Echo, story, name=name))
    assert system.tell("user:a", 1)
    assert system.tell("user:a", 2, in_place=True)
    assert await system.ask("user:a", 3, timeout_s=1) == 3
    assert story == [1, 2, 3]


async def test_an_activator_that_brings_nobody_to_life_leaves_a_dead_letter(
    system: ActorSystem,
) -> None:
    system.set_activator("user", lambda name: None)
    assert not system.tell("user:a", 1)
    assert system.dead_letters.counts == {"unknown": 1}


async def test_what_an_activator_raises_the_teller_gets(system: ActorSystem) -> None:
    def refuse(name: str) -> None:
        raise UnavailableError

    system.set_activator("user", refuse)
    with pytest.raises(UnavailableError):
        system.tell("user:a", 1)


async def test_a_full_mailbox_says_so_to_who_tells_by_name(system: ActorSystem) -> None:
    system.spawn(Echo, name="user:a", mailbox_limit=1)
    system.tell("user:a", 1)
    with pytest.raises(MailboxFullError):
        system.tell("user:a", 2, in_place=True)


async def test_many_told_at_once_hear_in_place_if_they_live(system: ActorSystem) -> None:
    story: list[Any] = []
    system.set_activator("user", pytest.fail)
    for name in ("user:a", "user:b"):
        system.spawn(Echo, story, name=name)
    await system.settle()
    assert system.tell_living(("user:a", "user:nobody", "user:b"), "news") == []
    assert story == ["news", "news"]
    assert not system.dead_letters.counts


async def test_many_told_at_once_are_counted_where_there_is_no_room(system: ActorSystem) -> None:
    for name in ("user:a", "user:b"):
        system.spawn(Echo, name=name, mailbox_limit=1)
    system.tell("user:a", 1)
    assert system.tell_living(("user:a", "user:b"), "news") == ["user:a"]


async def test_many_told_at_once_wait_for_one_that_is_being_restarted(system: ActorSystem) -> None:
    story: list[Any] = []
    system.reserve("user:a", [], keeps=True, limit=1)
    assert system.tell_living(("user:a",), "news") == []
    assert system.tell_living(("user:a",), "more") == ["user:a"]
    system.spawn(Echo, story, name="user:a")
    await system.settle()
    assert story == ["news"]


async def test_many_told_at_once_miss_one_that_leaves(system: ActorSystem) -> None:
    class Lingering(Echo):
        async def on_stop(self) -> None:  # type: ignore[override]  # may be async
            await gone.wait()

    gone = asyncio.Event()
    story: list[Any] = []
    system.spawn(Lingering, story, name="user:a").stop(block=False)
    await system.settle()
    assert "user:a" in system.names.living
    assert system.tell_living(("user:a",), "news") == []
    gone.set()
    await system.settle()
    assert story == []


# --- passivation --------------------------------------------------------------------------------


async def test_a_passivated_actor_stops_and_its_name_activates_anew(system: ActorSystem) -> None:
    story: list[Any] = []
    exits: list[Exit] = []
    system.set_activator(
        "user", lambda name: system.spawn(Echo, story, name=name, parent=exits.append)
    )
    system.tell("user:a", 1)
    await system.settle()
    first = system.lookup("user:a")
    assert first is not None
    assert first.actor is not None
    assert system.passivate(first.actor)
    assert story == [1, "stop"]
    assert [(exit.ref, exit.reason) for exit in exits] == [(first, None)]
    assert not first.is_alive()
    system.tell("user:a", 2)
    await system.settle()
    assert story == [1, "stop", 2]
    assert system.lookup("user:a") is not first


async def test_an_actor_with_something_to_do_is_not_passivated(system: ActorSystem) -> None:
    ref = system.spawn(Echo)
    actor = ref.actor
    assert actor is not None
    assert not system.passivate(actor), "it has not started"
    await system.settle()
    ref.tell(1)
    assert not system.passivate(actor), "a message waits"
    ref.tell("hang")
    await system.settle()
    assert not system.passivate(actor), "it is suspended"
    system.kill(ref)
    assert not system.passivate(actor), "it is dead"


# --- reserved names -----------------------------------------------------------------------------


async def test_messages_for_a_reserved_name_wait_for_its_next_actor(system: ActorSystem) -> None:
    activated: list[str] = []
    system.set_activator("user", activated.append)
    system.reserve("user:a", ["left"], keeps=True, limit=2)
    assert system.tell("user:a", "came")
    assert activated == []
    with pytest.raises(MailboxFullError):
        system.tell("user:a", "one too many")
    story: list[Any] = []
    system.spawn(Echo, story, name="user:a")
    await system.settle()
    assert story == ["left", "came"]


async def test_a_reserved_name_that_keeps_nothing_makes_dead_letters(system: ActorSystem) -> None:
    system.reserve("user:a", [], keeps=False, limit=2)
    assert not system.tell("user:a", "came")
    with pytest.raises(pykka.ActorDeadError):
        await system.ask("user:a", "came", timeout_s=1)
    assert system.dead_letters.counts == {"restarting": 1}


async def test_releasing_a_name_gives_up_what_waits(system: ActorSystem) -> None:
    system.reserve("user:a", ["left"], keeps=True, limit=2)
    asked = asyncio.ensure_future(system.ask("user:a", "came", timeout_s=1))  # noqa: TID251 - a test's own task
    await system.settle()
    system.release("user:a")
    system.release("user:a")
    with pytest.raises(pykka.ActorDeadError):
        await asked
    assert system.dead_letters.counts == {"given_up": 1}


# --- asking -------------------------------------------------------------------------------------


async def test_an_ask_has_a_time_limit_by_the_systems_clock(
    system: ActorSystem, clock: ManualClock
) -> None:
    ref = system.spawn(Echo)
    asked = system.tasks.start(system.ask(ref, "hang", timeout_s=10), "asker")
    await system.settle()
    clock.advance(9.9)
    await system.settle()
    assert not asked.done()
    clock.advance(0.1)
    with pytest.raises(AskTimeoutError):
        await asked
    assert clock.pending == 0
    system.kill(ref)


async def test_a_late_answer_is_nobodys_trouble(system: ActorSystem, clock: ManualClock) -> None:
    class Late(LoopActor):
        async def on_receive(self, message: asyncio.Event) -> str:
            await message.wait()
            return "late"

    gate = asyncio.Event()
    ref = system.spawn(Late)
    asked = system.tasks.start(system.ask(ref, gate, timeout_s=1), "asker")
    await system.settle()
    clock.advance(1)
    with pytest.raises(AskTimeoutError):
        await asked
    gate.set()
    await system.settle()
    assert ref.is_alive()


async def test_an_answer_in_time_leaves_no_alarm(system: ActorSystem, clock: ManualClock) -> None:
    ref = system.spawn(Echo)
    assert await system.ask(ref, "hello", timeout_s=10) == "hello"
    assert len(system.timers) == 0
    assert await system.within(ref.ask("now", block=True) and ref.started(), 1) is None


async def test_an_answer_that_comes_with_its_time_limit_counts(
    system: ActorSystem, clock: ManualClock
) -> None:
    future: LoopFuture[str] = LoopFuture()
    waiting = system.tasks.start(system.within(future, 1), "waiter")
    await asyncio.sleep(0)
    future.set("hello")
    clock.advance(1)
    assert await waiting == "hello"


async def test_asking_nobody_says_so(system: ActorSystem) -> None:
    with pytest.raises(pykka.ActorDeadError, match="user:a"):
        await system.ask("user:a", "hello", timeout_s=1)
    assert not system.dead_letters.counts


# --- time ---------------------------------------------------------------------------------------


async def test_an_actor_tells_itself_later(system: ActorSystem, clock: ManualClock) -> None:
    story: list[Any] = []
    actor = system.spawn(Echo, story).actor
    assert actor is not None
    actor.after(2, "later")
    actor.after(1, "never").cancel()
    clock.advance(2)
    await system.settle()
    assert story == ["later"]


async def test_the_dead_are_not_told_by_their_timers(
    system: ActorSystem, clock: ManualClock
) -> None:
    story: list[Any] = []
    ref = system.spawn(Echo, story)
    assert ref.actor is not None
    ref.actor.after(1, "later")
    ref.stop()
    clock.advance(1)
    await system.settle()
    assert story == ["stop"]
    assert not system.dead_letters.counts


async def test_anybody_can_be_called_later(system: ActorSystem, clock: ManualClock) -> None:
    rung: list[int] = []
    system.after(1, rung.append, 5)
    clock.advance(1)
    assert rung == [5]


def test_the_real_clock_and_chance_are_the_default() -> None:
    system = ActorSystem()
    assert isinstance(system.clock, LoopClock)
    assert isinstance(system.chance, SystemChance)


async def test_timers_of_the_real_clock_ring() -> None:
    rung = asyncio.Event()
    async with ActorSystem() as system:
        system.after(0.001, rung.set)
        async with asyncio.timeout(10):
            await rung.wait()


# --- the end ------------------------------------------------------------------------------------


async def test_stop_handles_what_waits_and_leaves_nothing(clock: ManualClock) -> None:
    story: list[Any] = []
    threads = threading.active_count()
    tasks = len(asyncio.all_tasks())
    async with ActorSystem(clock=clock) as system:
        refs = [system.spawn(Echo, story) for _ in range(3)]
        for ref in refs:
            ref.tell("last")
            assert ref.actor is not None
            ref.actor.after(60, "never")
        system.tasks.start(asyncio.sleep(1000), "sleeper")
        system.reserve("user:a", ["left"], keeps=True, limit=1)
    assert sorted(story) == ["last"] * 3 + ["stop"] * 3
    assert not any(ref.is_alive() for ref in refs)
    assert clock.pending == 0
    assert not system.names.living
    assert not system.names.reserved
    assert len(asyncio.all_tasks()) == tasks
    assert threading.active_count() == threads


async def test_stop_stops_parents_before_their_children() -> None:
    story: list[str] = []

    class Child(LoopActor):
        def on_stop(self) -> None:
            story.append("child")

    class Parent(LoopActor):
        async def on_stop(self) -> None:  # type: ignore[override]  # pykka's is not async
            story.append("parent begins")
            await child.stop(block=False)
            story.append("parent ends")

    async with ActorSystem() as system:
        child: LoopActorRef[Any] = system.spawn(Child, parent=lambda exit: None)
        system.spawn(Parent)
        system.spawn(Child, parent=lambda exit: None)
    assert story == ["parent begins", "child", "parent ends", "child"]


async def test_stop_kills_what_hangs_when_its_time_is_over(clock: ManualClock) -> None:
    exits: list[Exit] = []
    async with ActorSystem(clock=clock) as system:
        system.spawn(Echo, parent=exits.append).tell("hang")
        await system.settle()
        await system.stop(timeout_s=0.01)
        await system.stop()
    assert [type(exit.reason).__name__ for exit in exits] == ["ActorKilledError"]


async def test_a_stopping_system_brings_nobody_to_life() -> None:
    story: list[str] = []

    class Restless(LoopActor):
        def on_stop(self) -> None:
            story.append(str(self.system.tell("user:b", "hello")))
            with pytest.raises(UnavailableError):
                self.system.spawn(Echo)

    async with ActorSystem() as system:
        system.set_activator("user", lambda name: system.spawn(Echo, name=name))
        system.spawn(Restless)
    assert story == ["False"]


async def test_a_system_that_does_not_run_takes_no_actor() -> None:
    system = ActorSystem()
    with pytest.raises(UnavailableError):
        system.spawn(Echo)
    await system.stop()


async def test_settle_waits_for_chains_of_messages(system: ActorSystem) -> None:
    class Chain(LoopActor):
        def on_receive(self, message: int) -> Any:
            if message:
                return self.later(message)
            return story.append("end")

        async def later(self, message: int) -> None:
            await asyncio.sleep(0)
            self.actor_ref.tell(message - 1)

    story: list[str] = []
    system.spawn(Chain).tell(200)
    await system.settle()
    assert story == ["end"]


async def test_settle_can_wait_for_what_a_thread_does(system: ActorSystem) -> None:
    class Worker(LoopActor):
        async def on_receive(self, message: threading.Event) -> None:
            await asyncio.to_thread(message.wait, 10)
            story.append("end")

    story: list[str] = []
    gate = threading.Event()
    system.spawn(Worker).tell(gate)
    await system.settle()
    assert story == []
    asyncio.get_running_loop().call_later(0.001, gate.set)
    await system.settle(suspended_too=True)
    assert story == ["end"]
