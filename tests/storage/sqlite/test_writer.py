"""The queue and the thread: order, bounds, bisecting, and what is left at the end."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hubbub.config.errors import StoreRefusedError, StoreRetryableError
from hubbub.config.ids import ConvId
from hubbub.config.units import KIB
from hubbub.storage.contract import Done
from hubbub.storage.sqlite.store import SqliteStore
from hubbub.testkit.contracts.hands import ANN, Log, Outcomes, account, conv_id, membership

from .faulty import Faults, Held, sqlite_error

TEA = conv_id("tea")


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
async def store(tmp_path: Path, faults: Faults) -> AsyncIterator[SqliteStore]:
    path = tmp_path / "hubbub.db"
    store = SqliteStore(
        path, connect=faults.connect(path), most_works=50, most_bytes=1000 * KIB, erase_idle_s=0.01
    )
    await store.open()
    yield store
    await store.close()


def say(log: Log, seq: int, done: Done, body: bytes = b"x", cid: int = 0) -> None:
    entry = log.entry(body, seq=seq, cid=cid or seq)
    log.store.append(log.conv, log.epoch, [entry], done)


def transactions(faults: Faults) -> int:
    return sum(1 for s in faults.statements if s == "COMMIT")


# --- groups -------------------------------------------------------------------------------------


async def test_what_arrives_during_a_commit_is_committed_together(
    store: SqliteStore, faults: Faults
) -> None:
    logs = [await Log.claim(store, conv_id(f"log {n}")) for n in range(40)]
    held = faults.hold("COMMIT")
    outcomes = Outcomes()
    say(logs[0], 1, outcomes.hear("first"))
    await held.reached()
    for n, log in enumerate(logs[1:]):
        say(log, 1, outcomes.hear(f"{n}"))
    before = transactions(faults)
    held.let_go()
    await outcomes.of("38")
    assert transactions(faults) == before + 1
    assert len(outcomes.order) == 40


async def test_a_commit_takes_no_more_than_its_share(store: SqliteStore, faults: Faults) -> None:
    log = await Log.claim(store, TEA)
    held = faults.hold("COMMIT")
    outcomes = Outcomes()
    say(log, 1, outcomes.hear("1"))
    await held.reached()
    for n in range(2, 5):
        say(log, n, outcomes.hear(f"{n}"), body=b"x" * 300 * KIB)
    before = transactions(faults)
    held.let_go()
    await outcomes.of("4")
    assert [name for name, _ in outcomes.order] == ["1", "2", "3", "4"]
    assert transactions(faults) <= before + 1
    assert await log.bodies() == [b"x"] + [b"x" * 300 * KIB] * 3


async def test_a_work_larger_than_a_commit_is_written_alone(store: SqliteStore) -> None:
    log = await Log.claim(store, TEA)
    await log.say(*(b"x" * 100 * KIB for _ in range(30)))
    assert await store.head(TEA) == (30, 30)


# --- bounds -------------------------------------------------------------------------------------


async def test_a_full_queue_refuses_in_turn_and_takes_again_when_there_is_room(
    store: SqliteStore, faults: Faults
) -> None:
    log = await Log.claim(store, TEA)
    held = faults.hold("COMMIT")
    outcomes = Outcomes()
    say(log, 1, outcomes.hear("1"))
    await held.reached()
    for n in range(2, 61):
        say(log, n, outcomes.hear(f"{n}"))
    with pytest.raises(StoreRetryableError):
        await asyncio.gather(store.create_account(account("ann"), []), _let_go(held))
    assert [name for name, _ in outcomes.order] == [f"{n}" for n in range(1, 61)]
    assert [error for _, error in outcomes.order[:50]] == [None] * 50
    assert {type(error) for _, error in outcomes.order[50:]} == {StoreRetryableError}
    log.head = 50
    await log.say("goes on")


async def _let_go(held: Held) -> None:
    held.let_go()


async def test_a_queue_is_full_by_bytes_too(store: SqliteStore, faults: Faults) -> None:
    log = await Log.claim(store, TEA)
    held = faults.hold("COMMIT")
    outcomes = Outcomes()
    for n in range(1, 5):
        say(log, n, outcomes.hear(f"{n}"), body=b"x" * 500 * KIB)
    held.let_go()
    await outcomes.of("4")
    assert [type(error) for _, error in outcomes.order] == [
        type(None),
        type(None),
        StoreRetryableError,
        StoreRetryableError,
    ]


# --- a row to blame -----------------------------------------------------------------------------


async def test_rows_to_blame_are_found_and_the_others_are_stored_in_order(
    store: SqliteStore, faults: Faults
) -> None:
    log, other = await Log.claim(store, TEA), await Log.claim(store, conv_id("other"))
    held = faults.hold("COMMIT")
    outcomes = Outcomes()
    say(log, 1, outcomes.hear("tea 1"))
    await held.reached()
    for n in range(2, 20):
        say(log, n, outcomes.hear(f"tea {n}"))
        say(other, n - 1, outcomes.hear(f"other {n - 1}"), cid=2**63 if n == 11 else n)
    held.let_go()
    await outcomes.of("other 18")
    told = dict(outcomes.order)
    assert [told[f"tea {n}"] for n in range(1, 20)] == [None] * 19
    assert [told[f"other {n}"] for n in range(1, 10)] == [None] * 9
    assert all(isinstance(told[f"other {n}"], StoreRefusedError) for n in range(10, 19))
    assert [name for name, _ in outcomes.order if name.startswith("other")] == [
        f"other {n}" for n in range(1, 19)
    ]
    assert await store.head(TEA) == (19, 19)
    assert await store.head(other.conv) == (9, 9)


async def test_a_full_disk_fails_all_of_a_commit_and_none_of_the_next(
    store: SqliteStore, faults: Faults
) -> None:
    logs = [await Log.claim(store, conv_id(f"log {n}")) for n in range(5)]
    for log in logs:
        await log.say("1")
    faults.before("INSERT INTO log", sqlite_error(sqlite3.SQLITE_FULL))
    held = faults.hold("INSERT INTO log")
    refused = [asyncio.get_running_loop().create_future() for _ in logs]
    for log, future in zip(logs, refused, strict=True):
        log.store.append(log.conv, log.epoch, [*log.entries("2", "3")], future.set_result)
    await held.reached()
    held.let_go()
    outcomes = [await future for future in refused]
    assert any(isinstance(error, StoreRetryableError) for error in outcomes)
    for log, error in zip(logs, outcomes, strict=True):
        if error is not None:
            await log.say("2", "3")
        assert await store.head(log.conv) == (3, 3)


# --- listeners ----------------------------------------------------------------------------------


async def test_a_listener_that_raises_does_not_keep_the_others_from_hearing(
    store: SqliteStore,
) -> None:
    log = await Log.claim(store, TEA)
    outcomes = Outcomes()

    def broken(error: object) -> None:
        raise ZeroDivisionError

    say(log, 1, broken)
    say(log, 2, outcomes.hear("2"))
    assert await outcomes.of("2") is None


async def test_outcomes_are_told_on_the_loops_thread(store: SqliteStore) -> None:
    log = await Log.claim(store, TEA)
    where: asyncio.Future[threading.Thread] = asyncio.get_running_loop().create_future()
    say(log, 1, lambda error: where.set_result(threading.current_thread()))
    assert await where is threading.current_thread()


async def test_who_stops_waiting_does_not_undo_the_change(
    store: SqliteStore, faults: Faults
) -> None:
    held = faults.hold("COMMIT")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await store.put_membership(membership(ANN, TEA))
    held.let_go()
    await store.secret("x", b"x")
    assert await store.membership(ANN, TEA) is not None


async def test_what_is_written_behind_and_fails_is_told_to_nobody_and_stops_nothing(
    store: SqliteStore, faults: Faults
) -> None:
    log = await Log.claim(store, TEA)
    await log.add(log.entry("x"), unfinished=True)
    faults.before("DELETE FROM unfinished", sqlite_error(sqlite3.SQLITE_FULL))
    store.finish(TEA, log.epoch)
    await store.activate(TEA, log.epoch)
    assert await store.unfinished() == [TEA]
    store.finish(TEA, log.epoch)
    await store.activate(TEA, log.epoch)
    assert await store.unfinished() == []


# --- life ---------------------------------------------------------------------------------------


async def test_no_thread_is_left_and_the_log_files_are_gone(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    store = SqliteStore(tmp_path / "hubbub.db")
    await store.open()
    await store.head(TEA)
    assert {t.name.rsplit("_")[0] for t in set(threading.enumerate()) - before} == {
        "hubbub-sqlite-writer",
        "hubbub-sqlite-reader",
    }
    await store.close()
    assert set(threading.enumerate()) == before
    assert [p.name for p in _listed(tmp_path)] == ["hubbub.db"]


def _listed(path: Path) -> list[Path]:
    return list(path.iterdir())


async def test_an_activation_under_way_is_answered_before_close(store: SqliteStore) -> None:
    log = await Log.claim(store, TEA)
    say(log, 1, lambda error: None)
    found, _ = await asyncio.gather(store.activate(TEA, log.epoch), store.close())
    assert [entry.seq for entry in found.tail] == [1]


async def test_a_full_queue_does_not_keep_a_store_from_closing(
    store: SqliteStore, faults: Faults
) -> None:
    log = await Log.claim(store, TEA)
    held = faults.hold("COMMIT")
    outcomes = Outcomes()
    for n in range(1, 80):
        say(log, n, outcomes.hear(f"{n}"))
    held.let_go()
    await store.close()
    assert len(outcomes.order) == 79


@pytest.mark.parametrize("fails", [False, True])
async def test_who_stops_waiting_for_open_leaves_no_thread(tmp_path: Path, fails: bool) -> None:
    path = tmp_path / "hubbub.db"
    faults = Faults()
    held = faults.hold("CONNECT")
    if fails:
        faults.before("PRAGMA journal_mode", sqlite_error(sqlite3.SQLITE_BUSY))
    before = set(threading.enumerate())
    store = SqliteStore(path, connect=faults.connect(path))
    asyncio.get_running_loop().call_later(0.02, held.let_go)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await store.open()
    assert set(threading.enumerate()) == before
    await store.open()
    await store.close()


def test_a_loop_that_ends_without_closing_the_store_leaves_a_usable_file(tmp_path: Path) -> None:
    path = tmp_path / "hubbub.db"
    faults = Faults()
    held = faults.hold("INSERT OR REPLACE INTO shards")

    async def careless() -> None:
        store = SqliteStore(path, connect=faults.connect(path))
        await store.open()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await store.claim(1)

    async def careful(conv: ConvId) -> None:
        store = SqliteStore(path)
        await store.open()
        log = await Log.claim(store, conv)
        await log.say("fine")
        await store.close()

    asyncio.run(careless())
    held.let_go()
    asyncio.run(careful(TEA))
