"""What is handed to the writer: each applies itself to a transaction, and hears how it went."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Generic, TypeVar

import structlog

from ...config.errors import HubbubError, StoreError
from ...config.ids import ConvId, UserId
from ..contract import NOBODY, Done
from ..records import Entry
from .transaction import Transaction

T = TypeVar("T")
log = structlog.get_logger(__name__)


class Work(ABC):
    """One thing to write.

    Attributes:
        looks: It changes nothing and only waits its turn, so no failed commit is its own.
        error: Why it did not happen; None while it may, and when it did.
        void: It was refused before its turn, and only waits for its turn to say so.
        rows, size: What it adds to a batch: entries, and bytes of body.
    """

    __slots__ = ("error", "rows", "size", "void")

    looks: ClassVar[bool] = False

    def __init__(self, rows: int = 0, size: int = 0) -> None:
        self.error: HubbubError | None = None
        self.void = False
        self.rows = rows
        self.size = size

    @abstractmethod
    def apply(self, tx: Transaction) -> None:
        """Write, in the writer's thread; may be called again after a failed transaction.

        Raises:
            HubbubError: It is refused; nothing may have been written before that.
        """

    @abstractmethod
    def settle(self) -> None:
        """Tell whoever asked, on the loop, that it is durable or what the error is."""

    def give_up(self, error: HubbubError) -> None:
        """Refuse it before its turn, and let go of what it holds."""
        self.error = error
        self.void = True
        self.rows = self.size = 0


class Append(Work):
    """Entries for a log."""

    __slots__ = ("_conv", "_done", "_ended", "_entries", "_epoch", "_unfinished")

    def __init__(
        self,
        conv: ConvId,
        epoch: int,
        entries: Sequence[Entry],
        done: Done,
        unfinished: bool,
        ended: Mapping[UserId, int] = NOBODY,
    ) -> None:
        size = 0
        for entry in entries:
            size += len(entry.body)
        super().__init__(len(entries), size)
        self._conv = conv
        self._epoch = epoch
        self._entries = tuple(entries)
        self._done = done
        self._unfinished = unfinished
        self._ended = dict(ended) if ended else NOBODY

    def apply(self, tx: Transaction) -> None:
        tx.add_entries(self._conv, self._epoch, self._entries)
        if self._unfinished:
            number = tx.numbered(self._conv, tx.owned(self._conv, self._epoch))
            tx.write("INSERT OR IGNORE INTO unfinished (conv) VALUES (?)", (number,))
        for user, seq in self._ended.items():
            row = (self._conv, user, seq)
            tx.write("INSERT OR REPLACE INTO ended (conv, user, seq) VALUES (?, ?, ?)", row)

    def settle(self) -> None:
        error = self.error
        assert error is None or isinstance(error, StoreError)
        self._done(error)

    def give_up(self, error: HubbubError) -> None:
        super().give_up(error)
        self._entries = ()


class Change(Work):
    """A change whose outcome is told to a `Done`."""

    __slots__ = ("_done", "_run")

    def __init__(self, run: Callable[[Transaction], None], done: Done) -> None:
        super().__init__()
        self._run = run
        self._done = done

    def apply(self, tx: Transaction) -> None:
        self._run(tx)

    def settle(self) -> None:
        error = self.error
        assert error is None or isinstance(error, StoreError)
        self._done(error)


class WriteBehind(Work):
    """A change that nobody waits for; if it fails it is logged, and a later one makes up for it."""

    __slots__ = ("_name", "_run")

    def __init__(self, name: str, run: Callable[[Transaction], None]) -> None:
        super().__init__()
        self._name = name
        self._run = run

    def apply(self, tx: Transaction) -> None:
        self._run(tx)

    def settle(self) -> None:
        if self.error is not None:
            log.warning("write_behind_failed", what=self._name, error=str(self.error))


class Call(Work, Generic[T]):
    """A change that somebody awaits, with a result."""

    __slots__ = ("_result", "_run", "future")

    def __init__(self, run: Callable[[Transaction], T], future: asyncio.Future[T]) -> None:
        super().__init__()
        self._run = run
        self._result: list[T] = []
        self.future = future

    def apply(self, tx: Transaction) -> None:
        self._result = [self._run(tx)]

    def settle(self) -> None:
        if self.future.done():
            return  # who waited went away; the change stands
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self._result[0])


class Look(Call[T]):
    """Sees the data as all works before it leave them, with a result that somebody awaits."""

    __slots__ = ()

    looks = True


__all__ = ["Append", "Call", "Change", "Look", "Work", "WriteBehind"]
