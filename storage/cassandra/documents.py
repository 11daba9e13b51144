"""Rows that are changed as a whole, on the condition that nobody else did.

    read (serial) -> decide -> UPDATE .. SET version, writer, state IF version = what was read

Each attempt signs with a name of its own. When its outcome is unknown, a serial read tells: there
is its name, or there is not and the version still is what it was.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from ...config.errors import OutcomeUnknownError, StoreRetryableError
from .bridge import Bridge

D = TypeVar("D")
T = TypeVar("T")

#: Of several who change one row, one gets on with each try.
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Changed(Generic[D, T]):
    """What a decision came to.

    Attributes:
        answer: For who asked.
        document: The new one; None leaves it as it is.
        before: Done before the row is changed, with the version it is going to have.
    """

    answer: T
    document: D | None = None
    before: Callable[[int], Awaitable[None]] | None = None


class Documents(Generic[D]):
    """One table of them.

    Args:
        table: With columns id, version, writer, state.
        kind: What is in `state`.
    """

    def __init__(self, bridge: Bridge, table: str, kind: type[D]) -> None:
        self._bridge = bridge
        self._read = f"SELECT state, version, writer FROM {table} WHERE id = ?"
        self._write = (
            f"UPDATE {table} SET version = ?, writer = ?, state = ? WHERE id = ? IF version = ?"
        )
        self._delete = f"DELETE FROM {table} WHERE id = ? IF EXISTS"
        self._decoder = msgspec.msgpack.Decoder(kind)
        self._encoder = msgspec.msgpack.Encoder()

    async def get(self, id: str) -> D | None:
        """The document as of its last change that was confirmed."""
        rows = await self._bridge.run(self._read, (id,))
        return self._decoder.decode(rows[0][0]) if rows and rows[0][0] is not None else None

    async def change(self, id: str, decide: Callable[[D | None], Changed[D, T]]) -> tuple[T, int]:
        """Change a document, atomically; the answer, and the version that it has now.

        Args:
            decide: May be called several times; what it raises goes to who asked.
        """
        for _ in range(_TRIES):
            rows = await self._bridge.run(self._read, (id,), serial=True)
            state, version, _writer = rows[0] if rows else (None, None, None)
            changed = decide(None if state is None else self._decoder.decode(state))
            if changed.document is None:
                return changed.answer, version or 0
            new = (version or 0) + 1
            if changed.before is not None:
                await changed.before(new)
            me = secrets.token_hex(8)
            values = (new, me, self._encoder.encode(changed.document), id, version)
            try:
                done = (await self._bridge.run(self._write, values))[0][0]
            except OutcomeUnknownError:
                done = await self._happened(id, new, me)
            if done:
                return changed.answer, new
        raise StoreRetryableError(f"{id} is changed by several")

    async def delete(self, id: str) -> None:
        """Remove a document, if it is there."""
        await self._bridge.run(self._delete, (id,))

    async def _happened(self, id: str, new: int, me: str) -> bool:
        rows = await self._bridge.run(self._read, (id,), serial=True)
        version, writer = (rows[0][1] or 0, rows[0][2]) if rows else (0, None)
        if writer != me and version > new:
            raise OutcomeUnknownError(f"{id} was changed by others meanwhile")
        return writer == me


__all__ = ["Changed", "Documents"]
