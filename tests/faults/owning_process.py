"""A node's store alone: seals who was before, claims, and writes until it is told off.

python owning_process.py PORT KEYSPACE TRIAL OWNER BEFORE LOGS      "ack LOG SEQ BODY" for each ack
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sys

from hubbub.actors.runtime.tasks import Tasks
from hubbub.config.errors import StaleEpochError, StoreError
from hubbub.config.ids import ConvId, shard_of
from hubbub.storage.cassandra.options import CassandraOptions
from hubbub.storage.cassandra.store import CassandraStore
from hubbub.storage.records import Entry, Snapshot

HOSTS = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
#: Entries of one log that wait for their commit.
IN_FLIGHT = 2


def name(trial: str, log: int) -> ConvId:
    """One of the logs of a trial: nobody else's, also of those before it in the same keyspace."""
    return ConvId(f"g_{trial}{log:018}")


def options(port: int, keyspace: str) -> CassandraOptions:
    return CassandraOptions(HOSTS, port, keyspace=keyspace, timeout_s=1.0)


class Talker:
    """Keeps one log growing, as its actor does: after a failure it activates again."""

    def __init__(
        self, store: CassandraStore, tasks: Tasks, trial: str, owner: str, log: int
    ) -> None:
        self._store = store
        self._tasks = tasks
        self._owner = owner
        self._log = log
        self._name = name(trial, log)
        self._epoch = 0
        self._seq = 0
        self._life = 0
        self.over = asyncio.Event()

    async def claim(self) -> None:
        shard = shard_of(self._name)
        while True:
            try:
                self._epoch = await self._store.claim(shard, owner=self._owner, view=(1, 1))
                return
            except StaleEpochError:
                raise
            except StoreError:
                await asyncio.sleep(0.05)

    async def talk(self) -> None:
        """Activate, then write."""
        self._life += 1
        while not self.over.is_set():
            try:
                found = await self._store.activate(self._name, self._epoch)
            except StaleEpochError:
                self.over.set()
            except StoreError:
                await asyncio.sleep(0.05)
            else:
                head = found.snapshot.seq if found.snapshot else 0
                self._seq = found.tail[-1].seq if found.tail else head
                for _ in range(IN_FLIGHT):
                    self._say()
                return

    def _say(self) -> None:
        self._seq += 1
        seq, life = self._seq, self._life
        body = f"{self._owner}/{secrets.token_hex(6)}"
        size = 200 if seq % 40 else 20_000
        entry = Entry(
            seq, self._epoch, f"v_{self._owner}_{self._log}_{self._epoch}", seq, "u", 0, "text",
            body.encode().ljust(size, b"."), seq,
        )  # fmt: skip

        def heard(error: StoreError | None) -> None:
            if error is None:
                os.write(1, f"ack {self._log} {seq} {body}\n".encode())
            if life != self._life:
                return
            if error is None:
                if seq % 50 == 0:
                    snapshot = Snapshot(seq, b"state", {})
                    self._store.put_snapshot(self._name, self._epoch, snapshot)
                self._say()
            elif isinstance(error, StaleEpochError):
                self.over.set()
            else:
                self._life += 1
                self._tasks.start(self.talk(), "talk again")

        self._store.append(self._name, self._epoch, [entry], heard)


async def main(port: int, keyspace: str, trial: str, owner: str, before: str, logs: int) -> None:
    tasks = Tasks()
    store = CassandraStore(options(port, keyspace), tasks.start)
    await store.open()
    while before != "-":
        try:
            await store.seal(before)
            break
        except StoreError:
            await asyncio.sleep(0.05)
    talkers = [Talker(store, tasks, trial, owner, log) for log in range(logs)]
    await asyncio.gather(*(talker.claim() for talker in talkers))
    os.write(1, b"claimed\n")
    await asyncio.gather(*(talker.talk() for talker in talkers))
    for talker in talkers:
        await talker.over.wait()
    os.write(1, b"over\n")
    await store.close()


if __name__ == "__main__":
    port, keyspace, trial, owner, before, logs = sys.argv[1:]
    asyncio.run(main(int(port), keyspace, trial, owner, before, int(logs)))
