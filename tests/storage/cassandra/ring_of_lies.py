"""A bridge that loses what it is told to lose: outcomes become unknown, or nothing happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from hubbub.config.errors import StoreError
from hubbub.storage.cassandra.bridge import Answer, Bridge

#: Which statements, by their text.
Which = Callable[[str], bool]


class Lies:
    """Stands before a bridge's `start`.

    Attributes:
        happens: Whether what is lied about is done nevertheless.
        sent: Every statement that was let through or lied about, with its values.
    """

    def __init__(self, bridge: Bridge) -> None:
        self._start = bridge.start
        self._which: Which = lambda _: False
        self._hidden: Which = lambda _: False
        self._error: StoreError | None = None
        self._left = 0
        self.happens = False
        self.sent: list[tuple[str, Sequence[object]]] = []
        bridge.start = self.start  # type: ignore[method-assign]

    def about(self, which: Which, error: StoreError, times: int, *, happens: bool) -> None:
        """Answer so many of these statements with an error."""
        self._which, self._error, self._left, self.happens = which, error, times, happens

    def hide(self, which: Which) -> None:
        """Answer these reads as if nothing was there."""
        self._hidden = which

    def no_more(self) -> None:
        """Tell the truth."""
        self._left = 0

    def start(self, cql: str, values: Sequence[object] = (), *, serial: bool = False) -> Answer:
        self.sent.append((cql, values))
        answer: Answer = asyncio.get_running_loop().create_future()
        if self._hidden(cql):
            answer.set_result([])
            return answer
        if not self._left or not self._which(cql):
            return self._start(cql, values, serial=serial)
        self._left -= 1
        assert self._error is not None
        if self.happens:
            self._start(cql, values, serial=serial)
        answer.set_exception(self._error)
        return answer


def rows(cql: str) -> bool:
    """Statements that add rows to logs."""
    return "INSERT INTO log" in cql


def fence(cql: str) -> bool:
    """Reads of an owner's fence."""
    return cql.startswith("SELECT sealed")


__all__ = ["Lies", "fence", "rows"]
