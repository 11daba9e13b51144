"""How an actor ends, and who is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any

import pykka
import pytest
import structlog
from tests.support.clock import ManualClock

from hubbub.actors.runtime.actor import LoopActor
from hubbub.actors.runtime.exits import Exit
from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.errors import ActorKilledError, StoreError


@pytest.fixture
async def system() -> AsyncIterator[ActorSystem]:
    async with ActorSystem(clock=ManualClock()) as system:
        yield system


class Subject(LoopActor):
    """Ends as it is told."""

    def __init__(self, story: list[str]) -> None:
        super().__init__()
        self._story = story

    def on_receive(self, message: Any) -> Any:
        match message:
            case "crash":
                raise ValueError("a secret")
            case "hang":
                return self.hang()
            case _:
                self._story.append(message)
        return message

    async def hang(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self._story.append("cancelled")

    def on_stop(self) -> Any:
        self._story.append("stop")

    def on_failure(
        self,
        exception_type: type[BaseException] | None,
        exception_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._story.append(f"failure {type(exception_value).__name__}")


class Keeper(Subject):
    keeps_mailbox = True


async def test_the_hook_comes_before_the_asker_and_the_parent(system: ActorSystem) -> None:
    story: list[str] = []
    ref = system.spawn(Subject, story, parent=lambda exit: story.append(f"exit {exit.name}"))
    answer = ref.ask("crash", block=False)
    # Called as the answer is set, before anything else happens.
    with pytest.raises(ValueError, match="a secret"):
        await answer.map(print)
    assert story == ["failure ValueError", f"exit {ref.name}"]


@pytest.mark.parametrize(
    ("how", "reason"), [("stop", None), ("crash", "ValueError"), ("kill", "ActorKilledError")]
)
async def test_a_parent_hears_once_with_the_reason(
    system: ActorSystem, how: str, reason: str | None
) -> None:
    exits: list[Exit] = []
    ref = system.spawn(Subject, [], name="a", parent=exits.append)
    await system.settle()
    match how:
        case "stop":
            ref.stop()
        case "crash":
            ref.tell("crash")
        case _:
            assert system.kill(ref)
            assert not system.kill(ref)
    await system.settle()
    (exit,) = exits
    assert (exit.ref, exit.name, exit.started, exit.leftovers) == (ref, "a", True, [])
    assert (None if exit.reason is None else type(exit.reason).__name__) == reason
    assert system.lookup("a") is None


async def test_a_parent_hears_that_it_never_started(system: ActorSystem) -> None:
    class Broken(Subject):
        def on_start(self) -> None:
            raise ValueError

    exits: list[Exit] = []
    story: list[str] = []
    system.spawn(Broken, story, parent=exits.append)
    await system.settle()
    system.kill(system.spawn(Subject, story, parent=exits.append))
    assert [exit.started for exit in exits] == [False, False]
    assert story == []


async def test_a_parent_that_fails_is_logged_and_nobody_else_is_hurt(system: ActorSystem) -> None:
    def fail(exit: Exit) -> None:
        raise ValueError

    ref = system.spawn(Subject, [], parent=fail)
    with structlog.testing.capture_logs() as logs:
        assert await ref.stop(block=False)
    assert [entry["event"] for entry in logs] == ["exit_listener_failed"]


async def test_what_waits_at_a_crash_becomes_dead_letters(system: ActorSystem) -> None:
    exits: list[Exit] = []
    ref = system.spawn(Subject, [], parent=exits.append)
    for message in ("crash", "one", "two"):
        ref.tell(message)
    asked = ref.ask("three", block=False)
    with pytest.raises(pykka.ActorDeadError):
        await asked
    assert system.dead_letters.counts == {"crashed": 2}
    assert exits[0].leftovers == []


async def test_what_waits_at_a_stop_becomes_dead_letters(system: ActorSystem) -> None:
    ref = system.spawn(Keeper, [], parent=lambda exit: None)
    stopping = ref.stop(block=False)
    again = ref.stop(block=False)
    assert ref.actor is not None
    ref.actor.stop()
    ref.tell("one")
    ref.proxy().stop.defer()
    assert await stopping
    assert await again
    assert system.dead_letters.counts == {"stopped": 2}


async def test_a_kept_mailbox_goes_to_the_parent_in_order(system: ActorSystem) -> None:
    exits: list[Exit] = []
    ref = system.spawn(Keeper, [], name="a", parent=exits.append)
    for message in ("crash", "one"):
        ref.tell(message)
    stopping = ref.stop(block=False)
    asked = ref.ask("two", block=False)
    ref.tell("three")
    await system.settle()
    (exit,) = exits
    # Who wanted it stopped has what he wanted; the successor is not stopped for it.
    assert await stopping
    assert [exit.leftovers[0], exit.leftovers[2]] == ["one", "three"]
    assert not asked.done
    system.reserve("a", exit.leftovers, keeps=True, limit=10)
    story: list[str] = []
    system.spawn(Subject, story, name="a")
    assert await asked == "two"
    await system.settle()
    assert story == ["one", "two", "three"]
    assert not system.dead_letters.counts


async def test_who_asked_whether_it_started_is_not_passed_on(system: ActorSystem) -> None:
    exits: list[Exit] = []
    ref = system.spawn(Keeper, [], parent=exits.append)
    started = ref.started()
    system.kill(ref)
    with pytest.raises(pykka.ActorDeadError):
        await started
    assert exits[0].leftovers == []


async def test_a_kept_mailbox_without_a_parent_becomes_dead_letters(system: ActorSystem) -> None:
    ref = system.spawn(Keeper, [])
    ref.tell("crash")
    ref.tell("one")
    await system.settle()
    assert system.dead_letters.counts == {"crashed": 1}


async def test_leftovers_that_nobody_wants_are_given_up(system: ActorSystem) -> None:
    exits: list[Exit] = []
    ref = system.spawn(Keeper, [], name="a", parent=exits.append)
    ref.tell("crash")
    ref.tell("one")
    asked = ref.ask("two", block=False)
    await system.settle()
    system.discard("a", exits[0].leftovers)
    with pytest.raises(pykka.ActorDeadError):
        await asked
    assert system.dead_letters.counts == {"given_up": 1}


async def test_the_name_is_taken_until_the_hook_is_through(system: ActorSystem) -> None:
    class Talker(Subject):
        def on_failure(self, *args: Any, **kwargs: Any) -> None:
            self._story.append(str(self.system.tell(self.name, "hello?")))

    story: list[str] = []
    system.set_activator("user", lambda name: system.spawn(Talker, story, name=name))
    system.tell("user:a", "crash")
    await system.settle()
    assert story == ["False"]
    assert system.lookup("user:a") is None


async def test_a_killed_actor_handles_nothing_more_and_its_handler_is_cancelled(
    system: ActorSystem,
) -> None:
    story: list[str] = []
    ref = system.spawn(Subject, story)
    hung = ref.ask("hang", block=False)
    behind = ref.ask("one", block=False)
    ref.tell("two")
    await system.settle()
    system.kill(ref)
    for answer in (hung, behind):
        with pytest.raises(pykka.ActorDeadError):
            await answer
    assert story == ["failure ActorKilledError", "cancelled"]
    assert system.dead_letters.counts == {"killed": 1}


async def test_a_handler_that_outlives_its_actor_still_answers(system: ActorSystem) -> None:
    class Stubborn(Subject):
        async def hang(self) -> None:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self._story.append("all the same")

    story: list[str] = []
    ref = system.spawn(Stubborn, story)
    answer = ref.ask("hang", block=False)
    await system.settle()
    system.kill(ref)
    assert await answer is None
    assert not ref.is_alive()


async def test_a_handler_that_is_cancelled_before_its_first_step_is_closed(
    system: ActorSystem,
) -> None:
    exits: list[Exit] = []
    ref = system.spawn(Subject, [], parent=exits.append)
    answer = ref.ask("hang", block=False)
    while ref not in system.endings.under_way:
        await asyncio.sleep(0)
        for task in system.endings.under_way.values():
            task.cancel()
    with pytest.raises(pykka.ActorDeadError):
        await answer
    assert isinstance(exits[0].reason, ActorKilledError)


async def test_an_async_on_stop_is_awaited_before_anybody_is_told(system: ActorSystem) -> None:
    gate = asyncio.Event()

    class Slow(Subject):
        async def on_stop(self) -> None:  # type: ignore[override]  # pykka's is not async
            await gate.wait()
            self._story.append("stop")

    story: list[str] = []
    ref = system.spawn(Slow, story, name="a", parent=lambda exit: story.append("exit"))
    stopped = ref.stop(block=False)
    await system.settle()
    assert not system.tell("a", "too late")
    assert not ref.is_alive()
    gate.set()
    assert await stopped
    assert story == ["stop", "exit"]


async def test_an_async_on_stop_that_fails_is_logged_and_the_actor_goes(
    system: ActorSystem,
) -> None:
    class Bad(Subject):
        async def on_stop(self) -> None:  # type: ignore[override]  # pykka's is not async
            raise ValueError

    ref = system.spawn(Bad, [])
    with structlog.testing.capture_logs() as logs:
        assert await ref.stop(block=False)
    assert [entry["event"] for entry in logs] == ["actor_stop_failed"]


async def test_an_actor_that_hangs_in_its_on_stop_can_be_killed(system: ActorSystem) -> None:
    class Stuck(Subject):
        async def on_stop(self) -> None:  # type: ignore[override]  # pykka's is not async
            await asyncio.Event().wait()

    exits: list[Exit] = []
    ref = system.spawn(Stuck, [], parent=exits.append)
    stopped = ref.stop(block=False)
    await system.settle()
    system.kill(ref)
    assert await stopped
    assert len(exits) == 1


async def test_a_crash_report_names_types_and_never_a_message(system: ActorSystem) -> None:
    ref = system.spawn(Subject, [], name="user:a")
    with structlog.testing.capture_logs() as logs:
        ref.tell("crash")
        await system.settle()
    (report,) = logs
    assert report["event"] == "actor_crashed"
    assert (report["actor"], report["kind"]) == ("user:a", "Subject")
    assert (report["reason"], report["message"], report["says"]) == ("ValueError", "str", None)
    assert "on_receive" in report["traceback"]
    assert "a secret" not in repr([report[key] for key in report if key != "traceback"])


async def test_a_crash_report_quotes_our_own_errors(system: ActorSystem) -> None:
    class Ours(LoopActor):
        def on_start(self) -> None:
            raise StoreError("disk on fire")

    with structlog.testing.capture_logs() as logs:
        system.spawn(Ours)
        await system.settle()
    assert (logs[0]["says"], logs[0]["message"]) == ("disk on fire", None)


async def test_a_dead_actor_is_let_go_of(system: ActorSystem) -> None:
    import gc
    import weakref

    ref = system.spawn(Subject, [])
    await system.settle()
    actor = weakref.ref(ref.actor)
    await ref.stop(block=False)
    gc.collect()
    assert actor() is None
