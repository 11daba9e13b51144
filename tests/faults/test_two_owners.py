"""Two stores on a real ring of three: an owner is paused past the hand-over, replicas are killed.

Every acknowledgement is held against the logs: none lost, none doubled, each log whole.
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import ClassVar

import pytest
from tests.support.ring import Ring

import hubbub
from hubbub.actors.runtime.tasks import Tasks
from hubbub.storage.cassandra.evidence import CassandraEvidence
from hubbub.storage.cassandra.options import CassandraOptions
from hubbub.storage.cassandra.schema import migrate
from hubbub.storage.cassandra.store import CassandraStore
from hubbub.storage.verify import verify

from . import owning_process as child

LOGS = 30


class Owner:
    """A process that owns all logs, and what it said was acknowledged."""

    #: All that a test started; one that it left behind would own on beside the next test's.
    started: ClassVar[list[asyncio.subprocess.Process]] = []

    def __init__(self, process: asyncio.subprocess.Process, notes: list[bytes]) -> None:
        self.started.append(process)
        self.process = process
        self.notes = notes

    @classmethod
    async def start(cls, ring: Ring, trial: str, number: int, notes: list[bytes]) -> Owner:
        root = str(Path(str(hubbub.__file__)).parent.parent)
        before = f"{trial}-{number - 1}" if number else "-"
        process = await asyncio.create_subprocess_exec(
            sys.executable, child.__file__,
            f"{ring.port}", ring.options.keyspace, trial, f"{trial}-{number}", before, f"{LOGS}",
            stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": root},
        )  # fmt: skip
        return cls(process, notes)

    async def until(self, line: bytes, acks: int = 0) -> None:
        """Read until this line, or until so many were acknowledged."""
        assert self.process.stdout is not None
        heard = 0
        async for read in self.process.stdout:
            if read == line:
                return
            if read.endswith(b"\n") and read.startswith(b"ack "):
                self.notes.append(read)
                heard += 1
                if acks and heard >= acks:
                    return
        assert not line, "it ended by itself"

    async def rest(self) -> None:
        """Read to its end."""
        async with asyncio.timeout(60):
            await self.until(b"")
            await self.process.wait()


@pytest.fixture(scope="module")
def tables(three_nodes: Ring) -> CassandraOptions:
    """A keyspace of their own: what a hint brings late to a replica that was killed would not stop
    at tables that were emptied meanwhile."""
    options = three_nodes.in_keyspace("hubbub_faults")
    migrate(options)
    return options


@pytest.fixture
async def ring(three_nodes: Ring, tables: CassandraOptions) -> AsyncIterator[Ring]:
    own = Ring(three_nodes.count, three_nodes.port, three_nodes.folder)
    own.options = tables
    yield own
    for process in Owner.started:
        if process.returncode is None:
            process.kill()
            await process.wait()
    Owner.started.clear()
    # Whatever a test killed comes back for the next.
    await asyncio.to_thread(three_nodes.start)


@pytest.fixture
def trial() -> str:
    """What the names of a test's owners and logs begin with; a sealed owner is so for ever."""
    return secrets.token_hex(4)


async def hold(ring: Ring, trial: str, notes: list[bytes], heir: int) -> int:
    """Hold the notes against the logs; how many there are. The next owner has the number `heir`."""
    tasks = Tasks()
    store = CassandraStore(ring.options, tasks.start)
    await store.open()
    # Somebody takes all up, so that nothing waits.
    last = await Owner.start(ring, trial, heir, notes)
    async with asyncio.timeout(60):
        await last.until(b"claimed\n")
        await last.until(b"-", LOGS * 3)
    last.process.kill()
    await last.rest()
    # Its shards are free for the next trial.
    await store.seal(f"{trial}-{heir}")
    report = await verify(CassandraEvidence(store))
    assert report.faults == []
    noted: dict[tuple[int, int], str] = {}
    for note in notes:
        _, place, number, body = note.decode().split()
        key = int(place), int(number)
        assert key not in noted, "two were told the same seq"
        noted[key] = body
    for log in range(LOGS):
        end, _ = await store.extent(child.name(trial, log))
        page = await store.page(child.name(trial, log), 1, end, limit=10**6, max_bytes=10**9)
        assert [m.entry.seq for m in page] == list(range(1, end + 1))
        kept = {m.entry.seq: m.entry.body.rstrip(b".").decode() for m in page}
        for (of, seq), body in noted.items():
            assert of != log or kept.get(seq) == body, "an acknowledged message is lost"
        assert len(set(kept.values())) == len(kept), "one was stored twice"
    await store.close()
    await tasks.stop()
    return len(noted)


async def test_a_paused_owner_that_wakes_gets_nothing_acknowledged(ring: Ring, trial: str) -> None:
    notes: list[bytes] = []
    chance = random.Random(3)
    present = await Owner.start(ring, trial, 0, notes)
    await present.until(b"claimed\n")
    for number in range(1, 4):
        async with asyncio.timeout(60):
            await present.until(b"-", chance.randrange(200, 600))
        present.process.send_signal(signal.SIGSTOP)
        victim = 1 + number % 3 if number == 2 else 0
        if victim:
            ring.signal(victim, signal.SIGKILL)
        heir = await Owner.start(ring, trial, number, notes)
        async with asyncio.timeout(60):
            await heir.until(b"claimed\n")
            await heir.until(b"-", chance.randrange(50, 300))
        present.process.send_signal(signal.SIGCONT)
        await present.rest()
        present = heir
        if victim:
            await asyncio.to_thread(ring.start)
    present.process.kill()
    await present.rest()
    assert await hold(ring, trial, notes, 4) > 1000


async def test_with_one_of_three_it_goes_on_and_with_one_alone_it_stops(
    ring: Ring, trial: str
) -> None:
    notes: list[bytes] = []
    owner = await Owner.start(ring, trial, 0, notes)
    async with asyncio.timeout(120):
        await owner.until(b"claimed\n")
        await owner.until(b"-", 300)
        ring.signal(2, signal.SIGKILL)
        await owner.until(b"-", 600)
        ring.signal(3, signal.SIGKILL)
    # What was under way may still be told of; then nothing is.
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(6):
            await owner.until(b"-", 10**9)
    told = len(notes)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(3):
            await owner.until(b"-", 10**9)
    assert len(notes) == told, "acknowledged by one of three"
    await asyncio.to_thread(ring.start)
    async with asyncio.timeout(90):
        await owner.until(b"-", 300)
    owner.process.kill()
    await owner.rest()
    assert await hold(ring, trial, notes, 1) > 900
