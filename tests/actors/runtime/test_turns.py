"""An actor's turn: start, handle, suspend, answer; and the turn within a turn."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import pykka
import pytest
from tests.support.clock import ManualClock

from hubbub.actors.runtime import dispatcher as dispatcher_module
from hubbub.actors.runtime.actor import LoopActor
from hubbub.actors.runtime.ref import LoopActorRef
from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.errors import ForbiddenError, Refusal


@pytest.fixture
async def system() -> AsyncIterator[ActorSystem]:
    async with ActorSystem(clock=ManualClock()) as system:
        yield system


class Gate:
    """Lets handlers wait, and writes down what happens."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.story: list[str] = []

    async def wait(self, line: str) -> str:
        self.story.append(f"{line} waits")
        await self.open.wait()
        self.story.append(f"{line} done")
        return line


class Sometimes(LoopActor):
    """Synchronous, but for messages that begin with "slow"."""

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self.gate = gate

    def on_receive(self, message: str) -> Any:
        if message.startswith("slow"):
            return self.gate.wait(message)
        self.gate.story.append(message)
        return message

    async def method(self, line: str) -> str:
        return await self.gate.wait(line)


class Always(LoopActor):
    """An `async def` handler."""

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self.gate = gate

    async def on_receive(self, message: str) -> str:
        return await self.gate.wait(message)


# --- suspension ---------------------------------------------------------------------------------


async def test_while_a_handler_waits_its_messages_wait_and_others_run(system: ActorSystem) -> None:
    gate, other = Gate(), Gate()
    ref = system.spawn(Sometimes, gate)
    answers = [ref.ask(message, block=False) for message in ("a", "slow", "b")]
    system.spawn(Sometimes, other).tell("x")
    await system.settle()
    assert gate.story == ["a", "slow waits"]
    assert other.story == ["x"]
    gate.open.set()
    assert [await answer for answer in answers] == ["a", "slow", "b"]
    assert gate.story == ["a", "slow waits", "slow done", "b"]


async def test_an_async_handler_answers_each_in_order(system: ActorSystem) -> None:
    gate = Gate()
    ref = system.spawn(Always, gate)
    gate.open.set()
    answers = [ref.ask(str(n), block=False) for n in range(3)]
    assert [await answer for answer in answers] == ["0", "1", "2"]
    assert gate.story == [f"{n} {what}" for n in range(3) for what in ("waits", "done")]


async def test_an_async_method_can_be_called_by_proxy(system: ActorSystem) -> None:
    gate = Gate()
    gate.open.set()
    proxy = system.spawn(Sometimes, gate).proxy()
    assert await proxy.method("x") == "x"


async def test_any_awaitable_suspends_but_a_pykka_future_is_a_value(system: ActorSystem) -> None:
    class Giver(LoopActor):
        def on_receive(self, message: Any) -> Any:
            return message

    ref = system.spawn(Giver)
    awaited = asyncio.get_running_loop().create_future()
    answer = ref.ask(awaited, block=False)
    awaited.set_result(5)
    assert await answer == 5
    future = pykka.ThreadingFuture[int]()
    assert await ref.ask(future, block=False) is future


async def test_reading_an_awaitable_attribute_gives_it_as_it_is(system: ActorSystem) -> None:
    class Holder(LoopActor):
        def __init__(self) -> None:
            super().__init__()
            self.pending = asyncio.get_running_loop().create_future()

    ref = system.spawn(Holder)
    assert ref.actor is not None
    assert await ref.proxy().pending is ref.actor.pending


async def test_an_async_on_start_comes_before_the_first_message(system: ActorSystem) -> None:
    gate = Gate()

    class Slow(Sometimes):
        async def on_start(self) -> None:  # type: ignore[override]  # pykka's is not async
            await self.gate.wait("start")

    ref = system.spawn(Slow, gate)
    ref.tell("a")
    await system.settle()
    assert gate.story == ["start waits"]
    gate.open.set()
    await system.settle()
    assert gate.story == ["start waits", "start done", "a"]


async def test_an_async_on_start_that_fails_ends_the_actor(system: ActorSystem) -> None:
    class Unlucky(LoopActor):
        async def on_start(self) -> None:  # type: ignore[override]  # pykka's is not async
            raise ForbiddenError("even a refusal: nobody asked")

    ref = system.spawn(Unlucky)
    with pytest.raises(pykka.ActorDeadError):
        await ref.started()
    assert system.counts.crashes == {"Unlucky": 1}


async def test_a_handler_that_fails_after_waiting_crashes_its_actor(system: ActorSystem) -> None:
    class Unlucky(LoopActor):
        async def on_receive(self, message: Any) -> None:
            await asyncio.sleep(0)
            raise ValueError("late")

    ref = system.spawn(Unlucky)
    with pytest.raises(ValueError, match="late"):
        await ref.ask("x", block=False)
    assert not ref.is_alive()


