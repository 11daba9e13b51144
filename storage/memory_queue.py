"""The memory store's group commit: works in order, outcomes on the loop, faults on request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import structlog

from ..config.clock import Clock, LoopClock
from ..config.errors import HubbubError, StoreError, StoreRefusedError
from ..config.units import SECONDS
from .contract import Done
from .memory_faults import Fault

T = TypeVar("T")
log = structlog.get_logger(__name__)

_Settle = Callable[[Any, HubbubError | None], None]


class MemoryQueue:
    """Where the parts of the memory store hand in what they change and read.

    Attributes:
        faults: Asked in order at each commit; those that are over are taken off.
    """

    def __init__(self, *, clock: Clock | None = None, commit_s: float = 0 * SECONDS) -> None:
        self.faults: list[Fault] = []
        self._clock = clock or LoopClock()
        self._commit_s = commit_s
        #: (run, settle, whether it only looks), in order.
        self._works: list[tuple[Callable[[], Any], _Settle, bool]] = []
        self._scheduled = False
        self._open = False

    def _submit(self, run: Callable[[], Any], settle: _Settle, *, looks: bool = False) -> None:
        """Queue a change.

        Args:
            run: Changes the data, or raises HubbubError before it changed anything.
            settle: Gets what `run` returned, or why it did not happen.
            looks: It changes nothing and only waits its turn, so no failed commit is its own.
        """
        if not self._open:
            closed = StoreRefusedError("the store is closed")
            asyncio.get_running_loop().call_soon(settle, None, closed)
            return
        self._works.append((run, settle, looks))
        self._schedule()

    def _tell(self, run: Callable[[], None], done: Done) -> None:
        """Queue a change whose outcome is told to a `Done`."""

        def settle(_: None, error: HubbubError | None) -> None:
            assert error is None or isinstance(error, StoreError)
            done(error)

        self._submit(run, settle)

    def _write_behind(self, run: Callable[[], None]) -> None:
        """Queue a change that nobody waits for."""
        self._submit(run, lambda _, error: None)

    async def _write(self, run: Callable[[], T], *, looks: bool = False) -> T:
        """The result of a change, once it is committed; or of a look, in its turn."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def settle(result: T, error: HubbubError | None) -> None:
            if future.done():
                return  # who waited went away; the change stands
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)

        self._submit(run, settle, looks=looks)
        return await future

    async def _read(self, read: Callable[[], T]) -> T:
        """The result of a read, a turn of the loop later."""
        if not self._open:
            raise StoreRefusedError("the store is closed")
        await asyncio.sleep(0)
        return read()

    def _schedule(self) -> None:
        if self._works and not self._scheduled:
            self._scheduled = True
            if self._commit_s:
                self._clock.call_later(self._commit_s, self._commit)
            else:
                asyncio.get_running_loop().call_soon(self._commit)

    def _commit(self) -> None:
        self._scheduled = False
        self.faults[:] = [fault for fault in self.faults if not fault.over]
        if any(fault.holds(self._schedule) for fault in self.faults):
            return
        works, self._works = self._works, []
        failed = _first(fault.before() for fault in self.faults)
        outcomes: list[tuple[Any, HubbubError | None]] = []
        for run, _, looks in works:
            outcomes.append((None, failed) if failed and not looks else _outcome(run))
        unknown = None if failed else _first(fault.after() for fault in self.faults)
        for (_, settle, looks), (result, error) in zip(works, outcomes, strict=True):
            try:
                settle(result, error or (None if looks else unknown))
            except Exception:
                # One listener's mistake must not keep the others from hearing.
                log.exception("outcome_not_taken")


def _first(errors: Any) -> StoreError | None:
    return next((error for error in errors if error is not None), None)


def _outcome(run: Callable[[], Any]) -> tuple[Any, HubbubError | None]:
    try:
        return run(), None
    except HubbubError as refusal:
        return None, refusal


def check_storable(*values: object) -> None:
    """Refuse what no real store takes: integers over 64 bits, text that has no UTF-8.

    Raises:
        StoreRefusedError: One of the values is such.
    """
    for value in values:
        match value:
            case bool() | bytes() | None:
                pass
            case int():
                if not -(1 << 63) <= value < 1 << 63:
                    raise StoreRefusedError("a row cannot be stored (an integer over 64 bits)")
            case str():
                try:
                    value.encode()
                except UnicodeEncodeError:
                    raise StoreRefusedError("a row cannot be stored (no UTF-8)") from None
            case _:
                raise StoreRefusedError(f"a row cannot be stored ({type(value).__name__})")


def check_record(record: Any) -> None:
    """Refuse a record of which a field is no real store's; see `check_storable`."""
    check_storable(*[getattr(record, name) for name in record.__slots__])


__all__ = ["MemoryQueue", "check_record", "check_storable"]
