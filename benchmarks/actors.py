"""Actors without a network: to start, to tell, to ask, and to keep, beside pykka's threads."""

from __future__ import annotations

import asyncio
import sys
from typing import Literal

import msgspec

from .pieces.floor import ROOT
from .pieces.result import Figure, Goal, LostError, Options, Result

#: Bytes of an idle actor, and its rates over ThreadingActor's (issue 3).
GOAL_BYTES = 1024
GOAL_TIMES = 5

#: Far above what either kind takes.
PATIENCE_S = 120.0

Kind = Literal["loop", "thread"]


class Rates(msgspec.Struct):
    """What one kind of actors does.

    Attributes:
        spread_s, hot_s: Messages told and handled, to many actors in turn and to one.
        idle_bytes: Resident memory of one that is started and has nothing to do.
        used_bytes: The same after it has handled a message.
    """

    spawn_s: float
    spread_s: float
    hot_s: float
    ask_s: float
    idle_bytes: float
    used_bytes: float


async def run(options: Options) -> Result:
    """Each kind in a process of its own, so that neither pays for the other's memory."""
    loop = await _measure("loop", 20_000 if options.quick else 100_000)
    # As many as are told in turn, also when it is quick.
    thread = await _measure("thread", 1_000)
    # In bursts a thread handles thousands of messages between two switches, so its rate is that of
    # a queue; the goal stands for actors that wait for their messages.
    times = Goal("at least", GOAL_TIMES)
    return Result(
        "actors",
        "LoopActor on one loop, beside pykka's ThreadingActor",
        [
            Figure("idle LoopActor", loop.idle_bytes, "bytes", Goal("at most", GOAL_BYTES)),
            Figure("LoopActor after a message", loop.used_bytes, "bytes"),
            Figure("idle ThreadingActor", thread.idle_bytes, "bytes"),
            *_beside("started", loop.spawn_s, thread.spawn_s, times),
            *_beside("told, many actors in turn", loop.spread_s, thread.spread_s, times),
            *_beside("told, one actor in bursts", loop.hot_s, thread.hot_s),
            *_beside("asked and answered", loop.ask_s, thread.ask_s),
        ],
        [],
    )


def _beside(what: str, loop_s: float, thread_s: float, goal: Goal | None = None) -> list[Figure]:
    return [
        Figure(f"LoopActor: {what}", loop_s, "/s"),
        Figure(f"ThreadingActor: {what}", thread_s, "/s"),
        Figure(f"{what}: times ThreadingActor", loop_s / thread_s, "", goal),
    ]


async def _measure(kind: Kind, count: int) -> Rates:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.pieces.actor_rates",
        kind,
        str(count),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            out, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise LostError(f"{kind} actors did not end in {PATIENCE_S:.0f} s") from None
    if process.returncode != 0:
        raise LostError(f"the actors' process ended with {process.returncode}")
    return msgspec.json.decode(out, type=Rates)


__all__ = ["Rates", "run"]
