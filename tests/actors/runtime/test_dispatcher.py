"""Whose turn it is, and when sockets get theirs."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
import structlog
from tests.support.clock import ManualClock

from hubbub.actors.runtime import dispatcher as dispatcher_module
from hubbub.actors.runtime.actor import LoopActor
from hubbub.actors.runtime.ref import LoopActorRef
from hubbub.actors.runtime.system import ActorSystem


class Writer(LoopActor):
    """Writes down whose message it was."""

    def __init__(self, story: list[str]) -> None:
        super().__init__()
        self._story = story

    def on_receive(self, message: Any) -> None:
        self._story.append(f"{self.name}{message}")


async def story_of(budget: int, shuffle: Any = None) -> list[str]:
    """Two actors with four messages each."""
    story: list[str] = []
    async with ActorSystem(clock=ManualClock(), turn_budget=budget, shuffle=shuffle) as system:
        for name in "ab":
            system.spawn(Writer, story, name=name)
        await system.settle()
        for name in "ab":
            for n in range(4):
                system.tell(name, n)
        await system.settle()
    return story


async def test_an_actor_gives_way_when_its_budget_is_spent() -> None:
    assert await story_of(2) == ["a0", "a1", "b0", "b1", "a2", "a3", "b2", "b3"]
    assert await story_of(64) == ["a0", "a1", "a2", "a3", "b0", "b1", "b2", "b3"]


async def test_a_seed_gives_an_order_that_can_be_replayed() -> None:
    def shuffled(seed: int) -> Any:
        return story_of(1, random.Random(seed).shuffle)

    stories = [await shuffled(seed) for seed in range(8)]
    assert await shuffled(3) == stories[3]
    assert len({tuple(story) for story in stories}) > 1
    for story in stories:
        assert [line for line in story if line[0] == "a"] == ["a0", "a1", "a2", "a3"]


class Endless(LoopActor):
    """Tells itself for ever."""

    def __init__(self, clock: ManualClock | None = None) -> None:
        super().__init__()
        self._clock = clock
        self.handled = 0

    def on_receive(self, message: Any) -> None:
        self.handled += 1
        if self._clock is not None:
            self._clock.advance(0.001)
        self.actor_ref.tell(message)


async def test_a_slice_ends_by_time_and_the_loop_has_its_turn() -> None:
    clock = ManualClock()
    async with ActorSystem(clock=clock, turn_budget=1, slice_budget_s=0.005) as system:
        ref = system.spawn(Endless, clock)
        ref.tell("go")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert ref.actor is not None
        assert 4 <= ref.actor.handled <= 12
        system.kill(ref)


async def test_a_slice_ends_by_count_under_a_clock_that_stands_still(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dispatcher_module, "SLICE_MESSAGES", 20)
    async with ActorSystem(clock=ManualClock(), turn_budget=8) as system:
        ref = system.spawn(Endless)
        ref.tell("go")
        await asyncio.sleep(0)
        assert ref.actor is not None
        assert ref.actor.handled == 24
        system.kill(ref)


async def test_callbacks_run_once_at_the_end_of_the_slice() -> None:
    story: list[str] = []

    class Ender(Writer):
        def on_receive(self, message: Any) -> None:
            super().on_receive(message)
            self.system.at_turn_end(lambda: story.append(f"end {message}"))

    async with ActorSystem(clock=ManualClock()) as system:
        for name in "ab":
            system.spawn(Ender, story, name=name).tell(0)
        await system.settle()
        assert story == ["a0", "b0", "end 0", "end 0"]


async def test_outside_of_a_slice_a_callback_runs_soon() -> None:
    story: list[str] = []
    async with ActorSystem() as system:
        system.at_turn_end(lambda: story.append("end"))
        assert story == []
        await asyncio.sleep(0)
        assert story == ["end"]


async def test_a_callback_may_ask_for_another_and_only_that_runs_at_once() -> None:
    story: list[str] = []
    async with ActorSystem() as system:

        def ask(*names: str) -> None:
            def call() -> None:
                story.append(names[0])
                if names[1:]:
                    ask(*names[1:])

            system.at_turn_end(call)

        ask("first", "second", "third")
        await asyncio.sleep(0)
        assert story == ["first", "second"]
        await asyncio.sleep(0)
        assert story == ["first", "second", "third"]


async def test_a_callback_that_fails_is_logged_and_the_others_run() -> None:
    def fail() -> None:
        raise ValueError

    story: list[str] = []
    async with ActorSystem() as system:
        system.at_turn_end(fail)
        system.at_turn_end(lambda: story.append("end"))
        with structlog.testing.capture_logs() as logs:
            await asyncio.sleep(0)
    assert story == ["end"]
    assert [entry["event"] for entry in logs] == ["turn_end_failed"]


async def test_a_callback_before_the_system_runs_waits_for_it() -> None:
    story: list[str] = []
    system = ActorSystem()
    system.at_turn_end(lambda: story.append("end"))
    assert story == []
    async with system:
        pass
    assert story == ["end"]


async def test_callbacks_that_wait_when_the_system_stops_still_run() -> None:
    story: list[str] = []
    async with ActorSystem() as system:
        system.at_turn_end(lambda: story.append("end"))
    assert story == ["end"]


def test_an_interrupt_goes_by_and_the_others_have_their_turns() -> None:
    story: list[str] = []

    class Interrupted(LoopActor):
        def on_receive(self, message: Any) -> None:
            raise KeyboardInterrupt

    async def scene(refs: list[LoopActorRef[Any]]) -> None:
        async with ActorSystem() as system:
            refs += [system.spawn(Interrupted), system.spawn(Writer, story, name="b")]
            for ref in refs:
                ref.tell(0)
            await system.settle()
            refs[1].tell(1)
            await system.settle()

    refs: list[LoopActorRef[Any]] = []
    loop = asyncio.new_event_loop()
    try:
        task = loop.create_task(scene(refs))
        with pytest.raises(KeyboardInterrupt):
            loop.run_until_complete(task)
        loop.run_until_complete(task)
    finally:
        loop.close()
    assert story == ["b0", "b1"]
    assert not refs[0].is_alive()
