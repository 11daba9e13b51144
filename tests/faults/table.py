"""Every fault there is a run for: what is done, and a line each in the table."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from tests.support.node import ROOT

from hubbub.storage.cassandra.schema import migrate
from hubbub.transport.cluster.versions import VERSION

from .ground import Ground, Size, one_node
from .several import CLUSTER, Several, of_before, on_a_ring, several, wired
from .tap import Tap

G = TypeVar("G", bound=Ground)

#: What a node says of a disk that is full; its log may not grow either, and Python says so, with
#: what was to be logged.
_DISK_FULL = (
    *("commit_failed", "Traceback (most recent call last)"),
    *("sqlite3.OperationalError: disk I/O error", "OSError: [Errno 27] File too large"),
)

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


# --- of several nodes ---------------------------------------------------------------------------


async def lose_one(ground: Several) -> float:
    """kill -9 of a node; the others have to go on before it is started again."""
    node = ground.node()
    await at_work(ground)
    await node.kill()
    await asyncio.sleep(2 * ground.size.lease_s)
    await node.start()
    return ground.size.seen_s


async def pause_owner(ground: Several) -> float:
    """SIGSTOP for three leases: it wakes up as an owner, and others own what it had."""
    node = ground.node()
    await at_work(ground)
    with node.paused():
        await asyncio.sleep(3 * ground.size.lease_s)
    return ground.size.seen_s


async def block_owner(ground: Several) -> float:
    """Something holds a node's loop for longer than its lease."""
    ground.node().block()
    await asyncio.sleep(ground.size.hold_s)
    return min(ground.size.hold_s, ground.size.seen_s)


async def flush(ground: Several) -> float:
    """FLUSHALL: nobody is a member any more, and for two leases people talk on."""
    await at_work(ground)
    await ground.flush()
    await asyncio.sleep(2 * ground.size.lease_s)
    return 0.0


async def empty_redis(ground: Several) -> float:
    """Redis is killed, stays away for two leases, and comes back empty."""
    await at_work(ground)
    ground.redis.kill()
    await asyncio.sleep(2 * ground.size.lease_s)
    await asyncio.to_thread(ground.redis.start)
    return ground.size.lease_s


async def silent_redis(ground: Several) -> float:
    """Redis says nothing for two leases, and then goes on as if nothing had been."""
    await at_work(ground)
    ground.redis.signal(signal.SIGSTOP)
    await asyncio.sleep(2 * ground.size.lease_s)
    ground.redis.signal(signal.SIGCONT)
    return ground.size.lease_s


async def rolling_restart(ground: Several) -> float:
    """Each node in turn is drained as an operator does it, and started again."""
    for number, node in enumerate(ground.nodes, 1):
        await node.drain(f"n{number}")
        await node.start()
    return 0.0


async def rolling_upgrade(ground: Several) -> float:
    """Each node in turn is drained, and started again as the other program: this one, or, in the
    next round, the one before it. The tables are brought up first."""
    await asyncio.to_thread(migrate, ground.tables)
    tap = Tap(ground.redis.port, CLUSTER)
    for number, node in enumerate(ground.nodes, 1):
        await node.drain(f"n{number}")
        node.programs.rotate()
        await node.start()
        speaks = {
            f"n{n}": VERSION if each.programs[0] == ROOT else VERSION - 1
            for n, each in enumerate(ground.nodes, 1)
        }
        await tap.members(speaks)
        for (who, whom), versions in (await tap.heard()).items():
            assert versions == {min(speaks[who], speaks[whom])}, f"{who} told {whom} {versions}"
    return 0.0


async def add_node(ground: Several) -> float:
    """One more node comes, and after two leases it goes again, in order."""
    await ground.added.start()
    await asyncio.sleep(2 * ground.size.lease_s)
    await ground.added.drain("n4")
    return 0.0


async def cut_from_redis(ground: Several) -> float:
    """What n1 and Redis say to each other does not arrive for two leases."""
    await ground.wires["redis"].silence()
    await asyncio.sleep(2 * ground.size.lease_s)
    await ground.wires["redis"].mend()
    return 0.0


async def cut_from_ring(ground: Several) -> float:
    """What n1 and the ring say to each other does not arrive for a while."""
    await at_work(ground)
    await ground.wires["ring"].silence()
    await asyncio.sleep(ground.size.hold_s)
    await ground.wires["ring"].mend()
    return 0.0


async def lose_copy(ground: Several) -> float:
    """kill -9 of one of the three Cassandras, and back."""
    await _lose_copies(ground, 1)
    return 0.0


async def lose_two_copies(ground: Several) -> float:
    """kill -9 of two of the three: nothing can be acknowledged until one is back."""
    await _lose_copies(ground, 2)
    return ground.size.hold_s


async def _lose_copies(ground: Several, count: int) -> None:
    await at_work(ground)
    first = ground.chance.among((1, 2, 3))
    for n in range(count):
        ground.ring.signal((first + n - 1) % 3 + 1, signal.SIGKILL)
    await asyncio.sleep(ground.size.hold_s)
    await asyncio.to_thread(ground.ring.start)


FAULTS: tuple[Fault[Any], ...] = (
    Fault("kill -9 of a node", one_node, kill, rounds=5, quick=True),
    Fault("kill -9, and again as it starts", one_node, kill_twice),
    Fault("SIGSTOP, SIGCONT", one_node, pause, quick=True),
    Fault("restart in order", one_node, restart, quick=True),
    Fault("a loop that is blocked", one_node, block, quick=True),
    Fault("a clock off by a minute", one_node, wrong_clock),
    Fault("a full disk", one_node, full_disk, quick=True, logs=_DISK_FULL),
    Fault("one of three nodes killed", several, lose_one, rounds=5, quick=True),
    Fault("FLUSHALL", several, flush, quick=True),
    Fault("Redis killed, and back empty", several, empty_redis),
    Fault("an owner paused for three leases", several, pause_owner),
    Fault("rolling restart, drained", several, rolling_restart),
    Fault("rolling upgrade, and back", of_before, rolling_upgrade, rounds=2),
    Fault("Redis silent", several, silent_redis),
    Fault("one Cassandra of three killed", on_a_ring, lose_copy),
    Fault("two Cassandras of three killed", on_a_ring, lose_two_copies),
    Fault("a node cut off from Redis", wired, cut_from_redis),
    Fault("a node cut off from Cassandra", wired, cut_from_ring),
    Fault("a node added, and taken away", several, add_node),
    Fault("a clock of three off by a minute", several, wrong_clock),
    Fault("a loop of three blocked", several, block_owner),
)

__all__ = ["FAULTS", "Fault"]
