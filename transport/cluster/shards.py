"""The shards that a node owns: claimed on first use, handed over when they move.

place says here  -> claim; another owner: out of the view, it is sealed first; in it, it is
                    waited for, and expelled when it does not release for one lease
moved away       -> its actors end -> released, so that the next owner may claim
no longer in     -> the same, for all of them
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Container, Iterable
from dataclasses import dataclass
from typing import Protocol

import structlog

from ...actors.ports import Leaver
from ...actors.runtime.tasks import Tasks
from ...actors.waiting import pause
from ...config.clock import Clock
from ...config.errors import (
    HubbubError,
    LowerViewError,
    OwnedError,
    SealedError,
    StoreError,
    UnavailableError,
)
from ...config.units import MILLISECONDS, SECONDS
from ...storage.contract import Logs
from .views import View

#: How often a release, or a seal, that the store did not take is tried again.
RETRY_S = 1 * SECONDS
#: Whoever is refused a shard may try again so soon: its owner is about to release it.
_SOON_MS = 200
_LOOK_S = 20 * MILLISECONDS
#: Before a shard is claimed again that its owner is about to release: so its clients need not be
#: sent away, and come back a second later. Wider each time, for it is three reads.
_PAUSES_S = (0.05, 0.1, 0.2, 0.4)
#: Releases that are under way at a time: each is a write that others wait for, and a node has
#: hundreds of them as it wakes up or goes.
_AT_ONCE = 32

log = structlog.get_logger(__name__)


class Politics(Protocol):
    """What the owner of shards needs to know, and may ask for."""

    @property
    def view(self) -> View | None:
        """The one the node is in now; None while it is in none."""
        ...

    @property
    def membership(self) -> str:
        """The node's incarnation in that view."""
        ...

    def may_own(self) -> bool:
        """Whether the node's lease holds."""
        ...

    def may_claim(self) -> bool:
        """Whether it does, and this generation's claims are open."""
        ...

    def expel(self, incarnation: str) -> None:
        """It keeps what it lost."""
        ...

    def behind(self) -> None:
        """There is a higher view than the node's."""
        ...

    def deposed(self) -> None:
        """The others have sealed this incarnation."""
        ...


@dataclass(frozen=True, slots=True)
class _Wait:
    """For an owner, since then."""

    owner: str
    since_s: float