async def test_a_cancelled_handler_crashes_its_actor_alone(system: ActorSystem) -> None:
    class Cancelled(LoopActor):
        def on_receive(self, message: Any) -> Any:
            if message == "now":
                raise asyncio.CancelledError
            return self.later()

        async def later(self) -> None:
            raise asyncio.CancelledError

    bystander = system.spawn(Sometimes, Gate())
    for message in ("now", "later"):
        ref = system.spawn(Cancelled)
        with pytest.raises(asyncio.CancelledError):
            await ref.ask(message, block=False)
        assert not ref.is_alive()
    assert await bystander.ask("hello", block=False) == "hello"


def test_an_interrupt_after_waiting_goes_by() -> None:
    class Interrupted(LoopActor):
        async def on_receive(self, message: Any) -> None:
            raise KeyboardInterrupt

    async def scene() -> None:
        async with ActorSystem() as system:
            system.spawn(Interrupted).tell("x")
            await system.settle()

    loop = asyncio.new_event_loop()
    try:
        task = loop.create_task(scene())
        with pytest.raises(KeyboardInterrupt):
            loop.run_until_complete(task)
        loop.run_until_complete(task)
    finally:
        loop.close()


# --- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize("slow", [False, True])
async def test_a_refusal_is_an_answer_and_the_actor_lives(system: ActorSystem, slow: bool) -> None:
    class Strict(LoopActor):
        def on_receive(self, message: Any) -> Any:
            if slow:
                return self.later()
            raise ForbiddenError("no")

        async def later(self) -> None:
            raise ForbiddenError("no")

    ref = system.spawn(Strict)
    with pytest.raises(Refusal) as refused:
        await ref.ask("x", block=False)
    assert refused.value.code == "forbidden"
    ref.tell("x")
    await system.settle()
    assert ref.is_alive()
    assert system.counts.refusals == 1


async def test_a_refusal_to_a_deferred_call_is_counted(system: ActorSystem) -> None:
    class Strict(LoopActor):
        def refuse(self) -> None:
            raise ForbiddenError("no")

    ref = system.spawn(Strict)
    ref.proxy().refuse.defer()
    await system.settle()
    assert ref.is_alive()
    assert system.counts.refusals == 1


# --- in place -----------------------------------------------------------------------------------


async def test_an_idle_actor_handles_an_in_place_message_at_once(system: ActorSystem) -> None:
    gate = Gate()
    system.spawn(Sometimes, gate, name="a")
    assert system.tell("a", "too early", in_place=True)
    assert gate.story == []
    await system.settle()
    assert system.tell("a", "now", in_place=True)
    assert gate.story == ["too early", "now"]


async def test_an_in_place_message_does_not_overtake_those_that_wait(system: ActorSystem) -> None:
    gate = Gate()
    system.spawn(Sometimes, gate, name="a")
    await system.settle()
    system.tell("a", "first")
    system.tell("a", "second", in_place=True)
    assert gate.story == []
    await system.settle()
    assert gate.story == ["first", "second"]


async def test_an_in_place_run_is_one_level_deep(system: ActorSystem) -> None:
    story: list[str] = []

    class Chain(LoopActor):
        def on_receive(self, message: list[str]) -> None:
            story.append(f"{self.name} begins")
            if message:
                self.system.tell(message[0], message[1:], in_place=True)
            story.append(f"{self.name} ends")

    for name in "abc":
        system.spawn(Chain, name=name)
    await system.settle()
    system.tell("a", ["b", "c"])
    await system.settle()
    assert story == ["a begins", "b begins", "b ends", "a ends", "c begins", "c ends"]


async def test_an_actor_that_tells_itself_in_place_is_queued(system: ActorSystem) -> None:
    story: list[str] = []

    class Echo(LoopActor):
        def on_receive(self, message: int) -> None:
            story.append(f"{message} begins")
            if message:
                self.system.tell("a", message - 1, in_place=True)
            story.append(f"{message} ends")

    system.spawn(Echo, name="a")
    await system.settle()
    system.tell("a", 1, in_place=True)
    assert story == ["1 begins", "1 ends"]
    await system.settle()
    assert story == ["1 begins", "1 ends", "0 begins", "0 ends"]


async def test_an_async_handler_and_a_suspended_actor_are_never_entered(
    system: ActorSystem,
) -> None:
    gate = Gate()
    system.spawn(Always, gate, name="async")
    system.spawn(Sometimes, gate, name="suspended")
    await system.settle()
    system.tell("suspended", "slow")
    await system.settle()
    assert gate.story == ["slow waits"]
    system.tell("async", "x", in_place=True)
    system.tell("suspended", "y", in_place=True)
    assert gate.story == ["slow waits"]
    gate.open.set()
    await system.settle()
    assert sorted(gate.story) == ["slow done", "slow waits", "x done", "x waits", "y"]


