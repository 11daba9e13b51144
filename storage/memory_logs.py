"""Logs, snapshots and projections in dicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..config.clock import Clock
from ..config.errors import (
    LowerViewError,
    OwnedError,
    SealedError,
    SeqMismatchError,
    StaleEpochError,
    StoreRefusedError,
)
from ..config.ids import ConvId, UserId, shard_of
from ..config.units import SECONDS
from .contract import NOBODY, Done
from .memory_queue import MemoryQueue, check_record, check_storable
from .records import HIDDEN_KINDS, Activation, Cursors, Entry, Message, Projection, Snapshot


@dataclass(slots=True)
class Log:
    """One log; `entries[n]` has seq n + 1, and a projection is under its entry's seq."""

    entries: list[Entry] = field(default_factory=list[Entry])
    projections: dict[int, Projection] = field(default_factory=dict[int, Projection])
    snapshot: Snapshot | None = None

    def message(self, seq: int) -> Message:
        return Message(self.entries[seq - 1], self.projections.get(seq))

    def last(self) -> Message | None:
        """What `records.Head.last` says."""
        for entry in reversed(self.entries):
            if not entry.target and entry.kind not in HIDDEN_KINDS:
                message = self.message(entry.seq)
                if any(e.kind == "delete" and e.target == entry.seq for e in self.entries):
                    message = replace(message, entry=replace(entry, body=b""))
                return message
        return None

    def count_at(self, seq: int) -> int:
        known = min(seq, len(self.entries))
        return self.entries[known - 1].count if known > 0 else 0


@dataclass(slots=True)
class Shard:
    """Who writes the logs of a shard; the epoch in force is nobody's when `owner` is None."""

    epoch: int = 0
    owner: str | None = None
    view: tuple[int, int] = (0, 0)


