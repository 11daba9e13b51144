"""kill -9 of a process that writes: what it was told is durable is there, once, in order."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import hubbub
from hubbub.storage.sqlite.store import SqliteStore

from . import writing_process as child

LOGS = 40
ROUNDS = 8


async def killed_round(path: Path, number: int, acks: int) -> dict[int, int]:
    """Let a process write until it acknowledged so many, then kill it: {log: last acknowledged}."""
    root = str(Path(str(hubbub.__file__)).parent.parent)
    process = await asyncio.create_subprocess_exec(
        sys.executable, child.__file__, str(path), f"{number}", f"{LOGS}",
        stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": root},
    )  # fmt: skip
    assert process.stdout is not None
    acknowledged: dict[int, int] = {}
    heard = 0
    async with asyncio.timeout(60):
        async for line in process.stdout:
            if not line.endswith(b"\n"):
                break  # killed while it wrote this: it may not have been said
            log, seq = map(int, line.split())
            assert seq == acknowledged.get(log, seq - 1) + 1, "acknowledged in order"
            acknowledged[log] = seq
            heard += 1
            if heard == acks:
                process.send_signal(signal.SIGKILL)
        assert await process.wait() == -signal.SIGKILL
    return acknowledged


async def test_a_killed_writer_lost_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "hubbub.db"
    chance = random.Random(11)
    written: dict[int, list[int]] = {log: [] for log in range(LOGS)}
    for number in range(ROUNDS):
        acknowledged = await killed_round(path, number, acks=chance.randrange(1, 4000))
        with closing(sqlite3.connect(path)) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        store = SqliteStore(path)
        await store.open()
        for log, rounds in written.items():
            messages = await store.page(child.name(log), 1, 1 << 40, limit=10**6, max_bytes=10**9)
            assert [m.entry.seq for m in messages] == list(range(1, len(messages) + 1))
            before, now = len(rounds), len(messages)
            assert acknowledged.get(log, before) <= now
            assert now <= acknowledged.get(log, before) + child.IN_FLIGHT * 2
            rounds += [number] * (now - before)
            for message, wrote in zip(messages, rounds, strict=True):
                expected = child.body(f"{wrote}", log, message.entry.seq)
                assert message.entry.body == expected
        await store.close()
    assert sum(len(rounds) for rounds in written.values()) > 1000