async def test_an_in_place_run_that_returns_an_awaitable_suspends_its_actor(
    system: ActorSystem,
) -> None:
    gate = Gate()
    system.spawn(Sometimes, gate, name="a")
    await system.settle()
    system.tell("a", "slow", in_place=True)
    system.tell("a", "next", in_place=True)
    await system.settle()
    assert gate.story == ["slow waits"]
    gate.open.set()
    await system.settle()
    assert gate.story == ["slow waits", "slow done", "next"]


async def test_an_exception_in_an_in_place_run_crashes_the_target_alone(
    system: ActorSystem,
) -> None:
    class Target(LoopActor):
        def on_receive(self, message: Any) -> None:
            if message == "refuse":
                raise ForbiddenError("no")
            raise ValueError

    class Teller(LoopActor):
        def on_receive(self, message: Any) -> bool:
            return self.system.tell("target", message, in_place=True)

    target, teller = system.spawn(Target, name="target"), system.spawn(Teller)
    await system.settle()
    assert await teller.ask("refuse", block=False)
    assert target.is_alive()
    assert await teller.ask("crash", block=False)
    assert not target.is_alive()
    assert teller.is_alive()


async def test_in_place_runs_count_against_the_tellers_budget() -> None:
    story: list[str] = []

    class Target(LoopActor):
        def on_receive(self, message: Any) -> None:
            story.append("target")

    class Teller(LoopActor):
        def on_receive(self, message: Any) -> None:
            story.append(self.name)
            for _ in range(3):
                self.system.tell("target", message, in_place=True)

    async with ActorSystem(clock=ManualClock(), turn_budget=4) as system:
        system.spawn(Target, name="target")
        for name in "ab":
            system.spawn(Teller, name=name)
        await system.settle()
        for name in "ab":
            system.tell(name, 1)
            system.tell(name, 2)
        await system.settle()
    assert [line for line in story if line != "target"] == ["a", "b", "a", "b"]
    assert story.count("target") == 12


async def test_a_spent_slice_runs_nothing_more_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatcher_module, "SLICE_MESSAGES", 10)
    ran: list[int] = []

    class Target(LoopActor):
        def on_receive(self, message: int) -> None:
            ran.append(message)

    class Teller(LoopActor):
        def on_receive(self, message: Any) -> int:
            for n in range(100):
                self.system.tell("target", n, in_place=True)
            return len(ran)

    async with ActorSystem(clock=ManualClock(), turn_budget=4) as system:
        system.spawn(Target, name="target")
        teller = system.spawn(Teller)
        await system.settle()
        assert await teller.ask("go", block=False) == 9
        await system.settle()
        assert ran == list(range(100))


async def test_an_actor_can_leave_in_an_in_place_run(system: ActorSystem) -> None:
    class Leaver(LoopActor):
        def on_receive(self, message: Any) -> None:
            assert self.passivate()

    ref = system.spawn(Leaver, name="a")
    await system.settle()
    system.tell("a", "go", in_place=True)
    assert not ref.is_alive()


async def test_what_an_in_place_run_was_told_meanwhile_follows(system: ActorSystem) -> None:
    got: list[str] = []

    class Target(LoopActor):
        def on_receive(self, message: str) -> None:
            got.append(message)
            if message == "first":
                self.actor_ref.tell("second")

    system.spawn(Target, name="a")
    await system.settle()
    system.tell("a", "first", in_place=True)
    assert got == ["first"]
    await system.settle()
    assert got == ["first", "second"]


# --- asking on the loop's own thread ------------------------------------------------------------


async def test_a_blocking_ask_lets_the_asked_work_through_what_waits(system: ActorSystem) -> None:
    gate = Gate()
    ref = system.spawn(Sometimes, gate)
    for n in range(200):
        ref.tell(str(n))
    assert ref.ask("now") == "now"
    assert gate.story == [*map(str, range(200)), "now"]
    await system.settle()
    assert len(gate.story) == 201


async def test_a_blocking_ask_of_one_that_must_wait_raises_instead_of_hanging(
    system: ActorSystem,
) -> None:
    gate = Gate()
    ref = system.spawn(Sometimes, gate)
    with pytest.raises(RuntimeError, match="await the future"):
        ref.ask("slow")
    with pytest.raises(RuntimeError, match="await the future"):
        ref.ask("behind it")
    gate.open.set()
    await system.settle()
    assert gate.story == ["slow waits", "slow done", "behind it"]