class Shards:
    """See the module."""

    def __init__(
        self, logs: Logs, clock: Clock, tasks: Tasks, politics: Politics, patience_s: float
    ) -> None:
        """Nothing is owned.

        Args:
            patience_s: How long an owner is waited for that is in the view: one lease.
        """
        self._patience_s = patience_s
        self._logs = logs
        self._clock = clock
        self._tasks = tasks
        self._politics = politics
        #: {shard: its epoch, or the claim under way}: of shards that are placed here.
        self._epochs: dict[int, int | asyncio.Future[int]] = {}
        #: {(shard, incarnation)}: claimed, or perhaps claimed, and not yet released.
        self._held: set[tuple[int, str]] = set()
        #: Those of them that are being handed over.
        self._leaving: set[tuple[int, str]] = set()
        self._waits: dict[int, _Wait] = {}

    @property
    def owned(self) -> frozenset[int]:
        """The shards under an epoch of this node."""
        return frozenset(s for s, epoch in self._epochs.items() if isinstance(epoch, int))

    async def handed_over(self, stays: Callable[[int], bool]) -> None:
        """Wait until nothing is held that is to go to others, for as long as those have patience:
        the third lease is the last."""
        until = self._clock.monotonic() + 3 * self._patience_s
        while any(not stays(shard) for shard, _ in self._held) and self._clock.monotonic() < until:
            await pause(self._clock, _LOOK_S)

    async def epoch(self, shard: int, here: Callable[[int], bool]) -> int:
        """See `ports.Cluster.epoch`.

        Args:
            here: Whether a shard is placed at this node.
        """
        known = self._epochs.get(shard)
        if isinstance(known, int) and self._politics.may_own():
            return known
        if isinstance(known, int) or not (here(shard) and self._politics.may_claim()):
            raise UnavailableError
        if known is None:
            known = self._epochs[shard] = asyncio.get_running_loop().create_future()
            try:
                epoch = await self._claim_soon(shard, here)
            except BaseException as error:
                if self._epochs.get(shard) is known:
                    del self._epochs[shard]
                unavailable = UnavailableError(retry_ms=_SOON_MS)
                known.set_exception(unavailable)
                known.exception()  # those who wait see it; nobody has to
                if not isinstance(error, HubbubError):
                    raise  # an actor that is killed while it claims takes no other with it
                raise unavailable from error
            self._epochs[shard] = epoch
            known.set_result(epoch)
            return epoch
        return await asyncio.shield(known)

    def disown(self, shard: int, epoch: int) -> None:
        """See `ports.Cluster.disown`."""
        if self._epochs.get(shard) == epoch:
            del self._epochs[shard]

    def hand_over(
        self, stays: Callable[[int], bool], evict: Callable[[], Iterable[Leaver]], limit_s: float
    ) -> None:
        """Those that do not stay are to be released, once their actors have ended.

        Args:
            evict: Asks the actors of all that do not stay to end.
            limit_s: After this long it is not waited for them any more: the store refuses them.
        """
        gone = {held for held in self._held - self._leaving if not stays(held[0])}
        self._epochs = {s: e for s, e in self._epochs.items() if stays(s)}
        self._leaving |= gone
        leavers = list(evict())
        self._tasks.start(self._release_all(gone, leavers, limit_s), "hand over")

    async def release_all(self) -> None:
        """The node stops, and its actors have: whoever comes next need not wait."""
        self._epochs.clear()
        await asyncio.gather(
            *(self._logs.release(shard, owner) for shard, owner in sorted(self._held)),
            return_exceptions=True,
        )
        self._held.clear()

    async def seal(self, owner: str, gone: Container[str]) -> None:
        """End an owner, whenever the store takes it.

        Args:
            gone: Those who are out. Before each try it is looked whether it still is: it may have
                come back in, as everything was forgotten, or as it had not heard that it was in.
        """

        async def end() -> None:
            if owner in gone:
                await self._logs.seal(owner)

        await self._persist(end)

    # --- claims and releases --------------------------------------------------------------------

    async def _persist(self, step: Callable[[], Awaitable[None]]) -> None:
        """Do it until the store takes it."""
        while True:
            try:
                await step()
            except StoreError as error:
                log.warning("store_step_failed", error=repr(error))
                await pause(self._clock, RETRY_S)
            else:
                return

    async def _claim_soon(self, shard: int, here: Callable[[int], bool]) -> int:
        for pause_s in _PAUSES_S:
            try:
                return await self._claim(shard, here)
            except (OwnedError, UnavailableError):
                if not (here(shard) and self._politics.may_claim()):
                    raise
                await pause(self._clock, pause_s)
        return await self._claim(shard, here)

    async def _claim(self, shard: int, here: Callable[[int], bool]) -> int:
        politics = self._politics
        view, owner = politics.view, politics.membership
        if view is None or any(held == shard for held, _ in self._leaving):
            raise UnavailableError
        self._held.add((shard, owner))
        try:
            epoch = await self._take(shard, owner, view)
        except (OwnedError, LowerViewError, SealedError):
            self._held.discard((shard, owner))
            raise
        self._waits.pop(shard, None)
        if politics.membership != owner or not here(shard):
            # The world went on meanwhile; it is released with the others that went.
            if (shard, owner) not in self._leaving:
                self._leaving.add((shard, owner))
                self._tasks.start(self._release_all({(shard, owner)}, [], 0.0), "hand over")
            raise UnavailableError
        return epoch

    async def _take(self, shard: int, owner: str, view: View) -> int:
        try:
            return await self._logs.claim(shard, owner=owner, view=view.id)
        except OwnedError as error:
            if error.owner in view.incarnations:
                self._wait(shard, error.owner)
                raise
            await self._logs.seal(error.owner)
            return await self._logs.claim(shard, owner=owner, view=view.id)
        except LowerViewError:
            self._politics.behind()
            raise
        except SealedError:
            self._politics.deposed()
            raise

    def _wait(self, shard: int, owner: str) -> None:
        now = self._clock.monotonic()
        wait = self._waits.get(shard)
        if wait is None or wait.owner != owner:
            self._waits[shard] = _Wait(owner, now)
        elif now - wait.since_s >= self._patience_s:
            del self._waits[shard]
            self._politics.expel(owner)

    async def _release_all(
        self, held: set[tuple[int, str]], leavers: list[Leaver], limit_s: float
    ) -> None:
        until = self._clock.monotonic() + limit_s
        few = asyncio.Semaphore(_AT_ONCE)
        of_shard: dict[int, list[Leaver]] = {}
        for leaver in leavers:
            of_shard.setdefault(leaver.shard, []).append(leaver)

        async def release(shard: int, owner: str) -> None:
            while self._clock.monotonic() < until and any(
                leaver.is_alive() for leaver in of_shard.get(shard, ())
            ):
                await pause(self._clock, _LOOK_S)
            async with few:
                await self._persist(lambda: self._logs.release(shard, owner))
            self._held.discard((shard, owner))
            self._leaving.discard((shard, owner))

        await asyncio.gather(*(release(shard, owner) for shard, owner in sorted(held)))


__all__ = ["RETRY_S", "Politics", "Shards"]
