"""Between the driver's thread and the loop: one wake-up for many answers, and bounds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from threading import Thread
from typing import Any

import pytest

from hubbub.config.errors import OutcomeUnknownError, StoreRefusedError, StoreRetryableError
from hubbub.storage.cassandra.driver_bridge import DriverBridge
from hubbub.storage.cassandra.store import CassandraStore


class Statement:
    def __init__(self, cql: str) -> None:
        self.cql = cql
        self.consistency_level: int | None = None
        self.is_idempotent = False

    def bind(self, values: Sequence[object]) -> tuple[str, Sequence[object], int | None]:
        if "unbindable" in values:
            raise TypeError("no such type")
        return self.cql, values, self.consistency_level


class Future:
    def __init__(self) -> None:
        self.callbacks: list[tuple[Callable[..., None], Callable[..., None]]] = []

    def add_callbacks(self, came: Callable[..., None], failed: Callable[..., None]) -> None:
        self.callbacks.append((came, failed))


class Session:
    """A driver's session that answers when it is told to, from a thread of its own."""

    def __init__(self, unpreparable: int = 0) -> None:
        self.prepared: list[str] = []
        self.statements: dict[str, Statement] = {}
        self.sent: list[tuple[object, Future]] = []
        self._unpreparable = unpreparable

    def prepare(self, cql: str) -> Statement:
        self.prepared.append(cql)
        if self._unpreparable:
            self._unpreparable -= 1
            raise ValueError("the schema is on its way")
        statement = self.statements[cql] = Statement(cql)
        return statement

    def execute_async(self, bound: object) -> Future:
        future = Future()
        self.sent.append((bound, future))
        return future

    def answer(self, what: Callable[[int], object]) -> None:
        """Answer all, in the driver's thread."""

        def answers() -> None:
            for n, (_, future) in enumerate(self.sent):
                given = what(n)
                ((came, failed),) = future.callbacks
                failed(given) if isinstance(given, Exception) else came(given)

        thread = Thread(target=answers)
        thread.start()
        thread.join()
        self.sent.clear()


async def sent(session: Session, count: int) -> None:
    """Wait until so many were sent: the preparer has a thread of its own."""
    async with asyncio.timeout(10):
        while len(session.sent) < count:  # noqa: ASYNC110 - a thread sends
            await asyncio.sleep(0)


def bridge(session: Session, most: int = 100) -> DriverBridge:
    made: Any = session
    return DriverBridge(made, 9, most=most)


async def test_all_that_arrived_comes_by_one_wake_up(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session()
    between = bridge(session)
    loop = asyncio.get_running_loop()
    answers = [between.start("SELECT", (n,)) for n in range(50)]
    await sent(session, 50)
    wakes = 0
    wake = loop.call_soon_threadsafe

    def counted(*given: Any) -> Any:
        nonlocal wakes
        wakes += 1
        return wake(*given)

    monkeypatch.setattr(loop, "call_soon_threadsafe", counted)
    session.answer(lambda n: [(n,)])
    assert [await answer for answer in answers] == [[(n,)] for n in range(50)]
    assert wakes == 1
    assert session.prepared == ["SELECT"]
    assert between.under_way == 0
    between.close()


async def test_a_serial_read_is_another_statement() -> None:
    session = Session()
    between = bridge(session)
    plain = between.start("SELECT", (1,))
    await sent(session, 1)
    serial = between.start("SELECT", (1,), serial=True)
    await sent(session, 2)
    assert [bound for bound, _ in session.sent] == [("SELECT", (1,), None), ("SELECT", (1,), 9)]
    session.answer(lambda _: None)
    assert (await plain, await serial) == ([], [])
    between.close()


async def test_only_what_reads_may_be_asked_of_another_host() -> None:
    session = Session()
    between = bridge(session)
    told = ["SELECT seq", "UPDATE log", "INSERT INTO tips", "DELETE FROM log"]
    answers = [between.start(cql) for cql in told]
    await sent(session, len(told))
    assert [cql for cql in told if session.statements[cql].is_idempotent] == ["SELECT seq"]
    session.answer(lambda _: [])
    await asyncio.gather(*answers)
    between.close()


async def test_failures_are_told_as_what_is_known() -> None:
    session = Session()
    between = bridge(session)
    lost, unbindable = between.start("UPDATE", (1,)), between.start("UPDATE", ("unbindable",))
    await sent(session, 1)
    session.answer(lambda _: ConnectionError("gone"))
    with pytest.raises(OutcomeUnknownError, match="gone"):
        await lost
    with pytest.raises(StoreRetryableError, match="no such type"):
        await unbindable
    between.close()


async def test_preparing_is_tried_again_and_then_given_up() -> None:
    session = Session(unpreparable=2)
    between = bridge(session)
    answer = between.start("SELECT", ())
    await sent(session, 1)
    session.answer(lambda _: [])
    assert await answer == []
    between.close()
    hopeless = bridge(Session(unpreparable=9))
    with pytest.raises(StoreRetryableError, match="on its way"):
        await hopeless.run("SELECT")
    hopeless.close()


async def test_so_many_are_under_way_and_no_more() -> None:
    session = Session()
    between = bridge(session, most=2)
    first = [between.start("SELECT", (n,)) for n in range(2)]
    with pytest.raises(StoreRetryableError, match="too many"):
        await between.start("SELECT", (3,))
    await sent(session, 2)
    session.answer(lambda _: [])
    for answer in first:
        await answer
    await_again = between.start("SELECT", (4,))
    await sent(session, 1)
    session.answer(lambda _: [])
    assert await await_again == []
    between.close()


async def test_who_went_away_is_not_told() -> None:
    session = Session()
    between = bridge(session)
    answer = between.start("SELECT", ())
    await sent(session, 1)
    answer.cancel()
    session.answer(lambda _: [])
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert between.under_way == 0
    between.close()


async def test_a_statement_that_is_none_is_refused(store: CassandraStore) -> None:
    with pytest.raises(StoreRefusedError):
        await store.look("SELECT nothing FROM nowhere")
