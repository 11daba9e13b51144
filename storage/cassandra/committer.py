"""Group commit: whatever came while a group was under way is the next one, across all logs.

    queue ─> group:  adopt (logs not seen in this epoch)     rows at a quorum, stamped
                     judge (epoch, seq, storable)            repeated while of unknown outcome
                     write the rows                    ─────────┘
                     read the owner's fence, once
                     settle the appends          <- acknowledged here, and not before
                     effects (projections, snapshots, tips, cursors)
                     looks (activations)

A claim, a release or a seal stands alone between two groups.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from ...config.clock import Clock
from ...config.errors import (
    HubbubError,
    OutcomeUnknownError,
    StaleEpochError,
    StoreError,
    StoreRefusedError,
    StoreRetryableError,
)
from ...config.ids import ConvId
from ...config.metrics import Metrics
from ...config.units import MIB
from .adoption import Adoption
from .claims import Claim, Claims
from .effects import Effects
from .fence import Fence
from .runs import Run, judge
from .sender import Parcel, Sender
from .works import Alone, Append, Finish, Look, Project, PutSnapshot, Work, settle, tell

log = structlog.get_logger(__name__)

#: The most in one group, in works and in bytes of body (but at least one).
_GROUP_WORKS = 1000
_GROUP_BYTES = 1 * MIB
#: Shards that are claimed or released side by side.
_SIDE_BY_SIDE = 64

#: Starts a task: `actors.runtime.tasks.Tasks.start`.
Start = Callable[[Coroutine[Any, Any, None], str], object]


class Committer:
    """The one writer of this process's logs.

    Args:
        start: Starts the task that works while there is something to do.
        most_works, most_bytes: What may wait; more is refused (StoreRetryableError), in its turn.
    """

    def __init__(
        self,
        fence: Fence,
        claims: Claims,
        adoption: Adoption,
        sender: Sender,
        effects: Effects,
        *,
        start: Start,
        clock: Clock,
        metrics: Metrics | None,
        most_works: int,
        most_bytes: int,
    ) -> None:
        self._fence = fence
        self._claims = claims
        self._adoption = adoption
        self._sender = sender
        self._effects = effects
        self._start = start
        self._clock = clock
        self._metrics = metrics
        self._most_works = most_works
        self._most_bytes = most_bytes
        self._queue: deque[Work] = deque()
        self._bytes = 0
        self._running = False
        self._idle: list[asyncio.Future[None]] = []

    def submit(self, work: Work) -> None:
        """Queue something; it is settled in its turn, never from in here."""
        if isinstance(work, Append):
            if len(self._queue) >= self._most_works or self._bytes + work.size > self._most_bytes:
                # It keeps its place, so that outcomes come in order, but lets go of what it holds.
                work.entries = ()
                work.error = StoreRetryableError("too much waits to be written")
            self._bytes += work.size
        self._queue.append(work)
        if not self._running:
            self._running = True
            self._start(self._pump(), "cassandra commits")

    async def drain(self) -> None:
        """Wait until all that was handed in is done."""
        if self._running:
            idle: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._idle.append(idle)
            await idle

    async def _pump(self) -> None:
        try:
            while self._queue:
                if isinstance(self._queue[0], Alone):
                    await asyncio.gather(*(self._alone(work) for work in self._cut_alone()))
                else:
                    group = self._cut()
                    try:
                        await self._commit(group)
                    except BaseException:
                        self._give_up(group)
                        raise
        finally:
            self._running = False
            for idle in self._idle:
                if not idle.done():
                    idle.set_result(None)
            self._idle.clear()

    def _cut_alone(self) -> list[Alone]:
        """As many as may run side by side: of one shard a claim could overtake its release."""
        works: list[Alone] = []
        shards: set[int] = set()
        while self._queue and len(works) < _SIDE_BY_SIDE:
            work = self._queue[0]
            if not isinstance(work, Alone) or work.shard in shards:
                break
            if work.shard is not None:
                shards.add(work.shard)
            works.append(work)
            self._queue.popleft()
        return works

    async def _alone(self, work: Alone) -> None:
        try:
            settle(work.heard, await work.run(), None)
        except HubbubError as error:
            settle(work.heard, None, error)

    def _cut(self) -> list[Work]:
        works: list[Work] = []
        size = 0
        while self._queue and len(works) < _GROUP_WORKS:
            work = self._queue[0]
            if isinstance(work, Alone):
                break
            if isinstance(work, Append):
                size += work.size
                if works and size > _GROUP_BYTES:
                    break
                self._bytes -= work.size
            works.append(self._queue.popleft())
        return works

    def _give_up(self, group: list[Work]) -> None:
        """A mistake of ours: nobody may wait for ever, and what is in mind may be wrong."""
        lost = OutcomeUnknownError("the commit broke off")
        for work in group:
            if isinstance(work, Look):
                settle(work.heard, None, lost)
            elif isinstance(work, Append | Project):
                work.error = work.error or lost
                tell(work)
            if isinstance(work, Append) and (claim := self._claims.of(work.conv)) is not None:
                # Its rows may be there under this epoch, and nobody knows which: it takes another.
                self._claims.drop(claim.shard, claim.epoch)

    # --- one group ------------------------------------------------------------------------------

    async def _commit(self, group: list[Work]) -> None:
        begun = self._clock.monotonic()
        appends = [work for work in group if isinstance(work, Append)]
        looks = [work for work in group if isinstance(work, Look)]
        taken, failed = await self._take_up(group)
        behind = self._effects.begin(group)
        runs, _ = await asyncio.gather(
            self._write(self._judged(appends, failed)), self._effects.end(behind)
        )
        owners = {run.claim.owner for run in runs} | {claim.owner for claim in taken.values()}
        owners |= {claim.owner for look in looks if (claim := self._claims.of(look.conv))}
        verdicts = await self._verdicts(owners)
        for conv, claim in taken.items():
            if verdicts[claim.owner] is None:
                claim.tips[conv].settle()
        for run in runs:
            run.conclude(verdicts[run.claim.owner])
        for conv, claim in taken.items():
            if verdicts[claim.owner] is not None and not claim.tips[conv].doubt:
                del claim.tips[conv]  # what was adopted may not be ours
        for append in appends:
            tell(append)
        if self._metrics is not None and runs:
            rows = sum(run.stored for run in runs)
            self._metrics.commit_seconds.observe(self._clock.monotonic() - begun)
            self._metrics.commit_rows.observe(rows)
            self._metrics.committed.inc(rows)
        await self._effects.perform(group, runs, failed, behind)
        await asyncio.gather(*(self._look(look, failed, verdicts) for look in looks))
        await self._effects.forget_oldest(self._claims)

    async def _take_up(
        self, group: list[Work]
    ) -> tuple[dict[ConvId, Claim], dict[ConvId, StoreError]]:
        """Take up the logs of a group that need it: which were, and why the others could not be."""
        wanted: dict[ConvId, Claim] = {}
        for work in group:
            if isinstance(work, Append | Project | PutSnapshot | Finish | Look):
                claim = self._claims.of(work.conv)
                if claim is not None and work.epoch in (None, claim.epoch):
                    tip = claim.tips.get(work.conv)
                    if tip is None or tip.doubt:
                        wanted[work.conv] = claim
        errors = await asyncio.gather(
            *(self._adoption.take_up(claim, conv) for conv, claim in wanted.items())
        )
        failed = {conv: error for conv, error in zip(wanted, errors, strict=True) if error}
        return {c: claim for c, claim in wanted.items() if c not in failed}, failed

    def _judged(self, appends: list[Append], failed: dict[ConvId, StoreError]) -> list[Run]:
        runs: dict[ConvId, Run] = {}
        for append in appends:
            if append.error is None:
                try:
                    judge(append, self._claims, failed, runs)
                except StoreError as error:
                    append.error = error
        for run in runs.values():
            run.seal_parcel()
        return [run for run in runs.values() if run.parcel.statements]

    async def _write(self, runs: list[Run]) -> list[Run]:
        """Write what was judged good; the runs as they came out of it."""
        await self._sender.send([run.parcel for run in runs])
        written = [run for run in runs if not run.is_poisoned]
        for run in runs:
            if run.is_poisoned:
                written += await self._apart(run)
        return written

    async def _apart(self, run: Run) -> list[Run]:
        """A row was refused by the server: each append on its own, up to the one it is in."""
        parts: list[Run] = []
        for part in run.parts():
            await self._sender.send([part.parcel])
            parts.append(part)
            if part.parcel.error is not None:
                break
        for append in run.appends[len(parts) :]:
            append.error = StoreRefusedError("the append before it was refused")
        if isinstance(parts[-1].parcel.error, StoreRefusedError):
            bad = parts.pop()
            for append in bad.appends:
                append.error = bad.parcel.error
            # Rows behind the bad one may have arrived, and would continue what takes its place.
            undo = Parcel(run.undo(bad.first))
            await self._sender.send([undo])
            if undo.error is not None:
                run.tip.doubt = undo.statements
                run.tip.doubted = parts[-1].end if parts else (run.tip.seq, run.tip.count)
        return parts

    async def _verdicts(self, owners: set[str]) -> dict[str, StoreError | None]:
        """What each owner's fence says: None when it is open."""
        verdicts: dict[str, StoreError | None] = {}
        answers = [(owner, self._fence.look(owner)) for owner in sorted(owners)]
        for owner, answer in answers:
            try:
                sealed = await answer
            except StoreError as error:
                verdicts[owner] = error
                continue
            verdicts[owner] = None
            if sealed:
                verdicts[owner] = StaleEpochError(0, 0)
                self._claims.drop_owner(owner)
                log.warning("sealed", owner=owner)
        return verdicts

    async def _look(
        self,
        look: Look,
        failed: dict[ConvId, StoreError],
        verdicts: dict[str, StoreError | None],
    ) -> None:
        try:
            claim = self._claims.of(look.conv)
            if look.epoch is not None:
                claim = self._claims.owned(look.conv, look.epoch)
            if claim is not None:
                tip = claim.tips.get(look.conv)
                error = failed.get(look.conv) or verdicts[claim.owner]
                if error is not None or tip is None or tip.doubt:
                    raise StoreRetryableError(f"the log cannot be taken up: {error}")
            settle(look.heard, await look.read(), None)
        except HubbubError as error:
            settle(look.heard, None, error)


__all__ = ["Committer", "Start"]
