"""Every fault there is a run for: what is done, and a line each in the table."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from .ground import Ground, Size, one_node

G = TypeVar("G", bound=Ground)

#: A text is on its way, committed and acknowledged within so long, more or less.
_IN_HAND_S = 0.008


@dataclass(frozen=True, slots=True)
class Fault(Generic[G]):
    """One thing that goes wrong.

    Attributes:
        name: For the table of results.
        ground: What it is done to: (folder, size, seed) -> it, for the length of a block.
        strike: Does it, and undoes what does not heal by itself; for how many seconds nothing can
            have been acknowledged somewhere, so that a fault that never struck shows.
        rounds: How often, in the full run.
        quick: It is among those of `make test`.
        logs: Words of the errors that a node may log of it.
    """

    name: str
    ground: Callable[[Path, Size, int], AbstractAsyncContextManager[G]]
    strike: Callable[[G], Awaitable[float]]
    rounds: int = 3
    quick: bool = False
    logs: tuple[str, ...] = ()


async def timed(*steps: Awaitable[None]) -> float:
    """Do these one after the other. Returns: how long they took."""
    began = time.monotonic()
    for step in steps:
        await step
    return time.monotonic() - began


async def at_work(ground: Ground) -> None:
    """Wait for a moment at which nodes have something in hand: any, within a few milliseconds."""
    await ground.load.burst()
    await asyncio.sleep(ground.chance.uniform(0, _IN_HAND_S))


async def kill(ground: Ground) -> float:
    """kill -9 while it has something in hand, and started again."""
    node = ground.node()
    await at_work(ground)
    return await timed(node.kill(), node.start())


async def kill_twice(ground: Ground) -> float:
    """kill -9, and once more while it starts and takes up what was left."""
    node = ground.node()
    await at_work(ground)
    dies = node.die_starting(ground.chance.uniform(0.2, 1.5))
    return await timed(node.kill(), dies, node.start())


async def pause(ground: Ground) -> float:
    """SIGSTOP, and after a while SIGCONT."""
    with ground.node().paused():
        await asyncio.sleep(ground.size.hold_s)
    return ground.size.hold_s


async def restart(ground: Ground) -> float:
    """Each node in turn is stopped in order (SIGTERM), and started again."""
    for node in ground.nodes:
        await node.stop()
        await node.start()
    return 0.0


async def block(ground: Ground) -> float:
    """Something holds a node's loop for a while."""
    ground.node().block()
    await asyncio.sleep(ground.size.hold_s)
    return ground.size.hold_s


async def wrong_clock(ground: Ground) -> float:
    """A node's wall clock is a minute slow for a while."""
    with ground.node().clock_wrong():
        await asyncio.sleep(ground.size.hold_s)
    return 0.0


async def full_disk(ground: Ground) -> float:
    """No file of a node may grow for a while."""
    with ground.node().disk_full():
        await asyncio.sleep(ground.size.hold_s)
    return ground.size.hold_s


FAULTS: tuple[Fault[Any], ...] = (
    Fault("kill -9 of a node", one_node, kill, rounds=10, quick=True),
    Fault("kill -9, and again as it starts", one_node, kill_twice, rounds=5),
    Fault("SIGSTOP, SIGCONT", one_node, pause, quick=True),
    Fault("restart in order", one_node, restart, rounds=5, quick=True),
    Fault("a loop that is blocked", one_node, block, quick=True),
    Fault("a clock off by a minute", one_node, wrong_clock),
    Fault("a full disk", one_node, full_disk, quick=True, logs=("commit_failed",)),
)

__all__ = ["FAULTS", "Fault"]
