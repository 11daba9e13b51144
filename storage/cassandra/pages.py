"""What anybody may read of a log: never past what may yet be replaced."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ...config.errors import StaleEpochError, UnsettledError
from ...config.ids import ConvId, shard_of
from ..records import Entry, Message
from .bridge import Bridge, Row
from .claims import Claims
from .fence import Fence
from .rows import BUCKET, ENTRY, MESSAGE, bucket_of, entry, message
from .tail import read_tail

_FORWARDS = (
    f"SELECT {MESSAGE} FROM log WHERE conv = ? AND bucket = ? AND seq >= ? AND seq <= ? LIMIT ?"
)
_BACKWARDS = (
    f"SELECT {MESSAGE} FROM log WHERE conv = ? AND bucket = ? AND seq >= ? AND seq <= ?"
    " ORDER BY seq DESC LIMIT ?"
)
_ENTRIES = f"SELECT {ENTRY} FROM log WHERE conv = ? AND bucket = ? AND seq >= ? AND seq <= ?"

#: Rows fetched at a time: the largest messages are cut short by bytes, not before they are read.
_AT_ONCE = 64


class Pages:
    """Reads logs.

    Args:
        adopt: Takes up a log of ours that nobody asked for in this epoch.
        unsettled: Told of a log whose end only its owner can tell: it should be woken.
    """

    def __init__(
        self,
        bridge: Bridge,
        fence: Fence,
        claims: Claims,
        adopt: Callable[[ConvId], Awaitable[object]],
        unsettled: Callable[[ConvId], None],
    ) -> None:
        self._bridge = bridge
        self._fence = fence
        self._claims = claims
        self._adopt = adopt
        self._unsettled = unsettled

    async def certain(self, conv: ConvId) -> tuple[int, int, bool]:
        """(seq, count) of the newest entry that surely counts, and whether that is all there is."""
        claim = self._claims.of(conv)
        if claim is not None:
            tip = self._claims.tip(conv)
            if tip is None:
                try:
                    await self._adopt(conv)
                    tip = self._claims.tip(conv)
                except StaleEpochError:
                    pass  # it was ours
            if tip is not None and not tip.doubt:
                seq, count = tip.seq, tip.count
                # An owner that was paused may be none any more, and what it knows the past.
                if not await self._fence.look(claim.owner):
                    return seq, count, True
                self._claims.drop_owner(claim.owner)
        tail = await read_tail(self._bridge, conv)
        if not tail.rows:
            return tail.seq, tail.count, True
        # After the rows: an epoch that is in force now was when they were read.
        seq, count = tail.certain(await self._fence.epoch(shard_of(conv)))
        whole = seq == tail.end[0]
        if not whole:
            self._unsettled(conv)
        return seq, count, whole

    async def head(self, conv: ConvId) -> tuple[int, int]:
        """(seq, count) of the newest entry.

        Raises:
            UnsettledError: Only the owner knows.
        """
        seq, count, whole = await self.certain(conv)
        if not whole:
            raise UnsettledError(conv)
        return seq, count

    async def page(
        self, conv: ConvId, first: int, last: int, limit: int, max_bytes: int, backwards: bool
    ) -> list[Message]:
        """Entries of a range, folded, in rising seq.

        Raises:
            UnsettledError: The range goes beyond what surely counts.
        """
        seq, _, whole = await self.certain(conv)
        if last > seq and not whole:
            raise UnsettledError(conv)
        first, last, limit = max(1, first), min(last, seq), max(1, limit)
        messages: list[Message] = []
        size = 0
        while first <= last and len(messages) < limit:
            rows = await self._piece(conv, first, last, limit - len(messages), backwards)
            for row in rows:
                each = message(row)
                shown = each.projection.body if each.projection else None
                size += len(each.entry.body if shown is None else shown)
                if messages and size > max_bytes:
                    return messages[::-1] if backwards else messages
                messages.append(each)
            if not rows:
                break  # cannot be: a log is whole up to its tip; `hubbub verify` tells
            if backwards:
                last = rows[-1][0] - 1
            else:
                first = rows[-1][0] + 1
        return messages[::-1] if backwards else messages

    async def _piece(
        self, conv: ConvId, first: int, last: int, limit: int, backwards: bool
    ) -> list[Row]:
        """Some rows of a range, from one partition."""
        bucket = bucket_of(last if backwards else first)
        low, high = bucket * BUCKET + 1, (bucket + 1) * BUCKET
        cql = _BACKWARDS if backwards else _FORWARDS
        values = (conv, bucket, max(first, low), min(last, high), min(limit, _AT_ONCE))
        return await self._bridge.run(cql, values)

    async def entries(self, conv: ConvId, first: int, last: int) -> list[Entry]:
        """Every entry of a range that surely counts."""
        answers = [
            self._bridge.start(_ENTRIES, (conv, bucket, first, last))
            for bucket in range(bucket_of(first), bucket_of(last) + 1)
            if first <= last
        ]
        return [entry(row) for answer in answers for row in await answer]


__all__ = ["Pages"]
