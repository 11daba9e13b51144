"""A process that writes logs to a SQLite store until it is killed, and says what was acknowledged.

python writing_process.py FILE ROUND LOGS      a line "LOG SEQ" on stdout for each
"""

from __future__ import annotations

import asyncio
import os
import sys
from functools import partial
from pathlib import Path

from hubbub.config.errors import StoreError
from hubbub.config.ids import ConvId, shard_of
from hubbub.storage.records import Entry
from hubbub.storage.sqlite.store import SqliteStore

#: Entries of one log that wait for their commit.
IN_FLIGHT = 3


def name(log: int) -> ConvId:
    return ConvId(f"g_{log:026}")


def body(round_: str, log: int, seq: int) -> bytes:
    """What entry `seq` of a log holds when this round wrote it: of many sizes, none alike."""
    text = f"{round_}/{log}/{seq} "
    return text.encode() * (1 + 97 * (seq % 5 == 0) + 900 * (seq % 50 == 0))


class Talker:
    """Keeps one log growing."""

    def __init__(self, store: SqliteStore, round_: str, log: int, epoch: int, head: int) -> None:
        self._store = store
        self._round = round_
        self._log = log
        self._epoch = epoch
        self._seq = head

    def say(self) -> None:
        self._seq += 1
        seq = self._seq
        entry = Entry(
            seq, self._epoch, f"v_{self._log}", seq, f"u_{self._log}", seq, "text",
            body(self._round, self._log, seq), seq,
        )  # fmt: skip
        self._store.append(name(self._log), self._epoch, [entry], partial(self._heard, seq))

    def _heard(self, seq: int, error: StoreError | None) -> None:
        assert error is None, error
        os.write(1, f"{self._log} {seq}\n".encode())
        self.say()


async def main(path: Path, round_: str, logs: int) -> None:
    store = SqliteStore(path)
    await store.open()
    epochs = dict.fromkeys((shard_of(name(log)) for log in range(logs)), 0)
    for shard in epochs:
        epochs[shard] = await store.claim(shard)
    for log in range(logs):
        epoch = epochs[shard_of(name(log))]
        found = await store.activate(name(log), epoch)
        talker = Talker(store, round_, log, epoch, len(found.tail))
        for _ in range(IN_FLIGHT):
            talker.say()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
