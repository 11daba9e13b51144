"""Rows that are changed as a whole, on the condition that nobody else did.

    read (serial) -> decide -> UPDATE .. SET version, writer, state IF version = what was read

Each attempt signs with a name of its own. When its outcome is unknown, the next serial read tells:
there is its name; or another's at its version, so it never came; or the version is what it was, and
it may still come. Then the next attempt has the same condition, and at most one of the two is done.
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
        #: {the name that an attempt signed with: what it would have answered, and its version}, of
        #: those that may yet arrive: the same condition holds for them and for the next attempt.
        unheard: dict[str, tuple[T, int]] = {}
        for _ in range(_TRIES):
            rows = await self._bridge.run(self._read, (id,), serial=True)
            state, found, writer = rows[0] if rows else (None, None, None)
            version: int = found or 0
            if writer in unheard:
                return unheard[writer]
            if any(version > new for _, new in unheard.values()):
                raise OutcomeUnknownError(f"{id} was changed by others meanwhile")
            if version in (new for _, new in unheard.values()):
                unheard.clear()  # another one came instead, so they never will
            changed = decide(None if state is None else self._decoder.decode(state))
            if changed.document is None:
                return changed.answer, version
            new = version + 1
            if changed.before is not None:
                await changed.before(new)
            me = secrets.token_hex(8)
            values = (new, me, self._encoder.encode(changed.document), id, found)
            try:
                if (await self._bridge.run(self._write, values))[0][0]:
                    return changed.answer, new
            except OutcomeUnknownError:
                unheard[me] = changed.answer, new
        if unheard:
            raise OutcomeUnknownError(f"whether {id} is changed is not known")
        raise StoreRetryableError(f"{id} is changed by several")

    async def delete(self, id: str) -> None:
        """Remove a document, if it is there."""
        await self._bridge.run(self._delete, (id,))


__all__ = ["Changed", "Documents"]
