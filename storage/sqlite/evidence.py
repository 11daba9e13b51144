"""What `storage.verify` is shown of a file, by a connection of its own that only reads."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

from ...config.errors import SchemaError
from ...config.ids import ConvId
from ..records import Message, Snapshot
from .connection import open_reader
from .log_reader import LogReader
from .rows import Names
from .schema import MIGRATIONS

_AT_ONCE = 1000


class SqliteEvidence:
    """A file as it is; a node may write to it meanwhile.

    Raises:
        SchemaError: It has another schema than this program's.
    """

    def __init__(self, path: Path) -> None:
        self._db = open_reader(path)
        self._reader = LogReader(Names())
        (found,) = self._db.execute("PRAGMA user_version").fetchone()
        if found != len(MIGRATIONS):
            self._db.close()
            raise SchemaError(f"{path} has schema {found}, this program's is {len(MIGRATIONS)}")

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    async def logs(self) -> AsyncIterator[ConvId]:
        after = ""
        while True:
            rows = self._db.execute(
                "SELECT name FROM names WHERE name > ? AND EXISTS"
                " (SELECT 1 FROM log WHERE conv = number) ORDER BY name LIMIT ?",
                (after, _AT_ONCE),
            ).fetchall()
            for (name,) in rows:
                yield ConvId(name)
            if len(rows) < _AT_ONCE:
                return
            after = rows[-1][0]

    async def snapshot(self, conv: ConvId) -> Snapshot | None:
        return self._reader.snapshot(self._db, conv)

    async def extent(self, conv: ConvId) -> tuple[int, bool]:
        return self._reader.head(self._db, conv)[0], True

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
        return self._reader.page(self._db, conv, first, last, limit, max_bytes, backwards)

    async def others(self) -> list[str]:
        """What SQLite itself finds wrong with the file."""
        try:
            rows = self._db.execute("PRAGMA integrity_check(10)").fetchall()
        except sqlite3.DatabaseError as error:
            return [f"the file: {error}"]
        return [f"the file: {text}" for (text,) in rows if text != "ok"]


__all__ = ["SqliteEvidence"]
