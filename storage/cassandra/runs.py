"""The part of a group that is one log's: judged, written, and concluded together."""

from __future__ import annotations

from ...config.errors import (
    OutcomeUnknownError,
    SeqMismatchError,
    StaleEpochError,
    StoreError,
    StoreRefusedError,
    StoreRetryableError,
)
from ...config.ids import ConvId, UserId
from ...config.units import MIB
from ..memory_queue import check_storable
from ..records import Entry
from .claims import Claim, Claims, Statement, Tip
from .rows import bucket_of, inserts
from .sender import Parcel
from .works import Append

#: More than this in one row is refused; a server takes half of a commit log's segment at most.
_MOST_ROW_BYTES = 4 * MIB

_MARK = "INSERT INTO unfinished (shard, conv) VALUES (?, ?) USING TIMESTAMP ?"
_UNDO = "DELETE FROM log USING TIMESTAMP ? WHERE conv = ? AND bucket = ? AND seq = ?"
_ENDED = "INSERT INTO ended (user, conv, seq, epoch) VALUES (?, ?, ?, ?) USING TIMESTAMP ?"
_NOT_ENDED = "DELETE FROM ended USING TIMESTAMP ? WHERE user = ? AND conv = ?"
_EDIT = "INSERT INTO edits (conv, bucket, target, seq) VALUES (?, ?, ?, ?) USING TIMESTAMP ?"


class Run:
    """Appends of one log that continue each other.

    Attributes:
        appends: Those that were judged good, in order.
        parcel: What is written: all that has to be there before it counts, and at last the rows
            that continue the log. Until those arrive the rest is beyond a hole, and so, nothing.
    """

    def __init__(self, claim: Claim, conv: ConvId, tip: Tip) -> None:
        self.claim = claim
        self.conv = conv
        self.tip = tip
        self.appends: list[Append] = []
        self.parcel = Parcel([])
        self._first = tip.seq
        self._rows: list[tuple[Entry, int]] = []

    @property
    def seq(self) -> int:
        """The log's head when all of it is committed."""
        return self._rows[-1][0].seq if self._rows else self._first

    @property
    def first(self) -> int:
        """The seq of the first entry."""
        return self._first + 1

    @property
    def end(self) -> tuple[int, int]:
        """(seq, count) of the last entry, or of the log before it if there is none."""
        if not self._rows:
            return self.tip.seq, self.tip.count
        return self._rows[-1][0].seq, self._rows[-1][0].count

    @property
    def _ended(self) -> list[tuple[UserId, int]]:
        """Whose place ends, and with which entry."""
        return [found for append in self.appends for found in append.ended.items()]

    @property
    def is_poisoned(self) -> bool:
        """The server refused it, and one append of several may be why."""
        return isinstance(self.parcel.error, StoreRefusedError) and len(self.appends) > 1

    @property
    def stored(self) -> int:
        """How many entries are committed."""
        return sum(len(a.entries) for a in self.appends if a.error is None)

    def add(self, append: Append) -> None:
        """Take an append that was judged good."""
        self.appends.append(append)
        self._rows += [(entry, self.claim.stamp()) for entry in append.entries]

    def seal_parcel(self) -> None:
        """It is complete: make the statements of it."""
        before: list[Statement] = []
        if any(append.unfinished for append in self.appends):
            before.append((_MARK, (self.claim.shard, self.conv, self.claim.stamp())))
        for user, seq in self._ended:
            values = (user, self.conv, seq, self.claim.epoch, self.claim.stamp())
            before.append((_ENDED, values))
        for entry, stamp in self._rows:
            if entry.kind == "edit" and entry.target > 0:
                bucket = bucket_of(entry.target)
                before.append((_EDIT, (self.conv, bucket, entry.target, entry.seq, stamp)))
        rows = inserts(self.conv, self._rows)
        self.parcel = Parcel([*before, *rows[1:], *rows[:1]])

    def undo(self, first: int) -> list[Statement]:
        """Statements that remove the rows from a seq on, wherever they arrived."""
        stamp = self.claim.stamp()
        undo: list[Statement] = [
            (_NOT_ENDED, (stamp, user, self.conv)) for user, seq in self._ended if seq >= first
        ]
        for entry, _ in self._rows:
            if entry.seq >= first:
                undo.append((_UNDO, (stamp, self.conv, bucket_of(entry.seq), entry.seq)))
        return undo

    def parts(self) -> list[Run]:
        """Each append on its own, to be written one after the other."""
        parts: list[Run] = []
        at = 0
        for append in self.appends:
            part = Run(self.claim, self.conv, self.tip)
            part.appends = [append]
            part._first = self._first + at
            part._rows = self._rows[at : at + len(append.entries)]
            at += len(append.entries)
            part.seal_parcel()
            parts.append(part)
        return parts

    def conclude(self, verdict: StoreError | None) -> None:
        """Move the tip, or tell why not, now that the owner's fence was read."""
        error = self.parcel.error
        if isinstance(verdict, StaleEpochError):
            error = StaleEpochError(self.claim.epoch, self.claim.epoch + 1)
        elif error is None and verdict is None:
            self.tip.seq, self.tip.count = self.end
            return
        elif self.parcel.begun:
            # Within an epoch a seq names one content for ever: these very rows are written again
            # before anything else is done with the log.
            if self._rows:
                self.tip.doubt = [*self.tip.doubt, *self.parcel.statements]
                self.tip.doubted = self.end
            error = OutcomeUnknownError(f"{error or verdict}")
        for append in self.appends:
            append.error = error


def judge(
    append: Append,
    claims: Claims,
    failed: dict[ConvId, StoreError],
    runs: dict[ConvId, Run],
) -> None:
    """Put an append into its log's run.

    Raises:
        StoreError: It cannot be stored; nothing was changed.
    """
    conv, epoch = append.conv, append.epoch
    claim = claims.owned(conv, epoch)
    if conv in failed:
        raise StoreRetryableError(f"the log cannot be taken up: {failed[conv]}")
    tip = claim.tips[conv]
    if tip.doubt:
        raise StoreRetryableError("the log's last rows are of unknown outcome")
    run = runs.get(conv) or Run(claim, conv, tip)
    for seq, entry in enumerate(append.entries, run.seq + 1):
        if entry.seq != seq:
            raise SeqMismatchError(entry.seq, seq)
        if entry.epoch != epoch:
            raise StoreRefusedError(f"an entry of epoch {entry.epoch}, written in {epoch}")
        check_storable(
            entry.device, entry.cid, entry.sender, entry.ts, entry.kind, entry.count, entry.target
        )
        if len(entry.body) > _MOST_ROW_BYTES:
            raise StoreRefusedError(f"a row of {len(entry.body)} bytes, {_MOST_ROW_BYTES} can be")
    check_storable(*append.ended, *append.ended.values())
    run.add(append)
    runs[conv] = run


__all__ = ["Run", "judge"]
