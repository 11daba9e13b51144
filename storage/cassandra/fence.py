"""Who may write: shards with epochs, and one fence row for each owner.

    claim     read the shard; another's only if it is released or its fence is sealed; then
              UPDATE .. IF epoch = what was read
    commit    write the rows at a quorum, THEN read the own fence: no row there, then it counts
    seal      INSERT INTO fences .. IF NOT EXISTS: there for ever

Why it holds: a commit's rows are at a quorum before its fence read begins. If that finds no seal,
the seal's own commit comes later; whoever claims after the seal scans after both, and finds the
rows. No clocks are in it. docs/decisions/0031 tells how it was tried, and what it costs.
"""

from __future__ import annotations

from ...config.errors import (
    LowerViewError,
    OutcomeUnknownError,
    OwnedError,
    SealedError,
    StoreRetryableError,
)
from .bridge import Answer, Bridge

_SHARD = "SELECT epoch, owner, generation, n FROM shards WHERE shard = ?"
_FIRST = (
    "INSERT INTO shards (shard, epoch, owner, generation, n) VALUES (?, 1, ?, ?, ?) IF NOT EXISTS"
)
_NEXT = "UPDATE shards SET epoch = ?, owner = ?, generation = ?, n = ? WHERE shard = ? IF epoch = ?"
_RELEASE = "UPDATE shards SET epoch = ?, owner = null WHERE shard = ? IF epoch = ? AND owner = ?"
_SEAL = "INSERT INTO fences (owner, sealed) VALUES (?, true) IF NOT EXISTS"
_FENCE = "SELECT sealed FROM fences WHERE owner = ?"

#: Of several who want one shard, one gets on with each try.
_TRIES = 10


class Fence:
    """The shards' rows and the owners'.

    Args:
        alone: What stands for the owner "": where there is one only, each life of it is another,
            and the new one ends the one before.
    """

    def __init__(self, bridge: Bridge, alone: str) -> None:
        self._bridge = bridge
        self._alone = alone

    def name(self, owner: str) -> str:
        """What stands for an owner in the rows."""
        return owner or self._alone

    async def claim(self, shard: int, owner: str, view: tuple[int, int]) -> int:
        """See `contract.Logs.claim`."""
        me = self.name(owner)
        if await self._is_sealed(me):
            raise SealedError(owner)
        for _ in range(_TRIES):
            epoch = await self._claim_once(shard, owner, view)
            if epoch:
                return epoch
        raise StoreRetryableError(f"shard {shard} is claimed by several")

    async def _claim_once(self, shard: int, owner: str, view: tuple[int, int]) -> int:
        """The epoch; 0 when it has to be tried again."""
        me = self.name(owner)
        rows = await self._bridge.run(_SHARD, (shard,), serial=True)
        epoch = 0
        if rows:
            epoch, had, *last = rows[0]
            # First of all: in a lower view an owner may be missing that has just come in.
            if view < (claimed := (last[0], last[1])):
                raise LowerViewError(view, claimed)
            if had is not None and had != me and not await self._is_sealed(had):
                if owner or not had.startswith("#"):
                    raise OwnedError(shard, _shown(had))
                await self.seal(had)
        try:
            if rows:
                done = await self._bridge.run(_NEXT, (epoch + 1, me, *view, shard, epoch))
            else:
                done = await self._bridge.run(_FIRST, (shard, me, *view))
        except OutcomeUnknownError:
            return 0  # If it happened, the next try claims from itself.
        return epoch + 1 if done[0][0] else 0

    async def unowned(self, shard: int) -> int:
        """The epoch in force of a shard that nobody owns: it was released, or its owner sealed.

        Raises:
            OwnedError: Somebody owns it.
        """
        rows = await self._bridge.run(_SHARD, (shard,), serial=True)
        if not rows:
            return 0
        epoch: int = rows[0][0]
        owner: str | None = rows[0][1]
        if owner is not None and not await self._is_sealed(owner):
            raise OwnedError(shard, _shown(owner))
        return epoch

    async def release(self, shard: int, owner: str) -> None:
        """See `contract.Logs.release`."""
        me = self.name(owner)
        for _ in range(_TRIES):
            rows = await self._bridge.run(_SHARD, (shard,), serial=True)
            if not rows or rows[0][1] != me:
                return
            epoch = rows[0][0]
            try:
                done = await self._bridge.run(_RELEASE, (epoch + 1, shard, epoch, me))
            except OutcomeUnknownError:
                continue
            if done[0][0]:
                return
        raise StoreRetryableError(f"shard {shard} cannot be released")

    async def seal(self, owner: str) -> None:
        """See `contract.Logs.seal`; `owner` as it stands in the rows."""
        for _ in range(_TRIES):
            try:
                await self._bridge.run(_SEAL, (owner,))
            except OutcomeUnknownError:
                continue
            return
        raise StoreRetryableError("the seal's outcome is unknown")

    def look(self, owner: str) -> Answer:
        """Read an owner's fence at a quorum, after a commit's rows: no rows, then it is open."""
        return self._bridge.start(_FENCE, (owner,))

    async def epoch(self, shard: int) -> int:
        """The epoch in force, for one who reads."""
        rows = await self._bridge.run(_SHARD, (shard,))
        return rows[0][0] if rows else 0

    async def _is_sealed(self, owner: str) -> bool:
        return bool(await self._bridge.run(_FENCE, (owner,), serial=True))


def _shown(name: str) -> str:
    """The owner that a name in the rows stands for."""
    return "" if name.startswith("#") else name


__all__ = ["Fence"]
