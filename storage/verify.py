"""Proves a store: walks every log, and holds each row against the others.

    seq        contiguous from 1               epoch, ts  never fall
    count      rises by messages alone         cid        rises along each device
    target     an earlier entry                snapshot   within the log, with its true cids
    projection of the entry that changed it last; of a deleted message no text is left anywhere

It reads as anybody may, beside a running node; rows that wait for their owner are told apart.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol

from ..config.ids import ConvId
from ..config.units import MIB
from .records import HIDDEN_KINDS, Entry, Message, Projection, Snapshot

#: Kinds of entries that are no messages.
_UNCOUNTED = ("system", "edit", "delete", "react", *HIDDEN_KINDS)
_PAGE = 256
#: Of one log this many faults are told; a torn one has as many as rows.
_MOST_FAULTS = 20


class Evidence(Protocol):
    """What a store shows to be proved."""

    def logs(self) -> AsyncIterator[ConvId]:
        """Every log."""
        ...

    async def snapshot(self, conv: ConvId) -> Snapshot | None:
        """A log's snapshot; read before its entries, so that these are never behind it."""
        ...

    async def extent(self, conv: ConvId) -> tuple[int, bool]:
        """The newest seq that surely counts, and whether nothing waits behind it."""
        ...

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
        """As `contract.Logs.page`."""
        ...

    async def others(self) -> list[str]:
        """Faults outside the logs."""
        ...


@dataclass(slots=True)
class Report:
    """What was found.

    Attributes:
        logs, entries, projections, snapshots: How many were looked at.
        waiting: Changes of messages that are in the log and not yet done, and logs whose end waits
            for its owner: no faults, an owner does them.
        faults: One line for each.
    """

    logs: int = 0
    entries: int = 0
    projections: int = 0
    snapshots: int = 0
    waiting: int = 0
    faults: list[str] = field(default_factory=list[str])


class LogCheck:
    """Holds one log's rows against each other, as they pass by."""

    def __init__(self, snapshot: Snapshot | None) -> None:
        self.faults: list[str] = []
        self.projections = 0
        self.waiting = 0
        self._snapshot = snapshot
        self._seq = self._epoch = self._ts = self._count = 0
        self._cids: dict[str, int] = {}
        #: {a change: what it is said to have changed}, of changes that are still to come.
        self._changed_at: dict[int, int] = {}
        self._deleted: set[int] = set()

    def take(self, message: Message) -> None:
        """The next row."""
        e = message.entry
        if e.seq != self._seq + 1:
            self._fault(e.seq, f"follows {self._seq}")
        if e.epoch < self._epoch:
            self._fault(e.seq, f"epoch {e.epoch} after {self._epoch}")
        if e.ts < self._ts:
            self._fault(e.seq, f"time {e.ts} after {self._ts}")
        if e.count - self._count not in ((0,) if e.kind in _UNCOUNTED else (0, 1)):
            self._fault(e.seq, f"count {e.count} after {self._count}, of kind {e.kind}")
        if e.device and e.cid:
            if e.cid <= self._cids.get(e.device, 0):
                self._fault(e.seq, f"cid {e.cid} of {e.device} after {self._cids[e.device]}")
            self._cids[e.device] = e.cid
        self._seq, self._epoch, self._ts, self._count = e.seq, e.epoch, e.ts, e.count
        self._change(e)
        if message.projection is not None:
            self._project(e, message.projection)
        if self._snapshot is not None and e.seq == self._snapshot.seq:
            self._hold_snapshot(self._snapshot)

    def end(self) -> list[str]:
        """After the last row: all faults."""
        if self._snapshot is not None and self._snapshot.seq > self._seq:
            self._fault(self._snapshot.seq, f"has a snapshot, and the log ends at {self._seq}")
        for change, seq in sorted(self._changed_at.items()):
            self._fault(seq, f"is said to be changed by {change}, which is not there")
        return self.faults

    def _change(self, e: Entry) -> None:
        said = self._changed_at.pop(e.seq, None)
        if said is not None and e.target != said:
            self._fault(said, f"is said to be changed by {e.seq}, which changes {e.target}")
        if e.target and not 1 <= e.target < e.seq:
            self._fault(e.seq, f"changes {e.target}")
        if e.kind == "delete" and e.target not in self._deleted:
            self.waiting += 1
        if e.kind == "edit" and e.target in self._deleted and e.body:
            self._fault(e.seq, f"still has a text of the deleted {e.target}")

    def _project(self, e: Entry, p: Projection) -> None:
        self.projections += 1
        if p.changed_at <= e.seq:
            self._fault(e.seq, f"is said to be changed by {p.changed_at}")
        else:
            self._changed_at[p.changed_at] = e.seq
        if p.deleted:
            self._deleted.add(e.seq)
            if e.body or p.body:
                self._fault(e.seq, "is deleted, and its text is there")

    def _hold_snapshot(self, snapshot: Snapshot) -> None:
        for device, cid in snapshot.cids.items():
            if cid != self._cids.get(device, cid):
                true = self._cids[device]
                self._fault(snapshot.seq, f"has a snapshot with cid {cid} of {device}, not {true}")

    def _fault(self, seq: int, text: str) -> None:
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(f"entry {seq} {text}")


async def verify(evidence: Evidence) -> Report:
    """Walk everything."""
    report = Report()
    async for conv in evidence.logs():
        report.logs += 1
        snapshot = await evidence.snapshot(conv)
        report.snapshots += snapshot is not None
        last, whole = await evidence.extent(conv)
        report.waiting += not whole
        check = LogCheck(snapshot)
        at = 1
        while at <= last:
            page = await evidence.page(conv, at, last, limit=_PAGE, max_bytes=4 * MIB)
            if not page:
                check.faults.append(f"entry {at} is not there, the log ends at {last}")
                break
            for message in page:
                check.take(message)
            report.entries += len(page)
            at = page[-1].entry.seq + 1
        report.faults += [f"{conv}: {fault}" for fault in check.end()]
        report.projections += check.projections
        report.waiting += check.waiting
    report.faults += await evidence.others()
    return report


__all__ = ["Evidence", "LogCheck", "Report", "verify"]
