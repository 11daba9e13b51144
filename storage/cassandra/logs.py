"""Logs, snapshots, projections in Cassandra."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from ...config.errors import StaleEpochError
from ...config.ids import ConvId, UserId
from ..contract import NOBODY, Done
from ..records import Activation, Cursors, Entry, Message, Projection, Snapshot
from .base import CassandraBase
from .claims import Claim, Claims
from .columns import LINE
from .effects import Effects
from .fence import Fence
from .pages import Pages
from .works import Append, Finish, Look, Project, PutSnapshot

_SNAPSHOT = "SELECT seq, state, cids FROM snapshots WHERE conv = ?"
_CURSORS = f"SELECT {LINE}, recv, read FROM members WHERE conv = ?"
_UNFINISHED = "SELECT conv FROM unfinished"


class CassandraLogs(CassandraBase):
    """`contract.Logs` in Cassandra."""

    _claims: Claims
    _fence: Fence
    _effects: Effects
    _pages: Pages

    async def claim(self, shard: int, *, owner: str = "", view: tuple[int, int] = (0, 0)) -> int:
        async def take() -> int:
            epoch = await self._fence.claim(shard, owner, view)
            self._claims.take(Claim(shard, epoch, self._fence.name(owner)))
            return epoch

        return await self._alone(shard, take)

    async def release(self, shard: int, owner: str) -> None:
        async def give_up() -> None:
            claim = self._claims.on(shard)
            if claim is not None and claim.owner == self._fence.name(owner):
                # Nobody has to ask us afterwards how far the logs are.
                await self._effects.store_tips([claim])
                self._claims.drop(shard, claim.epoch + 1)
            await self._fence.release(shard, owner)

        await self._alone(shard, give_up)

    async def seal(self, owner: str) -> None:
        async def end() -> None:
            name = self._fence.name(owner)
            await self._fence.seal(name)
            self._claims.drop_owner(name)

        await self._alone(None, end)

    async def activate(self, conv: ConvId, epoch: int) -> Activation:
        async def read() -> Activation:
            tip = self._claims.tip(conv)
            if tip is None:
                raise StaleEpochError(epoch, epoch + 1)
            cursors = self._bridge.start(_CURSORS, (conv,))
            rows = await self._bridge.run(_SNAPSHOT, (conv,))
            snapshot = Snapshot(rows[0][0], rows[0][1], dict(rows[0][2] or {})) if rows else None
            tail = await self._pages.entries(conv, (snapshot.seq if snapshot else 0) + 1, tip.seq)
            return Activation(
                snapshot,
                tail,
                {
                    UserId(user): Cursors(recv or 0, read or 0)
                    for user, _, _, lv, *_, recv, read in await cursors
                    if lv is not None
                },
            )

        self._check_open()
        heard: asyncio.Future[Activation] = asyncio.get_running_loop().create_future()
        self._submit(Look(conv, epoch, read, heard))
        return await heard

    def append(
        self,
        conv: ConvId,
        epoch: int,
        entries: Sequence[Entry],
        done: Done,
        *,
        unfinished: bool = False,
        ended: Mapping[UserId, int] = NOBODY,
    ) -> None:
        self._submit(Append(conv, epoch, tuple(entries), done, unfinished, dict(ended)))

    def finish(self, conv: ConvId, epoch: int) -> None:
        self._submit(Finish(conv, epoch))

    async def unfinished(self) -> list[ConvId]:
        return sorted(ConvId(conv) for (conv,) in await self._rows(_UNFINISHED))

    def put_snapshot(self, conv: ConvId, epoch: int, snapshot: Snapshot) -> None:
        self._submit(PutSnapshot(conv, epoch, snapshot))

    def put_projection(self, conv: ConvId, epoch: int, projection: Projection, done: Done) -> None:
        self._submit(Project(conv, epoch, projection, done))

    async def page(
        self,
        conv: ConvId,
        first: int,
        last: int,
        *,
        limit: int,
        max_bytes: int,
        backwards: bool = False,
    ) -> list[Message]:
        self._check_open()
        return await self._pages.page(conv, first, last, limit, max_bytes, backwards)

    async def head(self, conv: ConvId) -> tuple[int, int]:
        self._check_open()
        return await self._pages.head(conv)

    async def _adopt(self, conv: ConvId) -> None:
        """Take up a log of ours, in its turn."""

        async def nothing() -> None:
            return None

        heard: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._submit(Look(conv, None, nothing, heard))
        await heard


__all__ = ["CassandraLogs"]
