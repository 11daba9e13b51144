"""What `storage.verify` is shown of a ring: read as one who owns nothing reads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from ...config.ids import ConvId
from ..records import Message, Snapshot
from .bridge import Row
from .columns import LINE, LINE_WIDTH
from .store import CassandraStore

_TIPS = "SELECT conv, epoch, seq, count, token(conv) FROM tips WHERE token(conv) > ? LIMIT ?"
_SNAPSHOT = "SELECT seq, state, cids FROM snapshots WHERE conv = ?"
_LISTS = f"SELECT {LINE}, token(user) FROM lists WHERE token(user) > ? LIMIT ?"
_LIST_REST = f"SELECT {LINE}, token(user) FROM lists WHERE user = ? AND conv > ? LIMIT ?"
_MEMBER = f"SELECT {LINE} FROM members WHERE conv = ? AND user = ?"

_LOWEST = -(1 << 63)
_AT_ONCE = 500
_MOST_FAULTS = 20


class CassandraEvidence:
    """A ring as it is; nodes may write to it meanwhile.

    Args:
        store: Open, and without claims.
    """

    def __init__(self, store: CassandraStore) -> None:
        self._store = store

    async def logs(self) -> AsyncIterator[ConvId]:
        # A tip is written before the first row: each log has one.
        at = _LOWEST
        while True:
            rows = await self._rows(_TIPS, at, _AT_ONCE)
            for conv, *_ in rows:
                yield ConvId(conv)
            if len(rows) < _AT_ONCE:
                return
            *_, at = rows[-1]

    async def snapshot(self, conv: ConvId) -> Snapshot | None:
        rows = await self._rows(_SNAPSHOT, conv)
        return Snapshot(rows[0][0], rows[0][1], dict(rows[0][2] or {})) if rows else None

    async def extent(self, conv: ConvId) -> tuple[int, bool]:
        return await self._store.extent(conv)

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
        return await self._store.page(
            conv, first, last, limit=limit, max_bytes=max_bytes, backwards=backwards
        )

    async def others(self) -> list[str]:
        """Rows of lists that differ in their two directions."""
        faults: list[str] = []
        at = _LOWEST
        while len(faults) < _MOST_FAULTS:
            rows = await self._rows(_LISTS, at, _AT_ONCE)
            faults += await self._differing(rows)
            if len(rows) < _AT_ONCE:
                break
            # The last user's list may be cut: what is left of it, then whoever comes next.
            while rows:
                *_, at = rows[-1]
                rows = await self._rows(_LIST_REST, rows[-1][0], rows[-1][1], _AT_ONCE)
                faults += await self._differing(rows)
        return faults[:_MOST_FAULTS]

    async def _differing(self, rows: Sequence[Row]) -> list[str]:
        faults: list[str] = []
        for row in rows:
            twin = await self._rows(_MEMBER, row[1], row[0])
            if not twin or tuple(twin[0]) != tuple(row[:LINE_WIDTH]):
                faults.append(f"{row[0]} and {row[1]}: the list and the members differ")
        return faults

    async def _rows(self, cql: str, *values: object) -> list[Row]:
        return await self._store.look(cql, *values)


__all__ = ["CassandraEvidence"]
