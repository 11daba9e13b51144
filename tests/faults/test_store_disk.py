"""A disk that is really full: typed refusals, nothing lost, and it goes on when there is room."""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

import hubbub
from hubbub.config.errors import (
    OutcomeUnknownError,
    StartError,
    StoreError,
    StoreRetryableError,
)
from hubbub.config.ids import ConvId, shard_of
from hubbub.config.units import KIB
from hubbub.storage.records import Entry
from hubbub.storage.sqlite.store import SqliteStore

CONVS = [ConvId(f"g_{n:026}") for n in range(8)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MiB."""
    mount = tmp_path / "disk"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", str(mount)]
    if os.geteuid() or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount; test_a_file_that_may_not_grow covers the rest")
    yield mount
    subprocess.run(["umount", "--lazy", str(mount)], check=True)


def free_bytes(disk: Path) -> int:
    stat = os.statvfs(disk)
    return stat.f_bavail * stat.f_bsize


class Owner:
    """Writes logs as their owners do: after a failure it claims and reads again."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.epochs: dict[int, int] = {}
        self.heads = dict.fromkeys(CONVS, 0)
        self.acknowledged: list[tuple[ConvId, int, bytes]] = []

    async def claim(self) -> None:
        for conv in CONVS:
            shard = shard_of(conv)
            self.epochs[shard] = await self.store.claim(shard)

    async def read(self) -> None:
        for conv in CONVS:
            found = await self.store.activate(conv, self.epochs[shard_of(conv)])
            self.heads[conv] = len(found.tail)

    async def say(self, body: bytes) -> set[type]:
        """One entry a log, at once; the kinds of failure."""
        futures: list[asyncio.Future[StoreError | None]] = []
        for conv in CONVS:
            epoch = self.epochs[shard_of(conv)]
            seq = self.heads[conv] + 1
            future = asyncio.get_running_loop().create_future()
            entry = Entry(seq, epoch, "v_1", seq, "u_1", seq, "text", body, seq)
            self.store.append(conv, epoch, [entry], future.set_result)
            futures.append(future)
        failures: set[type] = set()
        for conv, future in zip(CONVS, futures, strict=True):
            error = await future
            if error is None:
                self.heads[conv] += 1
                self.acknowledged.append((conv, self.heads[conv], body))
            else:
                failures.add(type(error))
        return failures

    async def check(self) -> None:
        """Everything acknowledged is there, in a row."""
        for conv in CONVS:
            page = await self.store.page(conv, 1, 1 << 40, limit=10**6, max_bytes=10**9)
            assert [m.entry.seq for m in page] == list(range(1, len(page) + 1))
            bodies = {m.entry.seq: m.entry.body for m in page}
            for of, seq, body in self.acknowledged:
                if of == conv:
                    assert bodies[seq] == body


def sound(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as db:
        return bool(db.execute("PRAGMA integrity_check").fetchone() == ("ok",))


async def fill_and_recover(
    path: Path, take: Callable[[], None], give: Callable[[], None], expected: set[type]
) -> None:
    """Write, let the disk fill up, read on, get room, write on; several times."""
    store = SqliteStore(path)
    await store.open()
    owner = Owner(store)
    await owner.claim()
    number = 0
    for _ in range(3):
        take()
        failures: set[type] = set()
        while not failures:
            number += 1
            failures = await owner.say(f"{number} ".encode() * 700)
        assert failures <= expected
        # Reads and activations go on; every further write is refused, and all of it in words.
        for _ in range(3):
            await owner.check()
            await owner.read()
            assert await owner.say(b"x" * 9000) <= expected
        give()
        await owner.claim()
        await owner.read()
        number += 1
        assert await owner.say(f"{number} ".encode() * 700) == set()
        await owner.check()
    assert len(owner.acknowledged) > 50
    await store.close()
    again = SqliteStore(path)
    await again.open()
    owner.store = again
    await owner.check()
    await again.close()
    assert sound(path)


async def test_a_full_disk_refuses_in_words_and_takes_again_when_there_is_room(
    small_disk: Path,
) -> None:
    filler = small_disk / "filler"

    def take() -> None:
        filler.write_bytes(b"x" * max(0, free_bytes(small_disk) - 300 * KIB))

    await fill_and_recover(
        small_disk / "hubbub.db", take, lambda: filler.unlink(), {StoreRetryableError}
    )


async def test_a_store_does_not_open_on_a_full_disk_and_says_so(small_disk: Path) -> None:
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * (free_bytes(small_disk) - 4 * KIB))
    store = SqliteStore(small_disk / "hubbub.db")
    with pytest.raises(StartError, match="full"):
        await store.open()
    filler.unlink()
    await store.open()
    await store.close()


async def in_child(path: Path) -> None:
    """With a limit on the size of files a write fails as on a failing disk."""
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]

    def take() -> None:
        wal = path.with_name(path.name + "-wal")
        limit = max(file.stat().st_size for file in (path, wal) if file.exists()) + 300 * KIB
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))

    def give() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))

    await fill_and_recover(path, take, give, {StoreRetryableError, OutcomeUnknownError})


def test_a_file_that_may_not_grow_leaves_nothing_lost(tmp_path: Path) -> None:
    root = str(Path(str(hubbub.__file__)).parent.parent)
    subprocess.run(
        [sys.executable, __file__, str(tmp_path / "hubbub.db")],
        check=True, timeout=60, env={**os.environ, "PYTHONPATH": root},
    )  # fmt: skip


if __name__ == "__main__":
    asyncio.run(in_child(Path(sys.argv[1])))
