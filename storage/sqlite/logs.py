"""Logs, snapshots, projections: the writing side, and what their readers are asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...config.errors import StoreRefusedError
from ...config.ids import ConvId, UserId
from ..contract import NOBODY, Done
from ..records import Activation, Entry, Message, Projection, Snapshot
from .base import SqliteBase
from .log_reader import LogReader
from .rows import pack_reactions
from .transaction import Transaction
from .work import Append, Change


class SqliteLogs(SqliteBase):
    """`contract.Logs` in SQLite."""

    _log_reader: LogReader

    async def claim(self, shard: int, *, owner: str = "", view: tuple[int, int] = (0, 0)) -> int:
        return await self._write(lambda tx: tx.claim(shard, owner, view))

    async def release(self, shard: int, owner: str) -> None:
        await self._write(lambda tx: tx.release(shard, owner))

    async def seal(self, owner: str) -> None:
        await self._write(lambda tx: tx.seal(owner))

    async def activate(self, conv: ConvId, epoch: int) -> Activation:
        # Its turn comes after this log's appends in flight; what they left is in the file by then.
        # The tip is read with the first append: most logs that are activated, those of people who
        # only listen, never see one, and each would weigh a tip, a name and a page of the cache.
        await self._look(lambda tx: tx.check_owner(conv, epoch))
        return await self._read(lambda db: self._log_reader.activation(db, conv))

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
        self._submit(Append(conv, epoch, entries, done, unfinished, ended))

    def finish(self, conv: ConvId, epoch: int) -> None:
        self._write_behind("finish", lambda tx: _finish(tx, conv, epoch))

    async def unfinished(self) -> list[ConvId]:
        return await self._read(self._log_reader.unfinished)

    def put_snapshot(self, conv: ConvId, epoch: int, snapshot: Snapshot) -> None:
        self._write_behind("snapshot", lambda tx: _put_snapshot(tx, conv, epoch, snapshot))

    def put_projection(self, conv: ConvId, epoch: int, projection: Projection, done: Done) -> None:
        self._submit(Change(lambda tx: _put_projection(tx, conv, epoch, projection), done))

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
        reader = self._log_reader
        return await self._read(
            lambda db: reader.page(db, conv, first, last, limit, max_bytes, backwards)
        )

    async def head(self, conv: ConvId) -> tuple[int, int]:
        return await self._read(lambda db: self._log_reader.head(db, conv))


def _finish(tx: Transaction, conv: ConvId, epoch: int) -> None:
    tip = tx.owned(conv, epoch)
    if tip.number:
        tx.write("DELETE FROM unfinished WHERE conv = ?", (tip.number,))
        tx.write("DELETE FROM ended WHERE conv = ?", (conv,))


def _put_snapshot(tx: Transaction, conv: ConvId, epoch: int, snapshot: Snapshot) -> None:
    tip = tx.owned(conv, epoch)
    if not 1 <= snapshot.seq <= tip.head:
        return  # an append before it failed: it shows what never happened
    number = tip.number
    old = tx.read("SELECT seq FROM snapshots WHERE conv = ?", (number,))
    if old and old[0][0] >= snapshot.seq:
        return
    tx.write(
        "INSERT OR REPLACE INTO snapshots (conv, seq, state) VALUES (?, ?, ?)",
        (number, snapshot.seq, snapshot.state),
    )
    cids = {tx.number(device): cid for device, cid in snapshot.cids.items()}
    before = dict(tx.read("SELECT device, cid FROM snapshot_cids WHERE conv = ?", (number,)))
    for device, cid in cids.items():
        if before.get(device) != cid:
            tx.write(
                "INSERT OR REPLACE INTO snapshot_cids (conv, device, cid) VALUES (?, ?, ?)",
                (number, device, cid),
            )
    for device in before.keys() - cids.keys():
        tx.write("DELETE FROM snapshot_cids WHERE conv = ? AND device = ?", (number, device))


def _put_projection(tx: Transaction, conv: ConvId, epoch: int, projection: Projection) -> None:
    tip = tx.owned(conv, epoch)
    if not 1 <= projection.seq <= tip.head:
        raise StoreRefusedError(f"no entry {projection.seq} to change, the head is {tip.head}")
    key = (tip.number, projection.seq)
    old = tx.read("SELECT changed_at FROM projections WHERE conv = ? AND seq = ?", key)
    if old and old[0][0] > projection.changed_at:
        return
    tx.write(
        "INSERT OR REPLACE INTO projections (conv, seq, changed_at, deleted, reactions, body)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            *key,
            projection.changed_at,
            projection.deleted,
            pack_reactions(projection.reactions),
            None if projection.deleted else projection.body,
        ),
    )
    if projection.deleted:
        tx.write_entries()
        tx.write("UPDATE log SET body = x'' WHERE conv = ? AND seq = ?", key)
        edits = tx.read("SELECT number FROM names WHERE name = 'edit'")
        if edits:
            tx.write(
                "UPDATE log SET body = x''"
                " WHERE conv = ? AND target = ? AND target <> 0 AND kind = ?",
                (*key, edits[0][0]),
            )
        tx.erased = True


__all__ = ["SqliteLogs"]
