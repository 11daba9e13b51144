"""The only place where asyncio tasks start."""

from __future__ import annotations

import asyncio

import structlog

from hubbub.actors.runtime.tasks import Tasks


async def test_a_task_gives_its_result_and_is_forgotten() -> None:
    async def work() -> int:
        return 3

    tasks = Tasks()
    task = tasks.start(work(), "work")
    assert len(tasks) == 1
    assert await task == 3
    await asyncio.sleep(0)
    assert len(tasks) == tasks.failed == 0


async def test_a_failure_is_logged_and_counted() -> None:
    async def work() -> None:
        raise ValueError

    tasks = Tasks()
    with structlog.testing.capture_logs() as logs:
        await asyncio.wait([tasks.start(work(), "work")])
        await asyncio.sleep(0)
    assert tasks.failed == 1
    assert [(entry["event"], entry["task"]) for entry in logs] == [("task_failed", "work")]


async def test_stop_cancels_all_and_waits_until_they_are_gone() -> None:
    cleaned: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.append("up")

    async def never_begins() -> None:
        raise AssertionError

    tasks = Tasks()
    tasks.start(work(), "work")
    await asyncio.sleep(0)
    tasks.start(never_begins(), "never")
    await tasks.stop()
    assert cleaned == ["up"]
    assert len(tasks) == tasks.failed == 0


async def test_a_task_may_stop_all_the_others() -> None:
    tasks = Tasks()
    tasks.start(asyncio.sleep(1000), "sleeper")
    await tasks.start(tasks.stop(), "stopper")
    await asyncio.sleep(0)
    assert len(tasks) == 0
