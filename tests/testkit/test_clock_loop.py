"""The kit's time in the shape of a loop."""

from __future__ import annotations

from hubbub.testkit.auto_clock import AutoClock
from hubbub.testkit.clock_loop import ClockLoop, WorldClock


async def test_calls_come_at_their_virtual_time_unless_they_are_cancelled() -> None:
    clock = AutoClock(lambda: None)
    loop = ClockLoop(clock).as_loop()
    rung: list[tuple[str, float]] = []

    def ring(name: str) -> None:
        rung.append((name, loop.time()))

    loop.call_soon(ring, "soon")
    loop.call_later(5, ring, "later")
    handle = loop.call_at(2, ring, "at")
    never = loop.call_later(1, ring, "never")
    loop.call_at(-1, ring, "overdue")
    never.cancel()
    assert (handle.when(), handle.cancelled(), never.cancelled()) == (2, False, True)
    await clock.sleep(10)
    assert rung == [("soon", 0), ("overdue", 0), ("at", 2), ("later", 5)]


async def test_what_is_under_way_when_the_world_ends_never_arrives() -> None:
    clock = AutoClock(lambda: None)
    world = WorldClock(clock)
    arrived: list[float] = []
    for delay in (1, 2, 30):
        world.call_later(delay, lambda: arrived.append(world.monotonic()))
    world.call_later(3, lambda: arrived.append(-1)).cancel()
    assert world.now_ms() == clock.now_ms()
    await clock.sleep(10)
    assert clock.pending == 1
    world.end()
    assert clock.pending == 0
    await clock.sleep(50)
    assert arrived == [1, 2]
