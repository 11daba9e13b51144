"""The lines of a user's list: the rows in one read, then each line side by side."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from ...config.ids import ConvId, DeviceId, UserId, shard_of
from ..records import (
    HIDDEN_KINDS,
    BriefHead,
    Cursors,
    Gone,
    Head,
    HeadsPage,
    Membership,
    Message,
)
from .columns import LINE, SNAPSHOT_IS_THERE
from .memberships import CassandraMemberships, membership
from .pages import Pages
from .people import CassandraPeople
from .rows import BUCKET, MESSAGE, bucket_of, message

_LIST = f"SELECT {LINE} FROM lists WHERE user = ? AND conv > ? LIMIT ?"
_ENDED = "SELECT conv, seq, epoch FROM ended WHERE user = ?"
_OF_EPOCH = "SELECT epoch FROM log WHERE conv = ? AND bucket = ? AND seq = ?"
_UNFINISHED = "SELECT conv FROM unfinished WHERE shard = ? AND conv = ?"
_CURSORS = "SELECT recv, read FROM members WHERE conv = ? AND user = ?"
_SNAPSHOT = f"SELECT {SNAPSHOT_IS_THERE} FROM snapshots WHERE conv = ?"
_COUNT = "SELECT count FROM log WHERE conv = ? AND bucket = ? AND seq = ?"
_SENT = "SELECT seq, device, cid FROM log WHERE conv = ? AND bucket = ? AND seq > ? AND seq <= ?"
_BACK = (
    f"SELECT {MESSAGE} FROM log WHERE conv = ? AND bucket = ? AND seq <= ?"
    " ORDER BY seq DESC LIMIT ?"
)

#: Entries looked at in search of a line's last message: most often it is the very first.
_FIRST_LOOK, _LOOK = 4, 64

#: As far as a log goes.
_ALL = 2**62


class CassandraHeads(CassandraMemberships, CassandraPeople):
    """The lists of `contract.Memberships`, in Cassandra."""

    _pages: Pages

    async def heads(
        self,
        user: UserId,
        device: DeviceId,
        *,
        since: int,
        after: ConvId | None,
        limit: int,
    ) -> HeadsPage:
        limit = max(1, limit)
        ended = {conv: (seq, epoch) for conv, seq, epoch in await self._rows(_ENDED, user)}
        #: {conversation: where the place ended}, though its row does not say so yet
        over: dict[ConvId, int] = {}
        shown: list[Membership] = []
        at = after or ""
        while len(shown) <= limit:
            rows = [membership(r) for r in await self._rows(_LIST, user, at, limit + 1)]
            for m in rows:
                if m.conv in ended and await self._is_over(m, *ended[m.conv]):
                    over[m.conv] = ended[m.conv][0]
            shown += [m for m in rows if m.until is None or m.lv > since or m.conv in over]
            if len(rows) <= limit:
                break
            at = rows[-1].conv
        more = len(shown) > limit
        shown = shown[:limit]
        lines = await asyncio.gather(
            *(self._line(m, device, since) for m in shown if m.until is None and m.conv not in over)
        )
        gone = [
            Gone(m.conv, until) for m in shown if (until := over.get(m.conv, m.until)) is not None
        ]
        return HeadsPage(list(lines), gone, shown[-1].conv if more else None)

    async def _is_over(self, row: Membership, seq: int, epoch: int) -> bool:
        """Whether a place has ended with an entry, and the row is still to say so."""
        if seq <= row.conv_seq:
            return False
        head, _, _ = await self._pages.certain(row.conv)
        if head < seq:
            return False  # nothing from there on is shown to anybody
        marked, found = await asyncio.gather(
            self._bridge.run(_UNFINISHED, (shard_of(row.conv), row.conv)),
            self._bridge.run(_OF_EPOCH, (row.conv, bucket_of(seq), seq)),
        )
        # Of another epoch: that entry was never acknowledged, and another stands in its place.
        return bool(marked) and found[:1] == [(epoch,)]

    async def _line(self, row: Membership, device: DeviceId, since: int) -> Head | BriefHead:
        return await (self._head(row, device) if row.lv > since else self._brief(row.conv))

    async def _brief(self, conv: ConvId) -> BriefHead:
        seq, count, _ = await self._pages.certain(conv)
        return BriefHead(conv, seq, count)

    async def _head(self, row: Membership, device: DeviceId) -> Head:
        conv = row.conv
        asked = self._bridge.start(_CURSORS, (conv, row.user))
        # What waits for its owner is not in the line: `behind` brings it when the owner woke.
        seq, count, whole = await self._pages.certain(conv)
        found = await asked
        cursors = Cursors(found[0][0] or 0, found[0][1] or 0) if found else Cursors()
        at_read, mine, last, peer = await asyncio.gather(
            self._count_at(conv, min(cursors.read, seq)),
            self._mine(conv, device, seq if whole else _ALL),
            self._last(conv, seq),
            self.account(row.peer) if row.peer is not None else _nobody(),
        )
        return Head(
            row,
            cursors,
            seq,
            count,
            at_read,
            mine,
            last,
            (peer.display or peer.name) if peer else "",
            peer.colour if peer else "",
        )

    async def _count_at(self, conv: ConvId, seq: int) -> int:
        if seq < 1:
            return 0
        rows = await self._bridge.run(_COUNT, (conv, bucket_of(seq), seq))
        return rows[0][0] if rows else 0

    async def _mine(self, conv: ConvId, device: DeviceId, last: int) -> int:
        """The device's last committed cid: of the snapshot, or of the tail after it.

        Also of rows that only their owner can tell from what never counted: who takes a higher
        number than needed is told the right one, who takes one that was used may name what was
        said before.
        """
        found = await self._bridge.run(_SNAPSHOT, (conv,))
        at: int = found[0][0] if found else 0
        cids: dict[str, int] = (found[0][1] if found else None) or {}
        mine = cids.get(device, 0)
        while at < last:
            bucket = bucket_of(at + 1)
            rows = await self._bridge.run(_SENT, (conv, bucket, at, last))
            mine = max([mine, *(cid for _, who, cid in rows if who == device)])
            at = (bucket + 1) * BUCKET
            if not rows or rows[-1][0] < at:
                break
        return mine

    async def _last(self, conv: ConvId, head: int) -> Message | None:
        """The newest entry that changes no earlier one, without its text if a deletion names it."""
        deleted: set[int] = set()
        at, look = head, _FIRST_LOOK
        while at > 0:
            bucket = bucket_of(at)
            rows = await self._bridge.run(_BACK, (conv, bucket, at, look))
            for row in rows:
                each = message(row)
                if not each.entry.target and each.entry.kind not in HIDDEN_KINDS:
                    if each.entry.seq in deleted:
                        return replace(each, entry=replace(each.entry, body=b""))
                    return each
                if each.entry.kind == "delete":
                    deleted.add(each.entry.target)
            at = rows[-1][0] - 1 if rows else bucket * BUCKET
            look = _LOOK
        return None


async def _nobody() -> None:
    return None


__all__ = ["CassandraHeads"]
