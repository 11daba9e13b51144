"""Both stores against a model in a few lines, driven by Hypothesis."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from hubbub.config.errors import SeqMismatchError, StaleEpochError, StoreError, StoreRefusedError
from hubbub.config.ids import ConvId, shard_of
from hubbub.storage.contract import Store
from hubbub.storage.memory import MemoryStore
from hubbub.storage.records import Entry, Projection, Snapshot
from hubbub.storage.sqlite.store import SqliteStore
from hubbub.testkit.contracts.hands import ALL, conv_id

CONVS = [conv_id(f"c{n}") for n in range(3)]
convs = st.sampled_from(CONVS)
bodies = st.lists(st.binary(max_size=300), max_size=6)
#: How far from the truth an offer is: mostly not at all.
skews = st.sampled_from([0, 0, 0, 0, 0, -1, 1])


class Logs(RuleBasedStateMachine):
    """Owners that append, project, claim, reopen; right ones and wrong ones."""

    def make(self, path: Path) -> Store:
        raise NotImplementedError

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.store = self.make(Path(self.folder.name) / "hubbub.db")
        self.runner.run(self.store.open())
        self.epochs: dict[int, int] = {}
        self.logs: dict[ConvId, list[Entry]] = {conv: [] for conv in CONVS}
        self.projections: dict[tuple[ConvId, int], Projection] = {}
        self.snapshots: dict[ConvId, Snapshot] = {}
        self.unfinished: set[ConvId] = set()

    def teardown(self) -> None:
        self.runner.run(self.store.close())
        self.runner.close()
        self.folder.cleanup()

    def epoch(self, conv: ConvId) -> int:
        return self.epochs.get(shard_of(conv), 0)

    @rule(conv=convs)
    def claim(self, conv: ConvId) -> None:
        epoch = self.runner.run(self.store.claim(shard_of(conv)))
        assert epoch > self.epoch(conv)
        self.epochs[shard_of(conv)] = epoch

    @rule(groups=st.lists(st.tuples(convs, bodies, skews, skews, st.booleans()), max_size=5))
    def append(self, groups: list[tuple[ConvId, list[bytes], int, int, bool]]) -> None:
        """Several appends at once, some of them wrong."""

        async def go() -> list[StoreError | None]:
            loop = asyncio.get_running_loop()
            heard: list[asyncio.Future[StoreError | None]] = []
            offered = {conv: len(log) for conv, log in self.logs.items()}
            for conv, bodies, seq_skew, epoch_skew, unfinished in groups:
                epoch = self.epoch(conv) + epoch_skew
                first = offered[conv] + 1 + seq_skew
                entries = [
                    Entry(first + n, epoch, "v", first + n, "u", 0, "text", body, first + n)
                    for n, body in enumerate(bodies)
                ]
                heard.append(loop.create_future())
                self.store.append(conv, epoch, entries, heard[-1].set_result, unfinished=unfinished)
                expected.append(self.judge(conv, epoch, entries, unfinished))
                offered[conv] = len(self.logs[conv])
            return [await future for future in heard]

        expected: list[type] = []
        assert [type(error) for error in self.runner.run(go())] == expected

    def judge(self, conv: ConvId, epoch: int, entries: list[Entry], unfinished: bool) -> type:
        if epoch < 1 or epoch != self.epoch(conv):
            return StaleEpochError
        if entries and entries[0].seq != len(self.logs[conv]) + 1:
            return SeqMismatchError
        self.logs[conv] += entries
        if unfinished:
            self.unfinished.add(conv)
        return type(None)

    @rule(conv=convs, seq=st.integers(0, 8), later=st.integers(0, 8), deleted=st.booleans())
    def project(self, conv: ConvId, seq: int, later: int, deleted: bool) -> None:
        projection = Projection(seq, seq + later, None if deleted else b"edited", deleted)

        async def go() -> StoreError | None:
            heard: asyncio.Future[StoreError | None] = asyncio.get_running_loop().create_future()
            self.store.put_projection(conv, self.epoch(conv), projection, heard.set_result)
            return await heard

        error = self.runner.run(go())
        log = self.logs[conv]
        if not 1 <= seq <= len(log):
            assert isinstance(error, StoreRefusedError)
            return
        assert error is None
        old = self.projections.get((conv, seq))
        if old is None or old.changed_at <= projection.changed_at:
            self.projections[conv, seq] = projection
            if deleted:
                e = log[seq - 1]
                log[seq - 1] = Entry(
                    e.seq, e.epoch, e.device, e.cid, e.sender, e.ts, e.kind, b"", e.count
                )

    @rule(conv=convs, seq=st.integers(0, 9))
    def snapshot(self, conv: ConvId, seq: int) -> None:
        snapshot = Snapshot(seq, f"at {seq}".encode(), {"v": seq})
        self.runner.run(self._put_snapshot(conv, snapshot))
        old = self.snapshots.get(conv, Snapshot(0, b"", {}))
        if old.seq < seq <= len(self.logs[conv]):
            self.snapshots[conv] = snapshot

    async def _put_snapshot(self, conv: ConvId, snapshot: Snapshot) -> None:
        self.store.put_snapshot(conv, self.epoch(conv), snapshot)
        await self.store.secret("a write that comes after it", b"")

    @rule(conv=convs)
    def finish(self, conv: ConvId) -> None:
        self.runner.run(self._finish(conv))
        self.unfinished.discard(conv)

    async def _finish(self, conv: ConvId) -> None:
        self.store.finish(conv, self.epoch(conv))
        await self.store.secret("a write that comes after it", b"")

    @rule()
    def reopen(self) -> None:
        self.runner.run(self.store.close())
        self.runner.run(self.store.open())

    @rule(conv=convs, first=st.integers(-1, 9), last=st.integers(-1, 9), limit=st.integers(1, 9))
    def page(self, conv: ConvId, first: int, last: int, limit: int) -> None:
        shown = [e for e in self.logs[conv] if first <= e.seq <= last]
        for backwards in (False, True):
            page = self.runner.run(
                self.store.page(conv, first, last, limit=limit, max_bytes=ALL, backwards=backwards)
            )
            expected = shown[-limit:] if backwards else shown[:limit]
            assert [m.entry for m in page] == expected
            for message in page:
                assert message.projection == self.projections.get((conv, message.entry.seq))

    @invariant()
    def what_an_owner_finds_is_what_was_acknowledged(self) -> None:
        for conv, log in self.logs.items():
            if not self.epoch(conv):
                continue
            found = self.runner.run(self.store.activate(conv, self.epoch(conv)))
            snapshot = self.snapshots.get(conv)
            assert found.snapshot == snapshot
            assert found.tail == log[snapshot.seq if snapshot else 0 :]
            assert self.runner.run(self.store.head(conv)) == (len(log), len(log))
        assert set(self.runner.run(self.store.unfinished())) == self.unfinished


class MemoryLogs(Logs):
    def make(self, path: Path) -> Store:
        return MemoryStore()


class SqliteLogs(Logs):
    def make(self, path: Path) -> Store:
        return SqliteStore(path)


@pytest.mark.parametrize("machine", [MemoryLogs, SqliteLogs])
def test_a_store_agrees_with_the_model(machine: type[Logs]) -> None:
    short = settings(max_examples=15, stateful_step_count=25, deadline=None)
    run_state_machine_as_test(machine, settings=short)
