"""Names in order, and by how they begin.

A row says that a person may be found by a key. Whether it is still so, the person's own document
tells: rows are written before it changes and removed after, with its version as their timestamp.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import groupby

from ...config.ids import UserId
from .bridge import Bridge

#: The first characters that a partition is for.
_START = 2

_ADD = "INSERT INTO search (kind, start, key, user) VALUES (?, ?, ?, ?) USING TIMESTAMP ?"
_ADD_START = "INSERT INTO search_starts (kind, start) VALUES (?, ?) USING TIMESTAMP 1"
_REMOVE = (
    "DELETE FROM search USING TIMESTAMP ? WHERE kind = ? AND start = ? AND key = ? AND user = ?"
)
_STARTS = "SELECT start FROM search_starts WHERE kind = ? AND start >= ? LIMIT ?"
_FROM = "SELECT key, user FROM search WHERE kind = ? AND start = ? AND key >= ? LIMIT ?"
_AFTER = (
    "SELECT key, user FROM search WHERE kind = ? AND start = ? AND (key, user) > (?, ?) LIMIT ?"
)

#: Starts fetched at a time.
_STARTS_AT_ONCE = 100

#: A key, and who may be found by it.
Found = AsyncIterator[tuple[str, list[UserId]]]


class Search:
    """Finds people by names."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    async def add(self, kind: str, key: str, user: UserId, version: int) -> None:
        """Let somebody be found by a key; by none, when it is empty."""
        if key:
            start = key[:_START]
            answers = [
                self._bridge.start(_ADD, (kind, start, key, user, version)),
                self._bridge.start(_ADD_START, (kind, start)),
            ]
            for answer in answers:
                await answer

    async def remove(self, kind: str, key: str, user: UserId, version: int) -> None:
        """Let nobody find them by it any more."""
        if key:
            await self._bridge.run(_REMOVE, (version, kind, key[:_START], key, user))

    async def after(self, kind: str, key: str, most: int) -> Found:
        """Keys after this one, in order."""
        async for found, users in self._keys(kind, key[:_START], "", key, most):
            if found > key:
                yield found, users

    async def beginning(self, kind: str, prefix: str, most: int) -> Found:
        """Keys that begin so, in order."""
        async for found, users in self._keys(kind, prefix[:_START], prefix, prefix, most):
            if not found.startswith(prefix):
                return
            yield found, users

    async def _keys(self, kind: str, first: str, prefix: str, least: str, most: int) -> Found:
        """Keys from `least` on, from the partitions from `first` on that may have the prefix."""
        most = max(1, most)
        while True:
            values = (kind, first, _STARTS_AT_ONCE)
            starts = [start for (start,) in await self._bridge.run(_STARTS, values)]
            for start in starts:
                if not start.startswith(prefix[:_START]):
                    return
                rows = await self._bridge.run(_FROM, (kind, start, least, most))
                while rows:
                    for key, group in groupby(rows, lambda row: row[0]):
                        yield key, [UserId(user) for _, user in group]
                    if len(rows) < most:
                        break
                    rows = await self._bridge.run(_AFTER, (kind, start, *rows[-1], most))
            if len(starts) < _STARTS_AT_ONCE:
                return
            first = starts[-1] + "\x00"


__all__ = ["Search"]
