"""The Cassandra store on a lone node, beside bare inserts of the driver into the same table."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Protocol

from cassandra.cluster import Session
from cassandra.query import PreparedStatement
from tests.support.ring import Ring, ring_for_tests

from hubbub.actors.runtime.tasks import Tasks
from hubbub.config.ids import ConvId, letters, shard_of
from hubbub.storage.cassandra.connection import Link
from hubbub.storage.cassandra.rows import inserts
from hubbub.storage.cassandra.store import CassandraStore
from hubbub.storage.records import Entry

from .pieces.meter import cpu_s, percentile
from .pieces.result import Figure, LostError, Options, Result
from .pieces.rounds import text_of

#: Messages that are not yet acknowledged, each in a log of its own.
IN_FLIGHT = (1, 16, 200)
#: Rounds of each, store and floor in turn; the first one warms the server up.
ROUNDS = 4

#: Far above what a round takes.
PATIENCE_S = 120.0

#: As a node sets it: with the default the driver's thread starves beside a busy loop.
SWITCH_S = 0.0005

((_INSERT, _),) = inserts(ConvId(""), [(Entry(1, 1, "", 1, "", 0, "text", b"", 1), 1)])

#: Called once a message is durable, or with what went wrong.
Done = Callable[[BaseException | None], None]


class Writer(Protocol):
    """Writes a message to the end of one of so many logs."""

    def write(self, log: int, text: bytes, done: Done) -> None: ...


class StoreWriter:
    """By the store: adopted, judged, committed in groups, the fence read."""

    def __init__(self, store: CassandraStore, epochs: dict[ConvId, int]) -> None:
        self._store = store
        self._logs = list(epochs.items())
        self._heads = [0] * len(self._logs)

    def write(self, log: int, text: bytes, done: Done) -> None:
        conv, epoch = self._logs[log]
        self._heads[log] += 1
        self._store.append(conv, epoch, [_entry(self._heads[log], epoch, text)], done)


class FloorWriter:
    """By the driver alone: a request for each row, in the driver's own thread; no loop hears of it,
    and nobody looks whose log it is."""

    def __init__(self, session: Session, insert: PreparedStatement, logs: list[ConvId]) -> None:
        self._session = session
        self._insert = insert
        self._logs = logs
        self._heads = [0] * len(logs)

    def write(self, log: int, text: bytes, done: Done) -> None:
        self._heads[log] += 1
        head = self._heads[log]
        ((_, values),) = inserts(self._logs[log], [(_entry(head, 1, text), head)])

        def came(_: object) -> None:
            done(None)

        self._session.execute_async(self._insert.bind(values)).add_callbacks(came, done)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a round cost, a message."""

    client_us: float
    server_us: float
    rate_s: float
    ack_ms: float


async def run(options: Options) -> Result:
    """Each number in flight on logs of its own, the store and the floor in turn."""
    sys.setswitchinterval(SWITCH_S)
    rings = ring_for_tests(1, "CASSANDRA_FOR_TESTS")
    ring = await asyncio.to_thread(next, rings)
    try:
        return Result(
            "ring",
            "The Cassandra store on a lone node, texts of 200 bytes; floor: the driver's inserts",
            await _figures(ring, 500 if options.quick else 5000),
            [],
        )
    finally:
        await asyncio.to_thread(next, rings, None)


async def _figures(ring: Ring, messages: int) -> list[Figure]:
    figures: list[Figure] = []
    tasks = Tasks()
    store = CassandraStore(ring.options, tasks.start)
    await store.open()
    link = await asyncio.to_thread(Link, ring.options)
    link.session.set_keyspace(ring.options.keyspace)
    insert = await asyncio.to_thread(link.session.prepare, _INSERT)
    try:
        for in_flight in IN_FLIGHT:
            logs = [ConvId(f"g_{letters(os.urandom(16))}") for _ in range(2 * in_flight)]
            ours = logs[:in_flight]
            epochs = {s: await store.claim(s) for s in {shard_of(conv) for conv in ours}}
            by_store = StoreWriter(store, {conv: epochs[shard_of(conv)] for conv in ours})
            by_floor = FloorWriter(link.session, insert, logs[in_flight:])
            count = messages // 5 if in_flight == 1 else messages
            rounds = [
                (
                    await _round(ring, by_store, in_flight, count),
                    await _round(ring, by_floor, in_flight, count),
                )
                for _ in range(ROUNDS)
            ][1:]
            figures += _beside(in_flight, [a for a, _ in rounds], [b for _, b in rounds])
    finally:
        await asyncio.to_thread(link.close)
        await store.close()
        await tasks.stop()
    return figures


async def _round(ring: Ring, writer: Writer, in_flight: int, count: int) -> Outcome:
    """So many messages, one after the other in each log.

    Raises:
        LostError: One was not stored, or not in time.
    """
    server = int((ring.folder / "1" / "pid").read_text())
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()
    acks: list[float] = []
    # Taking from an iterator is one step under the interpreter's lock, whatever the thread.
    numbers = iter(range(count))

    def send(log: int) -> None:
        number = next(numbers, None)
        if number is None:
            return
        begin = time.perf_counter()

        def done(error: BaseException | None) -> None:
            acks.append((time.perf_counter() - begin) * 1e3)
            if error is not None:
                loop.call_soon_threadsafe(end, LostError(f"not stored: {error}"))
            elif len(acks) == count:
                loop.call_soon_threadsafe(end, None)
            else:
                send(log)

        writer.write(log, text_of(number).encode(), done)

    def end(error: LostError | None) -> None:
        if over.done():
            return
        if error is not None:
            over.set_exception(error)
        else:
            over.set_result(None)

    client_s, server_s, began = cpu_s(os.getpid()), cpu_s(server), time.perf_counter()
    for log in range(in_flight):
        send(log)
    try:
        async with asyncio.timeout(PATIENCE_S):
            await over
    except TimeoutError:
        raise LostError(f"{count - len(acks)} of {count} were never acknowledged") from None
    return Outcome(
        (cpu_s(os.getpid()) - client_s) / count * 1e6,
        (cpu_s(server) - server_s) / count * 1e6,
        count / (time.perf_counter() - began),
        percentile(acks, 0.5),
    )


def _beside(in_flight: int, store: list[Outcome], floor: list[Outcome]) -> list[Figure]:
    def figures(who: str, outcomes: list[Outcome]) -> list[Figure]:
        what = f"{in_flight} in flight: {who}"
        return [
            Figure(f"{what}: CPU a message", median(o.client_us for o in outcomes), "us"),
            Figure(f"{what}: server's CPU", median(o.server_us for o in outcomes), "us"),
            Figure(f"{what}: messages", median(o.rate_s for o in outcomes), "/s"),
            Figure(f"{what}: ack p50", median(o.ack_ms for o in outcomes), "ms"),
        ]

    return figures("store", store) + figures("floor", floor)


def _entry(seq: int, epoch: int, text: bytes) -> Entry:
    return Entry(seq, epoch, "v_benchmark", seq, "u_benchmark", 0, "text", text, seq)


__all__ = ["run"]
