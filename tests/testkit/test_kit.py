"""A kit's life: what it gives, what it finds left behind, what a failure tells."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.testkit.counter import Add, Counter, Stubborn, Tell

from hubbub.testkit import kit as kit_module
from hubbub.testkit.clock import VirtualLoop
from hubbub.testkit.kit import Kit, LeakError
from hubbub.testkit.watched_system import CrashFault


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a plain loop actors have real time for stopping: let it be short."""
    monkeypatch.setattr(kit_module, "STOP_S", 0.05)


async def test_actors_that_live_at_the_end_are_stopped_and_that_is_no_leak() -> None:
    async with Kit() as kit:
        counter = kit.system.spawn(Counter)
    assert not counter.is_alive()
    assert not kit.system.is_open


@pytest.mark.usefixtures("hasty")
async def test_an_actor_that_does_not_stop_is_a_leak() -> None:
    with pytest.raises(LeakError, match="actor stubborn, which did not stop"):
        async with Kit() as kit:
            kit.system.spawn(Stubborn, name="stubborn")
            kit.system.spawn(Counter, name="counter")


async def test_a_task_that_outlives_the_test_is_a_leak_and_is_ended() -> None:
    task: asyncio.Task[Any] | None = None
    with pytest.raises(LeakError, match="task forgotten: "):
        async with Kit():
            waiting = asyncio.Event().wait()
            task = asyncio.get_running_loop().create_task(waiting, name="forgotten")
    assert task is not None
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_timer_that_outlives_the_test_is_a_leak() -> None:
    with pytest.raises(LeakError, match="1 timers of the clock"):
        async with Kit() as kit:
            kit.clock.call_later(5, lambda: None)
            kit.clock.call_later(5, lambda: None).cancel()


def test_a_timer_of_a_virtual_loop_is_counted_too() -> None:
    async def leave() -> None:
        async with Kit() as kit:
            kit.clock.call_later(5, lambda: None)
            kit.clock.call_later(5, lambda: None).cancel()

    with (
        asyncio.Runner(loop_factory=VirtualLoop) as runner,
        pytest.raises(LeakError, match="1 timers of the clock"),
    ):
        runner.run(leave())


async def test_the_tasks_of_whoever_runs_the_test_are_no_leak() -> None:
    before = asyncio.get_running_loop().create_task(asyncio.Event().wait())
    async with Kit():
        pass
    before.cancel()


@pytest.mark.usefixtures("hasty")
async def test_a_failure_is_not_hidden_by_a_leak_and_carries_the_story() -> None:
    with pytest.raises(KeyError) as failed:
        async with Kit() as kit:
            kit.system.spawn(Stubborn)
            kit.system.spawn(Counter, name="counter").tell(Add())
            await kit.settle()
            raise KeyError("mine")
    (note,) = failed.value.__notes__
    assert "handles   counter" in note


async def test_a_crash_fault_strikes_at_the_message_it_names() -> None:
    async with Kit() as kit:
        counter = kit.system.spawn(Counter, name="counter")
        kit.crash("count*", at=3)
        for _ in range(2):
            counter.tell(Add())
        await kit.settle()
        assert counter.is_alive()
        with pytest.raises(CrashFault):
            await kit.system.ask(counter, Add(), timeout_s=1)
        assert not counter.is_alive()


async def test_what_nobody_took_is_among_the_dead_letters() -> None:
    async with Kit() as kit:
        other = kit.new_system("other")
        await other.__aenter__()
        assert not kit.system.tell("nobody", Add())
        assert not other.tell("nobody either", Add())
        assert [letter.name for letter in kit.dead_letters] == ["nobody", "nobody either"]
        assert "lost      other/nobody either Add(amount=1): unknown" in kit.story.told()


async def test_what_is_to_be_done_at_the_end_is_done_the_latest_first_before_actors_stop() -> None:
    done: list[tuple[str, bool]] = []

    async with Kit() as kit:
        counter = kit.system.spawn(Counter)

        async def later() -> None:
            done.append(("first", counter.is_alive()))

        kit.on_close(lambda: done.append(("last", counter.is_alive())))
        kit.on_close(later)
    assert done == [("first", True), ("last", True)]


async def test_a_kit_numbers_its_probes() -> None:
    async with Kit() as kit:
        assert [kit.probe().name, kit.probe().name] == ["probe", "probe-2"]


@pytest.mark.parametrize("factory", [asyncio.new_event_loop, VirtualLoop])
def test_the_same_seed_gives_the_same_story_on_every_loop(factory: Any) -> None:
    async def play(seed: int) -> str:
        async with Kit(seed=seed, shuffle=True) as kit:
            probe = kit.probe()
            for n in range(8):
                counter = kit.system.spawn(Counter, name=f"counter-{n}")
                counter.tell(Add(n))
                counter.tell(Tell(probe.ref, after_s=n % 3))
            for _ in range(8):
                await probe.expect(int)
            return kit.story.told(last=200)

    def told(seed: int) -> str:
        with asyncio.Runner(loop_factory=factory) as runner:
            return runner.run(play(seed))

    assert told(7) == told(7)
    assert told(7) != told(8)