class MemoryLogs(MemoryQueue):
    """`contract.Logs` in dicts."""

    def __init__(self, *, clock: Clock | None = None, commit_s: float = 0 * SECONDS) -> None:
        super().__init__(clock=clock, commit_s=commit_s)
        self._shards: dict[int, Shard] = {}
        self._sealed: set[str] = set()
        self._logs: dict[ConvId, Log] = {}
        self._unfinished: set[ConvId] = set()
        self._cursors: dict[tuple[UserId, ConvId], Cursors] = {}
        #: {(user, conversation): seq}: places that have ended, in unfinished logs.
        self._ended: dict[tuple[UserId, ConvId], int] = {}

    async def claim(self, shard: int, *, owner: str = "", view: tuple[int, int] = (0, 0)) -> int:
        def take() -> int:
            row = self._shards.setdefault(shard, Shard())
            if owner in self._sealed:
                raise SealedError(owner)
            # First of all: in a lower view an owner may be missing that has just come in.
            if view < row.view:
                raise LowerViewError(view, row.view)
            if row.owner is not None and row.owner != owner:
                raise OwnedError(shard, row.owner)
            row.epoch, row.owner, row.view = row.epoch + 1, owner, view
            return row.epoch

        return await self._write(take)

    async def release(self, shard: int, owner: str) -> None:
        def give_up() -> None:
            row = self._shards.get(shard)
            if row is not None and row.owner == owner:
                row.epoch, row.owner = row.epoch + 1, None

        await self._write(give_up)

    async def seal(self, owner: str) -> None:
        def end() -> None:
            self._sealed.add(owner)
            for row in self._shards.values():
                if row.owner == owner:
                    row.epoch, row.owner = row.epoch + 1, None

        await self._write(end)

    async def activate(self, conv: ConvId, epoch: int) -> Activation:
        def read() -> Activation:
            self._check_epoch(conv, epoch)
            log = self._logs.get(conv, Log())
            tail = log.entries[log.snapshot.seq if log.snapshot else 0 :]
            cursors = {user: c for (user, of), c in self._cursors.items() if of == conv}
            return Activation(log.snapshot, tail, cursors)

        return await self._write(read, looks=True)

    def append(
        self,
        conv: ConvId,
        epoch: int,
        entries: Sequence[Entry],
        done: Done,
        *,
        unfinished: bool = False,
        ended: Mapping[UserId, int] = NOBODY,
    ) -> None:
        rows, places = list(entries), dict(ended)
        self._tell(lambda: self._append(conv, epoch, rows, unfinished, places), done)

    def _append(
        self,
        conv: ConvId,
        epoch: int,
        entries: list[Entry],
        unfinished: bool,
        ended: dict[UserId, int],
    ) -> None:
        self._check_epoch(conv, epoch)
        log = self._logs.get(conv, Log())
        for seq, entry in enumerate(entries, len(log.entries) + 1):
            if entry.seq != seq:
                raise SeqMismatchError(entry.seq, seq)
            if entry.epoch != epoch:
                raise StoreRefusedError(f"an entry of epoch {entry.epoch}, written in {epoch}")
            check_record(entry)
        check_storable(*ended, *ended.values())
        if entries:
            self._logs[conv] = log
            log.entries += entries
        if unfinished:
            self._unfinished.add(conv)
        self._ended.update({(user, conv): seq for user, seq in ended.items()})

    def finish(self, conv: ConvId, epoch: int) -> None:
        def forget() -> None:
            self._check_epoch(conv, epoch)
            self._unfinished.discard(conv)
            for key in [key for key in self._ended if key[1] == conv]:
                del self._ended[key]

        self._write_behind(forget)

    async def unfinished(self) -> list[ConvId]:
        return await self._read(lambda: sorted(self._unfinished))

    def put_snapshot(self, conv: ConvId, epoch: int, snapshot: Snapshot) -> None:
        def replace_it() -> None:
            self._check_epoch(conv, epoch)
            check_storable(snapshot.state, *snapshot.cids, *snapshot.cids.values())
            log = self._logs.get(conv)
            if log is None or not 1 <= snapshot.seq <= len(log.entries):
                return  # an append before it failed: it shows what never happened
            if log.snapshot is None or log.snapshot.seq < snapshot.seq:
                log.snapshot = replace(snapshot, cids=dict(snapshot.cids))

        self._write_behind(replace_it)

    def put_projection(self, conv: ConvId, epoch: int, projection: Projection, done: Done) -> None:
        self._tell(lambda: self._project(conv, epoch, projection), done)

    def _project(self, conv: ConvId, epoch: int, projection: Projection) -> None:
        self._check_epoch(conv, epoch)
        check_storable(projection.body, projection.changed_at, *projection.reactions)
        log = self._logs.get(conv, Log())
        seq = projection.seq
        if not 1 <= seq <= len(log.entries):
            raise StoreRefusedError(f"no entry {seq} to change, the head is {len(log.entries)}")
        old = log.projections.get(seq)
        if old is not None and old.changed_at > projection.changed_at:
            return
        if projection.deleted:
            projection = replace(projection, body=None)
            for n, entry in enumerate(log.entries):
                if entry.seq == seq or (entry.target == seq and entry.kind == "edit"):
                    log.entries[n] = replace(entry, body=b"")
        log.projections[seq] = projection

    async def page(
        self,
        conv: ConvId,
        first: int,
        last: int,
        *,
        limit: int,
        max_bytes: int,
        backwards: bool = False,
    ) -> list[Message]:
        def read() -> list[Message]:
            log = self._logs.get(conv, Log())
            seqs = range(max(1, first), min(last, len(log.entries)) + 1)
            messages: list[Message] = []
            size = 0
            for seq in (seqs[::-1] if backwards else seqs)[: max(1, limit)]:
                message = log.message(seq)
                shown = message.projection.body if message.projection else None
                size += len(message.entry.body if shown is None else shown)
                if messages and size > max_bytes:
                    break
                messages.append(message)
            return messages[::-1] if backwards else messages

        return await self._read(read)

    async def head(self, conv: ConvId) -> tuple[int, int]:
        def read() -> tuple[int, int]:
            log = self._logs.get(conv, Log())
            return len(log.entries), log.count_at(len(log.entries))

        return await self._read(read)

    def _check_epoch(self, conv: ConvId, epoch: int) -> None:
        current = self._shards.get(shard_of(conv), _UNCLAIMED).epoch
        if epoch != current or not epoch:
            raise StaleEpochError(epoch, current)


#: A shard that nobody ever claimed.
_UNCLAIMED = Shard()

__all__ = ["Log", "MemoryLogs", "Shard"]
