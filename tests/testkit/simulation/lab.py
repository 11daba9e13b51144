"""A world for the length of a test, and what tests of it need."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from hubbub.storage.records import Entry
from hubbub.testkit.simulation.chance import SeededChance
from hubbub.testkit.simulation.loop import SimLoop
from hubbub.testkit.simulation.trace import Trace
from hubbub.testkit.simulation.world import World

T = TypeVar("T")


def on_loop(work: Callable[[SimLoop], Awaitable[T]], seed: int = 1) -> T:
    """Run on a loop of virtual time."""
    loop = SimLoop(SeededChance(seed, "loop").rng)

    async def run() -> T:
        return await work(loop)

    try:
        return loop.run_until_complete(run())
    finally:
        loop.close()


def in_world(work: Callable[[World], Awaitable[T]], *, seed: int = 1, nodes: int = 1) -> T:
    """Open a world, work in it, close it; nothing may be left of it."""

    async def live(_loop: SimLoop) -> T:
        world = await World.open(seed, Trace(), nodes=nodes)
        result = await work(world)
        await world.close()
        assert world.problems == []
        return result

    return on_loop(live, seed)


def entry(seq: int, kind: str, body: bytes, sender: str = "u_a", **fields: Any) -> Entry:
    """A row of a log."""
    device = fields.pop("device", "")
    cid = fields.pop("cid", seq if device else 0)
    epoch, ts = fields.pop("epoch", 1), fields.pop("ts", seq)
    count, target = fields.pop("count", 0), fields.pop("target", 0)
    assert not fields
    return Entry(seq, epoch, device, cid, sender, ts, kind, body, count, target)


__all__ = ["entry", "in_world", "on_loop"]
