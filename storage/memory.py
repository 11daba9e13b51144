"""A verified fake: the contract in dicts. It passes the suite that the real stores pass."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from ..config.clock import Clock
from ..config.errors import StoreRefusedError
from ..config.ids import ConvId, DeviceId, UserId
from ..config.units import SECONDS
from .memory_deletions import MemoryDeletions
from .memory_generations import MemoryGenerations
from .memory_invites import MemoryInvites
from .memory_logs import Log
from .memory_queue import check_record, check_storable
from .records import BriefHead, Cursors, Gone, Head, HeadsPage, Membership, Snapshot


class MemoryStore(MemoryDeletions, MemoryInvites, MemoryGenerations):
    """`contract.Store` in dicts. What was committed outlives `close` and a new `open`.

    Args:
        clock, commit_s: A commit comes this much later, by this clock; 0 means the loop's next
            turn.
    """

    def __init__(self, *, clock: Clock | None = None, commit_s: float = 0 * SECONDS) -> None:
        super().__init__(clock=clock, commit_s=commit_s)

    # --- life -----------------------------------------------------------------------------------

    async def open(self) -> None:
        self._open = True

    async def close(self) -> None:
        if self._open:
            drained: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._submit(lambda: None, lambda _, error: drained.set_result(None))
            self._open = False
            await drained

    async def backup(self, target: Path) -> None:
        raise StoreRefusedError(f"{target}: a memory store has nothing to copy")

    # --- memberships ----------------------------------------------------------------------------

    async def membership(self, user: UserId, conv: ConvId) -> Membership | None:
        return await self._read(lambda: self._memberships.get((user, conv)))

    async def put_membership(self, membership: Membership) -> None:
        def put() -> None:
            check_record(membership)
            key = (membership.user, membership.conv)
            old = self._memberships.get(key)
            if old is None or not _goes_back(membership, old):
                self._memberships[key] = membership
                least, had = max(0, membership.since - 1), self._cursors.get(key, Cursors())
                self._cursors[key] = Cursors(max(least, had.recv), max(least, had.read))

        await self._write(put)

    def put_cursors(self, conv: ConvId, cursors: Mapping[UserId, Cursors]) -> None:
        given = dict(cursors)

        def raise_them() -> None:
            for c in given.values():
                check_storable(c.recv, c.read)
            for user, c in given.items():
                had = self._cursors.get((user, conv))
                if had is not None:
                    raised = Cursors(max(had.recv, c.recv), max(had.read, c.read))
                    self._cursors[user, conv] = raised

        self._write_behind(raise_them)

    async def heads(
        self,
        user: UserId,
        device: DeviceId,
        *,
        since: int,
        after: ConvId | None,
        limit: int,
    ) -> HeadsPage:
        def read() -> HeadsPage:
            rows = sorted(
                (
                    m
                    for (of, conv), m in self._memberships.items()
                    if of == user
                    and conv > (after or "")
                    and (m.until is None or m.lv > since or self._ended_since(m))
                ),
                key=lambda m: m.conv,
            )
            shown = rows[: max(1, limit)]
            heads: list[Head | BriefHead] = []
            gone: list[Gone] = []
            for m in shown:
                until = self._ended_since(m) or m.until
                if until is not None:
                    gone.append(Gone(m.conv, until))
                else:
                    heads.append(self._head(m, device) if m.lv > since else self._brief(m.conv))
            return HeadsPage(heads, gone, shown[-1].conv if len(rows) > len(shown) else None)

        return await self._read(read)

    def _ended_since(self, m: Membership) -> int:
        """Where the place has ended that the row does not know to have; 0 if it has not."""
        seq = self._ended.get((m.user, m.conv), 0)
        return seq if seq > m.conv_seq else 0

    def _brief(self, conv: ConvId) -> BriefHead:
        log = self._logs.get(conv, Log())
        return BriefHead(conv, len(log.entries), log.count_at(len(log.entries)))

    def _head(self, membership: Membership, device: DeviceId) -> Head:
        log = self._logs.get(membership.conv, Log())
        cursors = self._cursors[membership.user, membership.conv]
        snapshot = log.snapshot or Snapshot(0, b"", {})
        mine = snapshot.cids.get(device, 0)
        for entry in log.entries[snapshot.seq :]:
            if entry.device == device:
                mine = entry.cid
        head = len(log.entries)
        peer = None if membership.peer is None else self._accounts.get(membership.peer)
        return Head(
            membership,
            cursors,
            head,
            log.count_at(head),
            log.count_at(cursors.read),
            mine,
            log.last(),
            (peer.display or peer.name) if peer else "",
            peer.colour if peer else "",
        )

    async def memberships(
        self, user: UserId, *, after: ConvId | None, limit: int
    ) -> list[Membership]:
        def read() -> list[Membership]:
            rows = [m for (of, _), m in self._memberships.items() if of == user]
            return sorted(
                (m for m in rows if m.conv > (after or "")), key=lambda m: m.conv
            )[:limit]  # fmt: skip

        return await self._read(read)

    async def members(self, conv: ConvId) -> list[Membership]:
        def read() -> list[Membership]:
            rows = [m for (_, of), m in self._memberships.items() if of == conv]
            return sorted(rows, key=lambda m: m.user)

        return await self._read(read)

    async def smallest_shared(self, one: UserId, other: UserId) -> int:
        def read() -> int:
            here = [m for m in self._memberships.values() if m.until is None]
            ones = {m.conv for m in here if m.user == one and not m.request}
            shared = [m.conv for m in here if m.user == other and m.conv in ones]
            return min((sum(m.conv == conv for m in here) for conv in shared), default=0)

        return await self._read(read)

    async def have_met(self, one: UserId, other: UserId) -> bool:
        def read() -> bool:
            rows = self._memberships
            ones = [m.conv for m in rows.values() if m.user == one and not m.request]
            return any((other, conv) in rows for conv in ones)

        return await self._read(read)


def _goes_back(new: Membership, old: Membership) -> bool:
    return new.conv_seq < old.conv_seq or new.lv < old.lv


__all__ = ["MemoryStore"]
