"""Verification finds each kind of fault, and nothing wrong with what is right."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from hubbub.config.errors import SchemaError
from hubbub.storage.records import Entry, Message, Projection, Snapshot
from hubbub.storage.sqlite.evidence import SqliteEvidence
from hubbub.storage.sqlite.store import SqliteStore
from hubbub.storage.verify import LogCheck, Report, verify
from hubbub.testkit.contracts.hands import ANN, LAPTOP, PHONE, Log, conv_id

#: An edited message, a deleted one with its edit, a change that still waits.
GOOD = [
    Message(Entry(1, 1, PHONE, 1, ANN, 5, "text", b"one", 1), Projection(1, 3, b"won")),
    Message(Entry(2, 1, PHONE, 2, ANN, 5, "text", b"", 2), Projection(2, 5, deleted=True)),
    Message(Entry(3, 2, LAPTOP, 1, ANN, 6, "edit", b"won", 2, 1)),
    Message(Entry(4, 2, "", 0, "", 6, "system", b"x", 2)),
    Message(Entry(5, 2, PHONE, 3, ANN, 7, "delete", b"", 2, 2)),
    Message(Entry(6, 2, PHONE, 9, ANN, 7, "text", b"six", 3)),
    Message(Entry(7, 2, PHONE, 10, ANN, 7, "delete", b"", 3, 6)),
]
SNAPSHOT = Snapshot(5, b"", {PHONE: 3, LAPTOP: 1, "v_of_long_ago": 4})


def check(messages: list[Message], snapshot: Snapshot | None = SNAPSHOT) -> LogCheck:
    checked = LogCheck(snapshot)
    for message in messages:
        checked.take(message)
    checked.end()
    return checked


def bad(seq: int, **changes: object) -> list[Message]:
    """The good log with one entry changed."""
    return [
        replace(m, entry=replace(m.entry, **changes)) if m.entry.seq == seq else m  # type: ignore[arg-type] # pyright: ignore
        for m in GOOD
    ]


def shown(seq: int, projection: Projection | None) -> list[Message]:
    """The good log with another projection of an entry."""
    return [replace(m, projection=projection) if m.entry.seq == seq else m for m in GOOD]


def test_a_good_log_is_good() -> None:
    checked = check(GOOD)
    assert checked.faults == []
    assert (checked.projections, checked.waiting) == (2, 1)
    assert check(GOOD, None).faults == []


@pytest.mark.parametrize(
    ("messages", "fault"),
    [
        ([*GOOD[:3], *GOOD[4:]], "entry 5 follows 3"),
        ([*GOOD[:3], GOOD[2], *GOOD[3:]], "entry 3 follows 3"),
        (bad(4, epoch=1), "entry 4 epoch 1 after 2"),
        (bad(3, ts=4), "entry 3 time 4 after 5"),
        (bad(4, count=3), "entry 4 count 3 after 2, of kind system"),
        (bad(6, count=4), "entry 6 count 4 after 2, of kind text"),
        (bad(6, count=1), "entry 6 count 1 after 2, of kind text"),
        (bad(6, cid=3), "entry 6 cid 3 of v_obug63tffyxc4lroexaa after 3"),
        (bad(3, target=3), "entry 3 changes 3"),
        (bad(3, target=-1), "entry 3 changes -1"),
        (bad(3, target=2), "entry 3 still has a text of the deleted 2"),
        (bad(3, target=0), "entry 1 is said to be changed by 3, which changes 0"),
        (bad(2, body=b"secret"), "entry 2 is deleted, and its text is there"),
        (shown(1, Projection(1, 99)), "entry 1 is said to be changed by 99, which is not there"),
        (shown(1, Projection(1, 1)), "entry 1 is said to be changed by 1"),
    ],
)
def test_each_fault_is_found(messages: list[Message], fault: str) -> None:
    faults = check(messages).faults
    wanted = fault.replace("v_obug63tffyxc4lroexaa", PHONE)
    assert wanted in faults


@pytest.mark.parametrize(
    ("snapshot", "fault"),
    [
        (Snapshot(8, b"", {}), "entry 8 has a snapshot, and the log ends at 7"),
        (Snapshot(5, b"", {PHONE: 2}), f"entry 5 has a snapshot with cid 2 of {PHONE}, not 3"),
    ],
)
def test_a_snapshot_is_held_against_the_log(snapshot: Snapshot, fault: str) -> None:
    assert check(GOOD, snapshot).faults == [fault]


def test_of_one_log_so_many_faults_are_told() -> None:
    torn = [replace(GOOD[0], entry=replace(GOOD[0].entry, seq=5 * n)) for n in range(1, 50)]
    assert len(check(torn, None).faults) == 20


async def written(path: Path) -> None:
    store = SqliteStore(path)
    await store.open()
    tea, cake = await Log.claim(store, conv_id("tea")), await Log.claim(store, conv_id("cake"))
    await tea.say(*(f"{n}" for n in range(600)))
    await tea.add(tea.entry("new", kind="edit", target=7, count=600))
    await tea.project(Projection(7, 601, b"new"))
    store.put_snapshot(tea.conv, tea.epoch, Snapshot(600, b"x", {PHONE: 600}))
    await cake.say("1")
    await store.close()


async def test_a_file_is_proved_while_its_node_runs(tmp_path: Path) -> None:
    path = tmp_path / "hubbub.db"
    await written(path)
    running = SqliteStore(path)
    await running.open()
    evidence = SqliteEvidence(path)
    assert await verify(evidence) == Report(2, 602, 1, 1, 0, [])
    evidence.close()
    await running.close()


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        ("DELETE FROM log WHERE seq = 300", "entry 301 follows 299"),
        ("UPDATE log SET count = 9 WHERE seq = 300", "entry 300 count 9 after 299, of kind text"),
        ("UPDATE snapshots SET seq = 900", "entry 900 has a snapshot, and the log ends at 601"),
        ("UPDATE projections SET changed_at = 600", "entry 7 is said to be changed by 600"),
    ],
)
async def test_what_is_wrong_in_a_file_is_found(tmp_path: Path, harm: str, fault: str) -> None:
    path = tmp_path / "hubbub.db"
    await written(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute(harm)
        db.commit()
    evidence = SqliteEvidence(path)
    faults = (await verify(evidence)).faults
    assert any(f"{conv_id('tea')}: {fault}" in line for line in faults), faults
    evidence.close()


async def test_a_file_of_another_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "hubbub.db"
    await written(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 1")
    with pytest.raises(SchemaError, match="has schema 1"):
        SqliteEvidence(path)
