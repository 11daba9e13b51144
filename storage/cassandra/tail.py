"""What of a log's end counts: for its owner, who decides, and for everybody else, who may not.

    rows:     1 ── 2 ── 3 ─┃─ 4 ── 5 ── 6 ── 7
    epochs:   1    1    1  ┃  1    2    2    1  <- a leaving: an epoch never falls along a log
                        tip (2, 3): of epoch 2, up to here everything counts

Above a stored tip rows count while seq is contiguous, no epoch falls, and none is below the tip's:
such a row may be a late arrival of a write that was refused. A row that is not whole counts no more
than one that is not there: what was acknowledged is whole at every quorum. An owner adopts what
counts. A reader
has to be more careful with what stands at the very end: only a row of the shard's epoch in force
will surely be adopted by whoever comes next.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...config.ids import ConvId
from .bridge import Bridge, Row
from .columns import ENTRY_IS_THERE
from .rows import BUCKET, bucket_of

_TIP = "SELECT epoch, seq, count FROM tips WHERE conv = ?"
_ROWS = f"SELECT {ENTRY_IS_THERE} FROM log WHERE conv = ? AND bucket = ? AND seq > ?"


@dataclass(frozen=True, slots=True)
class Tail:
    """A log's end, read at a quorum.

    Attributes:
        epoch, seq, count: The stored tip; (0, 0, 0) for none.
        rows: (seq, epoch, count) of what counts above it, as far as a reader can tell.
    """

    epoch: int
    seq: int
    count: int
    rows: list[tuple[int, int, int]]

    @property
    def end(self) -> tuple[int, int]:
        """(seq, count) of the last row that counts for an owner."""
        return (self.rows[-1][0], self.rows[-1][2]) if self.rows else (self.seq, self.count)

    def certain(self, epoch: int) -> tuple[int, int]:
        """(seq, count) of the last row that counts for a reader, with this epoch in force."""
        for seq, of, count in reversed(self.rows):
            if of == epoch:
                return seq, count
        return self.seq, self.count


async def read_tail(bridge: Bridge, conv: ConvId) -> Tail:
    """Read the stored tip, and what follows it."""
    found = await bridge.run(_TIP, (conv,))
    epoch, seq, count = found[0] if found else (0, 0, 0)
    rows: list[tuple[int, int, int]] = []
    at, least = seq, epoch
    while True:
        bucket = bucket_of(at + 1)
        for row in await _after(bridge, conv, at):
            row_seq, row_epoch, row_count = row[:3]
            # Not whole: a projection's cells without an entry, or what is at one copy only.
            if row_seq != at + 1 or None in row or row_epoch < least:
                return Tail(epoch, seq, count, rows)
            rows.append((row_seq, row_epoch, row_count))
            at, least = row_seq, row_epoch
        if at < (bucket + 1) * BUCKET:
            return Tail(epoch, seq, count, rows)


async def _after(bridge: Bridge, conv: ConvId, seq: int) -> list[Row]:
    """The rows of a bucket that follow a seq."""
    return await bridge.run(_ROWS, (conv, bucket_of(seq + 1), seq))


__all__ = ["Tail", "read_tail"]