async def test_two_actors_that_ask_each_other_do_not_hang(system: ActorSystem) -> None:
    class Asker(LoopActor):
        def on_receive(self, message: list[str]) -> str:
            ref = self.system.lookup(message[0])
            assert ref is not None
            return str(ref.ask(message[1:]))

    first = system.spawn(Asker, name="a")
    second = system.spawn(Asker, name="b")
    with pytest.raises(RuntimeError, match="await the future"):
        await first.ask(["b", "a"], block=False)
    assert not first.is_alive()
    assert not second.is_alive()


async def test_a_turn_within_a_turn_counts_for_the_outer_one(system: ActorSystem) -> None:
    class Outer(LoopActor):
        def on_receive(self, message: LoopActorRef[Any]) -> int:
            before = self.system.dispatcher.budget
            for n in range(3):
                message.ask(str(n))
            return before - self.system.dispatcher.budget

    inner, outer = system.spawn(Sometimes, Gate()), system.spawn(Outer)
    assert await outer.ask(inner, block=False) == 3


# --- passivation in a handler -------------------------------------------------------------------


async def test_an_actor_that_leaves_while_it_handles_an_ask_answers_first(
    system: ActorSystem,
) -> None:
    gate = Gate()

    class Leaver(Sometimes):
        def on_receive(self, message: str) -> Any:
            assert self.passivate()
            return super().on_receive(message)

        def on_stop(self) -> None:
            self.gate.story.append("stop")

    ref = system.spawn(Leaver, gate)
    assert await ref.ask("a", block=False) == "a"
    assert gate.story == ["a", "stop"]
    slow = system.spawn(Leaver, gate)
    answer = slow.ask("slow", block=False)
    await system.settle()
    gate.open.set()
    assert await answer == "slow"
    await system.settle()
    assert gate.story == ["a", "stop", "slow waits", "slow done", "stop"]
    assert not slow.is_alive()


async def test_an_actor_can_leave_in_its_start(system: ActorSystem) -> None:
    class Shy(LoopActor):
        def on_start(self) -> None:
            assert self.passivate()

    ref = system.spawn(Shy)
    await system.settle()
    assert not ref.is_alive()


async def test_a_handler_whose_actor_was_killed_by_it_goes_nowhere(system: ActorSystem) -> None:
    class Suicidal(LoopActor):
        def on_receive(self, message: Any) -> Awaitable[None]:
            self.system.kill(self.actor_ref)
            return self.never()

        async def never(self) -> None:
            raise AssertionError

        def other(self) -> asyncio.Future[None]:
            self.system.kill(self.actor_ref)
            return asyncio.get_running_loop().create_future()

        def scream(self) -> None:
            self.system.kill(self.actor_ref)
            raise ValueError("aaah")

        async def last_words(self) -> str:
            self.system.kill(self.actor_ref)
            return "farewell"

    with pytest.raises(pykka.ActorDeadError):
        await system.spawn(Suicidal).ask("x", block=False)
    with pytest.raises(pykka.ActorDeadError):
        await system.spawn(Suicidal).proxy().other()
    assert await system.spawn(Suicidal).proxy().last_words() == "farewell"
    with pytest.raises(ValueError, match="aaah"):
        await system.spawn(Suicidal).proxy().scream()
    system.spawn(Suicidal).proxy().scream.defer()
    told = system.spawn(Suicidal)
    told.tell("x")
    await system.settle()
    assert not told.is_alive()


# --- whatever the schedule ----------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
async def test_in_any_schedule_nothing_is_lost_doubled_or_out_of_a_senders_order(
    seed: int,
) -> None:
    chance = random.Random(seed)
    targets = ["t0", "t1", "t2"]
    got: dict[str, list[tuple[str, int]]] = {name: [] for name in targets}

    class Target(LoopActor):
        def on_receive(self, message: tuple[str, int]) -> Any:
            if chance.random() < 0.2:
                return self.later(message)
            got[self.name].append(message)
            return None

        async def later(self, message: tuple[str, int]) -> None:
            for _ in range(chance.randrange(3)):
                await asyncio.sleep(0)
            got[self.name].append(message)

    class Sender(LoopActor):
        def on_receive(self, message: int) -> None:
            for name in targets:
                in_place = chance.random() < 0.7
                self.system.tell(name, (self.name, message), in_place=in_place)

    async with ActorSystem(
        clock=ManualClock(), turn_budget=chance.choice([1, 3, 64]), shuffle=chance.shuffle
    ) as system:
        for name in targets:
            system.spawn(Target, name=name)
        senders = [system.spawn(Sender, name=f"s{n}") for n in range(3)]
        for n in range(15):
            for sender in senders:
                sender.tell(n)
        await system.settle(suspended_too=True)
    for name in targets:
        assert len(got[name]) == 45
        for sender in senders:
            assert [n for who, n in got[name] if who == sender.name] == list(range(15))
