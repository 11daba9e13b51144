"""The store as one node has it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
from tests.testkit.simulation.lab import entry, on_loop

from hubbub.actors.waiting import append
from hubbub.config.errors import (
    OutcomeUnknownError,
    StaleEpochError,
    StoreError,
    StoreRetryableError,
)
from hubbub.config.ids import ConvId, shard_of
from hubbub.storage.memory import MemoryStore
from hubbub.testkit.simulation.chance import SeededChance
from hubbub.testkit.simulation.disk import CommitFault, NodeDisk
from hubbub.testkit.simulation.gate import Gate, NodeClock
from hubbub.testkit.simulation.loop import SimLoop
from hubbub.testkit.simulation.mutations import MUTATIONS, planted

CONV = ConvId("g_a")


@dataclass
class _Lab:
    data: MemoryStore
    one: NodeDisk
    other: NodeDisk
    epoch: int


async def _lab(loop: SimLoop) -> _Lab:
    data = MemoryStore()
    disks: list[NodeDisk] = []
    for name in ("one", "other"):
        disks.append(NodeDisk(data, NodeClock(loop, Gate(loop)), SeededChance(1, name)))
        await disks[-1].open()
    epoch = await disks[0].claim(shard_of(CONV))
    return _Lab(data, disks[0], disks[1], epoch)


async def _try(lab: _Lab, seq: int = 1, body: bytes = b"x") -> StoreError | None:
    row = entry(seq, "text", body, epoch=lab.epoch)
    try:
        await append(lab.one, CONV, lab.epoch, [row])
    except StoreError as error:
        return error
    return None


def test_what_one_node_committed_another_one_reads() -> None:
    async def work(loop: SimLoop) -> None:
        lab = await _lab(loop)
        assert await _try(lab) is None
        assert await lab.other.head(CONV) == (1, 0)
        assert loop.time() > 0

    on_loop(work)


@pytest.mark.parametrize(
    ("fault", "says", "head"),
    [
        ("fail", StoreRetryableError, 0),
        ("lose", OutcomeUnknownError, 0),
        ("unknown", OutcomeUnknownError, 1),
        ("late", OutcomeUnknownError, 0),
    ],
)
def test_a_commit_goes_wrong_as_it_was_told_and_once(
    fault: CommitFault, says: type[StoreError], head: int
) -> None:
    async def work(loop: SimLoop) -> None:
        lab = await _lab(loop)
        lab.one.next_fault = fault
        assert type(await _try(lab)) is says
        assert await lab.other.head(CONV) == (head, 0)
        if fault == "late":
            await asyncio.sleep(3)
            assert await lab.other.head(CONV) == (1, 0)
        else:
            assert await _try(lab, head + 1) is None

    on_loop(work)


@pytest.mark.parametrize(("fault", "head"), [("crash_before", 0), ("crash_after", 1)])
def test_the_writer_of_a_log_dies_on_the_way(fault: CommitFault, head: int) -> None:
    async def work(loop: SimLoop) -> None:
        lab, seen = await _lab(loop), list[tuple[ConvId, int]]()
        lab.one.on_crash = lambda conv: seen.append((conv, len(_entries(lab))))
        lab.one.next_fault = fault
        assert await _try(lab) is None
        assert seen == [(CONV, head)]

    on_loop(work)


def _entries(lab: _Lab) -> list[object]:
    logs = vars(lab.data)["_logs"]
    return logs[CONV].entries if CONV in logs else []


def test_a_full_disk_refuses_and_a_broken_one_is_not_read() -> None:
    async def work(loop: SimLoop) -> None:
        lab = await _lab(loop)
        lab.one.full = True
        assert type(await _try(lab)) is StoreRetryableError
        lab.one.full, lab.one.broken = False, True
        with pytest.raises(StoreRetryableError):
            await lab.one.head(CONV)
        lab.one.broken = False
        assert await lab.one.head(CONV) == (0, 0)

    on_loop(work)


@pytest.mark.parametrize("fault", ["lose", "unknown", "late"])
def test_what_a_full_disk_refused_is_in_no_doubt_and_never_surfaces(fault: CommitFault) -> None:
    async def work(loop: SimLoop) -> None:
        lab = await _lab(loop)
        lab.one.full, lab.one.next_fault = True, fault
        assert type(await _try(lab)) is StoreRetryableError
        await asyncio.sleep(5)
        assert await lab.other.head(CONV) == (0, 0)
        lab.one.full = False
        assert type(await _try(lab)) is OutcomeUnknownError
        assert lab.one.witness.wrongs == []

    on_loop(work)


def test_what_a_node_handed_in_dies_with_it() -> None:
    async def work(loop: SimLoop) -> None:
        data = MemoryStore()
        gate = Gate(loop)
        disk = NodeDisk(data, NodeClock(loop, gate), SeededChance(1, "one"))
        await disk.open()
        epoch = await disk.claim(shard_of(CONV))
        told: list[StoreError | None] = []
        disk.append(CONV, epoch, [entry(1, "text", b"x", epoch=epoch)], told.append)
        gate.kill()
        await asyncio.sleep(5)
        assert (told, vars(data)["_logs"]) == ([], {})

    on_loop(work)


def test_a_slow_disk_takes_longer() -> None:
    def took(slow: float) -> float:
        async def work(loop: SimLoop) -> float:
            lab = await _lab(loop)
            lab.one.slow, began = slow, loop.time()
            await _try(lab)
            return loop.time() - began

        return on_loop(work)

    assert took(100.0) > 20 * took(1.0)


def test_it_commits_as_often_as_it_is_allowed_to() -> None:
    async def work(loop: SimLoop) -> None:
        lab, told = await _lab(loop), list[StoreError | None]()

        def hand_in(seq: int) -> None:
            row = entry(seq, "text", b"x", epoch=lab.epoch)
            lab.one.append(CONV, lab.epoch, [row], told.append)

        async def later() -> tuple[int, bool]:
            await asyncio.sleep(5)
            return len(told), lab.one.writes(CONV)

        hand_in(1)  # its commit is due already
        lab.one.allow(0)
        assert await later() == (0, True)
        lab.one.allow(1)
        assert await later() == (1, False)
        hand_in(2)
        assert await later() == (1, True)
        lab.one.allow()
        hand_in(3)
        assert await later() == (3, False)
        assert told == [None] * 3

    on_loop(work)


@pytest.mark.parametrize(
    ("fault", "wrongs"),
    [(None, ["one content"]), ("lose", ["one content"]), ("fail", [])],
)
def test_its_witness_sees_a_seq_named_twice_unless_it_was_refused(
    fault: CommitFault | None, wrongs: list[str]
) -> None:
    async def work(loop: SimLoop) -> None:
        lab = await _lab(loop)
        lab.one.next_fault = fault
        await _try(lab)
        await _try(lab, body=b"y")
        assert [rule for rule, _, _ in lab.one.witness.wrongs] == wrongs

    on_loop(work)


def test_its_witness_sees_an_append_of_a_former_owner_that_the_store_takes() -> None:
    async def work(loop: SimLoop) -> None:
        lab = await _lab(loop)
        await lab.other.seal("")
        assert type(await _try(lab)) is StaleEpochError
        assert lab.one.witness.wrongs == []
        with planted(next(m for m in MUTATIONS if m.name == "two-writers")):
            assert await _try(lab) is None
        assert [rule for rule, _, _ in lab.one.witness.wrongs] == ["one writer"]

    on_loop(work)
