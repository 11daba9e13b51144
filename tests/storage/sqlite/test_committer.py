"""A batch that fails: what each work hears, and that the writer goes on."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from hubbub.config.clock import LoopClock
from hubbub.config.errors import (
    NameTakenError,
    OutcomeUnknownError,
    SeqMismatchError,
    StoreError,
    StoreRefusedError,
    StoreRetryableError,
)
from hubbub.config.ids import ConvId, shard_of
from hubbub.config.metrics import Metrics
from hubbub.storage.records import Entry
from hubbub.storage.sqlite.committer import Committer
from hubbub.storage.sqlite.connection import open_database
from hubbub.storage.sqlite.transaction import Transaction
from hubbub.storage.sqlite.work import Append, Change, Look, Work
from hubbub.testkit.contracts.hands import ANN, PHONE, TS, conv_id

from .faulty import Faults, raiser, sqlite_error

TEA, CAKE = conv_id("tea"), conv_id("cake")

FULL = sqlite_error(sqlite3.SQLITE_FULL)
BROKEN = sqlite_error(sqlite3.SQLITE_IOERR_WRITE)
POISON = sqlite_error(sqlite3.SQLITE_CONSTRAINT, sqlite3.IntegrityError)


class Bench:
    """A committer on a file, with a connection that can be made to fail."""

    def __init__(self, path: Path, metrics: Metrics | None = None) -> None:
        self.faults = Faults()
        connect = self.faults.connect(path)
        self.committer = Committer(open_database(path, connect), connect, LoopClock(), metrics)
        self.heard: list[StoreError | None] = []
        for conv in (TEA, CAKE):
            self.run(Change(partial(_claim, conv), self.heard.append))
        # Names get their rows, so that what follows is a lone statement where it can be one.
        assert self.run(self.say(TEA, 1), self.say(CAKE, 1)) == [None, None]
        self.faults.statements.clear()

    def say(self, conv: ConvId, seq: int, *, cid: int = 0) -> Append:
        return self._append(conv, seq, cid or seq, unfinished=False)

    def say_more(self, conv: ConvId, seq: int) -> Append:
        """An entry that takes a second statement, hence a transaction with BEGIN and COMMIT."""
        return self._append(conv, seq, seq, unfinished=True)

    def _append(self, conv: ConvId, seq: int, cid: int, *, unfinished: bool) -> Append:
        entry = Entry(seq, 1, PHONE, cid, ANN, TS, "text", b"x", seq)
        return Append(conv, 1, [entry], self.heard.append, unfinished)

    def run(self, *works: Work) -> list[StoreError | None]:
        """Attempt a batch that is not to be split; what each work hears."""
        assert self.committer.attempt(list(works))
        self.heard.clear()
        for work in works:
            work.settle()
        return list(self.heard)

    def head(self, conv: ConvId) -> int:
        heads: list[int] = []
        self.run(Change(lambda tx: heads.append(tx.head(conv)), self.heard.append))
        return heads[0]


def _claim(conv: ConvId, tx: Transaction) -> None:
    tx.claim(shard_of(conv))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path / "hubbub.db")
    yield bench
    bench.committer.close()


def types(errors: list[StoreError | None]) -> list[type]:
    return [type(error) for error in errors]


# --- statements ---------------------------------------------------------------------------------


def test_a_lone_row_is_one_statement(bench: Bench) -> None:
    assert bench.run(bench.say(TEA, 2)) == [None]
    assert [s[:15] for s in bench.faults.statements] == ["INSERT INTO log"]


def test_more_than_one_statement_is_a_transaction(bench: Bench) -> None:
    assert bench.run(bench.say(TEA, 2), bench.say_more(CAKE, 2)) == [None, None]
    first, *between, last = (s[:15] for s in bench.faults.statements)
    assert (first, last) == ("BEGIN IMMEDIATE", "COMMIT")
    assert "BEGIN IMMEDIATE" not in between
    assert "INSERT INTO log" in between


def test_nothing_to_write_is_no_statement(bench: Bench) -> None:
    assert bench.run(Append(TEA, 1, [], bench.heard.append, False)) == [None]
    assert bench.faults.statements == []


# --- the world fails ----------------------------------------------------------------------------


@pytest.mark.parametrize("statement", ["BEGIN", "INSERT INTO log", "COMMIT"])
@pytest.mark.parametrize("error", [FULL, sqlite_error(sqlite3.SQLITE_BUSY)])
def test_what_surely_did_not_happen_may_be_tried_again(
    bench: Bench, statement: str, error: Exception
) -> None:
    bench.faults.before(statement, error)
    works = bench.say(TEA, 2), bench.say_more(CAKE, 2)
    assert types(bench.run(*works)) == [StoreRetryableError] * 2
    assert (bench.head(TEA), bench.head(CAKE)) == (1, 1)
    assert bench.run(*works) == [None, None]
    assert bench.faults.opened == 1, "the connection is as good as before"


@pytest.mark.parametrize("error", [BROKEN, MemoryError()])
def test_a_failure_before_the_commit_leaves_nothing_in_doubt(
    bench: Bench, error: Exception
) -> None:
    bench.faults.before("INSERT INTO log", error)
    works = bench.say(TEA, 2), bench.say_more(CAKE, 2)
    assert types(bench.run(*works)) == [StoreRetryableError] * 2
    assert bench.run(*works) == [None, None]


@pytest.mark.parametrize("error", [BROKEN, MemoryError()])
def test_a_failure_on_commit_leaves_the_outcome_unknown(bench: Bench, error: Exception) -> None:
    bench.faults.before("COMMIT", error)
    works = bench.say(TEA, 2), bench.say_more(CAKE, 2)
    assert types(bench.run(*works)) == [OutcomeUnknownError] * 2
    assert (bench.head(TEA), bench.head(CAKE)) == (1, 1)
    assert bench.run(*works) == [None, None]
    assert bench.faults.opened == 2, "what the old connection remembers is not to be trusted"


def test_a_commit_that_happened_though_it_failed_is_found_afterwards(bench: Bench) -> None:
    bench.faults.after("COMMIT", BROKEN)
    works = bench.say(TEA, 2), bench.say_more(CAKE, 2)
    assert types(bench.run(*works)) == [OutcomeUnknownError] * 2
    assert (bench.head(TEA), bench.head(CAKE)) == (2, 2)
    assert types(bench.run(*works)) == [SeqMismatchError] * 2
    assert bench.run(bench.say(TEA, 3)) == [None]


def test_of_a_lone_row_too_the_outcome_is_unknown(bench: Bench) -> None:
    bench.faults.after("INSERT INTO log", BROKEN)
    assert types(bench.run(bench.say(TEA, 2))) == [OutcomeUnknownError]
    assert bench.head(TEA) == 2
    bench.faults.before("INSERT INTO log", BROKEN)
    assert types(bench.run(bench.say(TEA, 3))) == [OutcomeUnknownError]
    assert bench.head(TEA) == 2


def test_who_was_refused_in_a_batch_of_unknown_outcome_did_not_happen(bench: Bench) -> None:
    bench.faults.before("COMMIT", BROKEN)
    heard = bench.run(bench.say(TEA, 2), bench.say(CAKE, 9), bench.say_more(TEA, 3))
    assert types(heard) == [OutcomeUnknownError, StoreRetryableError, OutcomeUnknownError]


def test_who_was_refused_because_of_what_then_did_not_happen_may_try_again(bench: Bench) -> None:
    def taken(tx: Transaction) -> None:
        if tx.head(TEA) == 2:
            raise StoreRefusedError("there is a second entry already")

    bench.faults.before("COMMIT", FULL)
    works = bench.say(TEA, 2), bench.say_more(CAKE, 2), Change(taken, bench.heard.append)
    assert types(bench.run(*works)) == [StoreRetryableError] * 3
    assert bench.run(works[2]) == [None]


def test_a_rollback_that_fails_too_costs_only_the_connection(bench: Bench) -> None:
    bench.faults.before("INSERT INTO log", FULL)
    bench.faults.before("ROLLBACK", BROKEN)
    works = bench.say(TEA, 2), bench.say_more(CAKE, 2)
    assert types(bench.run(*works)) == [StoreRetryableError] * 2
    assert bench.run(*works) == [None, None]
    assert bench.faults.opened == 2


def test_while_the_file_cannot_be_opened_again_works_may_be_tried_again(bench: Bench) -> None:
    bench.faults.before("COMMIT", BROKEN)
    works = bench.say(TEA, 2), bench.say_more(CAKE, 2)
    assert types(bench.run(*works)) == [OutcomeUnknownError] * 2
    for _ in range(2):
        bench.faults.before("CONNECT", sqlite_error(sqlite3.SQLITE_CANTOPEN))
        assert types(bench.run(*works)) == [StoreRetryableError] * 2
    bench.committer.empty_log()
    assert bench.run(*works) == [None, None]


# --- works that only look -----------------------------------------------------------------------


def look(bench: Bench, heads: list[int], future: asyncio.Future[None]) -> Look[None]:
    return Look(lambda tx: heads.append(tx.head(TEA)), future)


async def test_a_failed_commit_is_not_the_fate_of_who_only_looks(bench: Bench) -> None:
    for error, told in ((FULL, StoreRetryableError), (BROKEN, OutcomeUnknownError)):
        heads: list[int] = []
        looked: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        bench.faults.before("COMMIT", error)
        works = [bench.say(TEA, 2), bench.say_more(CAKE, 2), look(bench, heads, looked)]
        assert types(bench.run(*works)) == [told] * 2
        await looked
        assert heads == [2, 1], "the second time without what then failed"


async def test_who_looks_may_try_again_when_the_file_is_gone(bench: Bench) -> None:
    looked: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    bench.faults.before("COMMIT", BROKEN)
    bench.faults.before("CONNECT", sqlite_error(sqlite3.SQLITE_CANTOPEN))
    bench.run(bench.say(TEA, 2), bench.say_more(CAKE, 2), look(bench, [], looked))
    with pytest.raises(StoreRetryableError):
        await looked


async def test_a_look_that_gave_up_keeps_its_reason(bench: Bench) -> None:
    looked: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    void = look(bench, [], looked)
    void.give_up(StoreRetryableError("full"))
    bench.faults.before("INSERT INTO log", FULL)
    bench.run(bench.say(TEA, 2), void)
    with pytest.raises(StoreRetryableError, match="full"):
        await looked


# --- one row is to blame ------------------------------------------------------------------------


def test_a_batch_with_a_row_to_blame_asks_to_be_split_and_writes_nothing(bench: Bench) -> None:
    bad = bench.say(CAKE, 2, cid=2**63)
    assert not bench.committer.attempt([bench.say(TEA, 2), bad])
    assert (bench.head(TEA), bench.head(CAKE)) == (1, 1)
    assert types(bench.run(bad)) == [StoreRefusedError]
    assert bench.run(bench.say(TEA, 2), bench.say(CAKE, 2)) == [None, None]


def test_a_constraint_of_the_schema_refuses_a_lone_row(bench: Bench) -> None:
    bench.faults.before("INSERT INTO log", POISON)
    assert types(bench.run(bench.say(TEA, 2))) == [StoreRefusedError]
    assert bench.run(bench.say(TEA, 2)) == [None]


def test_a_mistake_in_our_own_code_is_refused_and_does_not_stop_the_writer(bench: Bench) -> None:
    bug = Change(raiser(ZeroDivisionError("private words")), bench.heard.append)
    assert not bench.committer.attempt([bug, bench.say(TEA, 2)])
    (error,) = bench.run(bug)
    assert isinstance(error, StoreRefusedError)
    assert "private words" not in str(error)
    assert bench.run(bench.say(TEA, 2)) == [None]


def test_a_refused_work_takes_nobody_with_it(bench: Bench) -> None:
    def refuse(tx: Transaction) -> None:
        raise StoreRefusedError("not this")

    works = bench.say(TEA, 2), Change(refuse, bench.heard.append), bench.say(TEA, 3)
    assert types(bench.run(*works)) == [type(None), StoreRefusedError, type(None)]
    assert bench.head(TEA) == 3


def test_a_work_that_gave_up_is_not_applied_and_keeps_its_reason(bench: Bench) -> None:
    void = bench.say(TEA, 2)
    void.give_up(StoreRetryableError("full"))
    assert (void.rows, void.size) == (0, 0)
    assert types(bench.run(void, bench.say(TEA, 2))) == [StoreRetryableError, type(None)]
    bench.faults.before("INSERT INTO log", POISON)
    assert not bench.committer.attempt([void, bench.say(TEA, 3)])


def test_a_name_taken_is_told_as_such(bench: Bench) -> None:
    work = Change(raiser(NameTakenError("The name is taken.")), lambda error: None)
    assert bench.committer.attempt([work])
    assert isinstance(work.error, NameTakenError)


# --- the rest -----------------------------------------------------------------------------------


def test_commits_are_counted(tmp_path: Path) -> None:
    metrics = Metrics()
    bench = Bench(tmp_path / "hubbub.db", metrics)
    before = metrics.registry.get_sample_value("hubbub_messages_committed_total")
    bench.run(bench.say(TEA, 2), bench.say(TEA, 3))
    after = metrics.registry.get_sample_value("hubbub_messages_committed_total")
    assert before is not None
    assert after == before + 2
    bench.committer.close()


def left_in_log(bench: Bench) -> bool:
    bench.committer.empty_log()
    return bench.committer.erased


def test_emptying_the_log_gives_up_when_a_read_is_under_way(bench: Bench, tmp_path: Path) -> None:
    reader = sqlite3.connect(tmp_path / "hubbub.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM log").fetchone()
    bench.run(bench.say(TEA, 2))
    bench.committer.erased = True
    assert left_in_log(bench)
    reader.close()
    assert not left_in_log(bench)
    assert (tmp_path / "hubbub.db-wal").stat().st_size == 0


def test_a_failed_emptying_is_tried_again_later(bench: Bench) -> None:
    bench.committer.erased = True
    bench.faults.before("PRAGMA wal_checkpoint", FULL)
    assert left_in_log(bench)
    assert not left_in_log(bench)
