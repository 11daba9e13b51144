"""Rates and bytes of one kind of actors, in a process of its own.

python -m benchmarks.pieces.actor_rates KIND COUNT      prints them as JSON
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import time
from collections.abc import Callable
from math import prod
from statistics import median
from threading import Event
from typing import Any

import msgspec
import pykka
import uvloop

from hubbub.actors.runtime.actor import LoopActor
from hubbub.actors.runtime.system import ActorSystem

from ..actors import Rates
from . import meter

#: (actors, messages for each, rounds): a round is over when all is handled.
_SPREAD = (1000, 1, 50)
_HOT = (1, 5000, 20)
_ASKS = 20_000
_ASKED = 100

#: The last message of a round for its actor, which counts all of them and tells of this one.
LAST = "last"


class _Count:
    """How many actors have started, or are through with what they were told; rings at a number."""

    def __init__(self) -> None:
        self.done = 0
        self._goal = -1
        self._bell: Callable[[], object] = int

    def one_more(self) -> None:
        """A start, or a last message."""
        self.done += 1
        if self.done == self._goal:
            self._bell()

    def ring_at(self, more: int, bell: Callable[[], object]) -> None:
        """Ring when so many more are done."""
        self._goal, self._bell = self.done + more, bell


class _OnLoop(LoopActor):
    def __init__(self, count: _Count) -> None:
        super().__init__()
        self._count = count
        self.handled = 0

    def on_start(self) -> None:
        self._count.one_more()

    def on_receive(self, message: Any) -> Any:
        self.handled += 1
        if message is LAST:
            self._count.one_more()
        return message


class _OnThread(pykka.ThreadingActor):
    def __init__(self, count: _Locked) -> None:
        super().__init__()
        self._count = count
        self.handled = 0

    def on_start(self) -> None:
        self._count.one_more()

    def on_receive(self, message: Any) -> Any:
        self.handled += 1
        if message is LAST:
            self._count.one_more()
        return message


class _Locked(_Count):
    """The same for threads: `+=` on an attribute is not atomic."""

    def __init__(self) -> None:
        super().__init__()
        # Taking from an iterator is one step under the interpreter's lock, and costs no lock.
        self._tickets = iter(range(1, 1 << 60))

    def one_more(self) -> None:
        """A start, or a last message."""
        self.done = ticket = next(self._tickets)
        if ticket == self._goal:
            self._bell()


def _rss_bytes() -> int:
    gc.collect()
    return meter.rss_kib(os.getpid()) * 1024


def _check(handled: int, told: int) -> None:
    if handled != told:
        raise AssertionError(f"{handled} messages were handled, {told} told or asked")


async def _on_loop(count: int) -> Rates:
    tally = _Count()
    loop = asyncio.get_running_loop()

    def bell(more: int) -> asyncio.Future[None]:
        rung: asyncio.Future[None] = loop.create_future()
        tally.ring_at(more, lambda: rung.set_result(None))
        return rung

    async with ActorSystem() as system:
        system.spawn(_OnLoop, tally)
        await system.settle()
        empty = _rss_bytes()
        started = bell(count)
        begin = time.perf_counter()
        refs = [system.spawn(_OnLoop, tally) for _ in range(count)]
        await started
        spawn_s = count / (time.perf_counter() - begin)
        await system.settle()
        idle = _rss_bytes()

        async def told_s(receivers: int, each: int, rounds: int) -> float:
            took: list[float] = []
            for _ in range(rounds):
                begin = time.perf_counter()
                handled = bell(receivers)
                for ref in refs[:receivers]:
                    for number in range(each - 1):
                        ref.tell(number)
                    ref.tell(LAST)
                await handled
                took.append(time.perf_counter() - begin)
            return receivers * each / median(took)

        spread_s, hot_s = await told_s(*_SPREAD), await told_s(*_HOT)
        told = prod(_SPREAD) + prod(_HOT) + _ASKS

        begin = time.perf_counter()
        for number in range(_ASKS):
            await refs[number % _ASKED].ask(number, block=False)
        ask_s = _ASKS / (time.perf_counter() - begin)

        handled = bell(count)
        for ref in refs:
            ref.tell(LAST)
        await handled
        await system.settle()
        used = _rss_bytes()
        told_to = refs[: _SPREAD[0]]
        _check(sum([await ref.proxy().handled for ref in told_to]), told + len(told_to))
    return Rates(spawn_s, spread_s, hot_s, ask_s, (idle - empty) / count, (used - empty) / count)


def _on_threads(count: int) -> Rates:
    tally = _Locked()
    _OnThread.start(tally).ask(0)
    empty = _rss_bytes()
    rung = Event()
    tally.ring_at(count, rung.set)
    begin = time.perf_counter()
    refs = [_OnThread.start(tally) for _ in range(count)]
    rung.wait()
    spawn_s = count / (time.perf_counter() - begin)
    idle = _rss_bytes()

    def told_s(receivers: int, each: int, rounds: int) -> float:
        took: list[float] = []
        for _ in range(rounds):
            begin = time.perf_counter()
            rung.clear()
            tally.ring_at(receivers, rung.set)
            for ref in refs[:receivers]:
                for number in range(each - 1):
                    ref.tell(number)
                ref.tell(LAST)
            rung.wait()
            took.append(time.perf_counter() - begin)
        return receivers * each / median(took)

    spread_s, hot_s = told_s(*_SPREAD), told_s(*_HOT)
    asks = _ASKS // 4
    told = prod(_SPREAD) + prod(_HOT) + asks

    begin = time.perf_counter()
    for number in range(asks):
        refs[number % _ASKED].ask(number)
    ask_s = asks / (time.perf_counter() - begin)
    used = _rss_bytes()
    _check(sum(ref.proxy().handled.get() for ref in refs), told)
    pykka.ActorRegistry.stop_all()
    return Rates(spawn_s, spread_s, hot_s, ask_s, (idle - empty) / count, (used - empty) / count)


if __name__ == "__main__":
    kind, size = sys.argv[1], int(sys.argv[2])
    rates = uvloop.run(_on_loop(size)) if kind == "loop" else _on_threads(size)
    print(msgspec.json.encode(rates).decode())


__all__: list[str] = []
