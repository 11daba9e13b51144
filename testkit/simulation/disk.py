"""One durable store that several nodes write, each through a queue of its own, with faults.

    node -> its queue -> commit -> the shared data
                 ^          └-> outcome, a little later -> node
                 └- latency, and everything that a disk does to people

What a node has handed in dies with it, unless it was committed; an outcome may be lost, false
("nobody knows"), or come true only after the node was told that nobody knows.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, TypeVar

from ...config.errors import (
    HubbubError,
    OutcomeUnknownError,
    StoreError,
    StoreRefusedError,
    StoreRetryableError,
)
from ...config.ids import ConvId, shard_of
from ...storage.contract import Done
from ...storage.memory import MemoryStore
from ...storage.records import Entry
from .chance import SeededChance
from .gate import Gate, NodeClock
from .witness import Witness

T = TypeVar("T")

#: What can happen to one commit.
#: fail: not done, and said so. lose: not done, and nobody knows. unknown: done, and nobody knows.
#: late: as lose, and done some time after it was said.
#: crash_before, crash_after: an actor whose append is in it dies just before or just after it.
CommitFault = Literal["fail", "lose", "unknown", "late", "crash_before", "crash_after"]

#: After these nobody knows whether it was done.
_IN_DOUBT: Final = frozenset[CommitFault](("lose", "unknown", "late"))

_Work = tuple[Callable[[], Any], Callable[[Any, HubbubError | None], None], bool]


class NodeDisk(MemoryStore):
    """The store as one node has it.

    Attributes:
        next_fault: What happens to the next commit that appends something.
        full: Commits fail, reads go on.
        broken: Reads fail.
        slow: Latencies are this many times as long.
        on_crash: Called with a log whose actor is to die now.
        witness: Sees what is handed in, and what becomes of it.
    """

    def __init__(
        self, data: MemoryStore, clock: NodeClock, chance: SeededChance, quick: bool = False
    ) -> None:
        super().__init__(clock=clock)
        for name, value in vars(data).items():
            if isinstance(value, dict | set):
                setattr(self, name, value)
        self.next_fault: CommitFault | None = None
        self.full = False
        self.broken = False
        self.slow = 1.0
        self.on_crash: Callable[[ConvId], object] = _nobody
        self.witness = Witness()
        self._times = clock
        self._gate: Gate = clock.gate
        self._chance = chance
        self._read_s = 0.0005 if quick else 0.003
        self._commit_most_s = 0.001 if quick else 0.012
        #: The logs with an append in the queue, in order.
        self._appends: list[ConvId] = []
        self._flying = False
        self._allowed = math.inf

    def allow(self, commits: float = math.inf) -> None:
        """Do so many commits, and then none until this is said again."""
        self._allowed = commits
        self._schedule()

    def writes(self, conv: ConvId) -> bool:
        """Whether an append of this log waits for its commit."""
        return conv in self._appends

    # --- in -------------------------------------------------------------------------------------

    def append(
        self,
        conv: ConvId,
        epoch: int,
        entries: Sequence[Entry],
        done: Done,
        *,
        unfinished: bool = False,
    ) -> None:
        self._appends.append(conv)
        self.witness.handed_in(conv, epoch, entries)

        def told(error: StoreError | None) -> None:
            if error is not None and not isinstance(error, OutcomeUnknownError):
                self.witness.refused(conv, epoch, entries)
            done(error)

        super().append(conv, epoch, entries, told, unfinished=unfinished)

    def _append(self, conv: ConvId, epoch: int, entries: list[Entry], unfinished: bool) -> None:
        super()._append(conv, epoch, entries, unfinished)
        self.witness.appended(conv, epoch, self._shards[shard_of(conv)].epoch)

    async def _read(self, read: Callable[[], T]) -> T:
        if not self._open:
            raise StoreRefusedError("the store is closed")
        arrival: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def arrived() -> None:
            if not arrival.done():
                arrival.set_result(None)

        self._times.call_later(self._chance.uniform(0, self._read_s * self.slow), arrived)
        await arrival
        if self.broken:
            raise StoreRetryableError("a fault was asked for")
        return read()

    def _schedule(self) -> None:
        due = self._works and not self._scheduled and not self._flying
        if due and self._allowed >= 1:
            self._scheduled = True
            wait_s = self._chance.uniform(0, self._commit_most_s * self.slow)
            self._times.call_later(wait_s, self._commit)

    # --- a commit -------------------------------------------------------------------------------

    def _commit(self) -> None:
        self._scheduled = False
        if self._allowed < 1:
            return
        self._allowed -= 1
        works, self._works = self._works, []
        appends, self._appends = self._appends, []
        fault = self._take_fault(appends)
        failed = self._failure(fault)
        outcomes: list[tuple[Any, HubbubError | None]] = []
        if fault == "crash_before":
            self.on_crash(self._chance.among(appends))
        for run, _, looks in works:
            outcomes.append((None, failed) if failed and not looks else _outcome(run))
        if fault == "crash_after":
            self.on_crash(self._chance.among(appends))
        unknown: StoreError | None = None
        if fault == "unknown":
            unknown = OutcomeUnknownError("a fault was asked for")
        if fault == "late":
            self._surface_later([run for run, _, looks in works if not looks])
        self._flying = True
        self._times.call_later(
            self._chance.uniform(0, self._commit_most_s * self.slow / 2),
            lambda: self._settle(works, outcomes, unknown),
        )

    def _settle(
        self,
        works: list[_Work],
        outcomes: list[tuple[Any, HubbubError | None]],
        unknown: StoreError | None,
    ) -> None:
        self._flying = False
        for (_, settle, looks), (result, error) in zip(works, outcomes, strict=True):
            settle(result, error or (None if looks else unknown))
        self._schedule()

    def _take_fault(self, appends: list[ConvId]) -> CommitFault | None:
        if self.next_fault is None or not appends:
            return None
        if self.full and self.next_fault in _IN_DOUBT:
            # A full disk says no, and means it: what was refused is done neither now nor later.
            # The fault waits for a commit that could have been done.
            return None
        fault, self.next_fault = self.next_fault, None
        return fault

    def _failure(self, fault: CommitFault | None) -> StoreError | None:
        if self.full:
            return StoreRetryableError("the disk is full")
        match fault:
            case "fail":
                return StoreRetryableError("a fault was asked for")
            case "lose" | "late":
                return OutcomeUnknownError("a fault was asked for")
            case _:
                return None

    def _surface_later(self, runs: list[Callable[[], Any]]) -> None:
        def surface() -> None:
            for run in runs:
                _outcome(run)

        # By the loop's time: it is under way in the store, whatever becomes of the node.
        self._times.loop.call_later(self._chance.uniform(0.01, 3.0), surface)


def _outcome(run: Callable[[], Any]) -> tuple[Any, HubbubError | None]:
    try:
        return run(), None
    except HubbubError as refusal:
        return None, refusal


def _nobody(_: ConvId) -> None:
    return None


__all__ = ["CommitFault", "NodeDisk"]
