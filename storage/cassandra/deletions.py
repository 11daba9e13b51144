"""Accounts that go, in Cassandra: each step may be cut short and is done again."""

from __future__ import annotations

from dataclasses import replace

from ...config.errors import StaleEpochError, StoreRetryableError
from ...config.ids import ConvId, UserId, self_log, shard_of
from .accounts import CassandraAccounts
from .claims import STAMP_BITS
from .contacts import CassandraContacts
from .devices import CassandraDevices
from .documents import Changed
from .logs import CassandraLogs
from .memberships import FOR_EVER, CassandraMemberships
from .person import Person, name_digest
from .rows import bucket_of
from .tail import read_tail

_BEGIN = "INSERT INTO deletions (part, user) VALUES (0, ?) USING TIMESTAMP 1"
_LIST = "SELECT user FROM deletions WHERE part = 0"
_BEGUN = "SELECT user FROM deletions WHERE part = 0 AND user = ?"
_END = "DELETE FROM deletions USING TIMESTAMP 1 WHERE part = 0 AND user = ?"
_RETIRE = "UPDATE names SET user = '' WHERE digest = ? IF user = ?"
_FREE_DEVICE = "DELETE FROM device_users WHERE device = ? IF EXISTS"
_UNSEE = "DELETE FROM seen USING TIMESTAMP ? WHERE id = ?"
_WIPE_LOG = "DELETE FROM log USING TIMESTAMP ? WHERE conv = ? AND bucket = ?"
_WIPE_EDITS = "DELETE FROM edits USING TIMESTAMP ? WHERE conv = ? AND bucket = ?"
_WIPE_SNAPSHOT = "DELETE FROM snapshots USING TIMESTAMP ? WHERE conv = ?"
_WIPE_TIP = "DELETE FROM tips USING TIMESTAMP ? WHERE conv = ?"
_WIPE_MARK = "DELETE FROM unfinished USING TIMESTAMP ? WHERE shard = ? AND conv = ?"


class CassandraDeletions(
    CassandraLogs, CassandraMemberships, CassandraAccounts, CassandraDevices, CassandraContacts
):
    """`deletions.Deletions` in Cassandra."""

    async def begin_deletion(self, user: UserId) -> bool:
        if await self.account(user) is None:
            return False
        # First what brings it back to mind, should the rest be cut short.
        await self._rows(_BEGIN, user)
        await self._hollow(user)
        return True

    async def deletions(self) -> list[UserId]:
        return sorted(UserId(user) for (user,) in await self._rows(_LIST))

    async def finish_deletion(self, user: UserId) -> None:
        if not await self._rows(_BEGUN, user):
            return
        await self._hollow(user)
        # First what may be another's to do.
        await self._wipe_log(self_log(user))
        await self._wipe_list(user)
        await self._wipe_contacts(user)
        person = await self._people.get(user)
        for device in person.devices if person else ():
            await self._rows(_FREE_DEVICE, device.id)
            await self._rows(_UNSEE, FOR_EVER, device.id)
        await self._rows(_UNSEE, FOR_EVER, user)
        await self._people.delete(user)
        await self._rows(_END, user)

    async def _hollow(self, user: UserId) -> None:
        """Empty the account, and retire its name for ever."""
        freed: list[str] = []

        def begin(person: Person) -> Changed[Person, tuple[str, str] | None]:
            if person.account is None or person.going:
                return Changed(person.kept_names)
            freed.extend(device.id for device in person.devices)
            hollow = person.hollow()
            return Changed(hollow.kept_names, hollow)

        names, version = await self._change_person(user, begin)
        for device in freed:
            await self._rows(_FREE_DEVICE, device)
        if names is None:
            return
        folded, sought = names
        await self._rows(_RETIRE, name_digest(folded), user)
        await self._search.remove("name", folded, user, version)
        await self._search.remove("sought", sought, user, version)
        # Only now the names are forgotten.
        await self._change_person(
            user, lambda person: Changed(None, replace(person, kept_names=None))
        )

    async def _wipe_log(self, conv: ConvId) -> None:
        """Remove a log: as its owner, in a turn of its own; or while nobody owns it.

        As for a commit, what was done counts only if no other epoch was in force by its end: else
        the deletion is not over, and whoever owns the log by then begins it again.
        """
        shard = shard_of(conv)

        async def wipe() -> None:
            claim = self._claims.on(shard)
            if claim is None:
                epoch = await self._fence.unowned(shard)
                # Above every stamp of the epoch in force, and below all of the next.
                await self._wipe_rows(conv, (epoch + 1 << STAMP_BITS) - 1, 0)
                if await self._fence.epoch(shard) != epoch:
                    raise StoreRetryableError(f"{conv} was taken over meanwhile")
                return
            tip = claim.tips.pop(conv, None)
            await self._wipe_rows(conv, claim.stamp(), max(tip.seq, tip.doubted[0]) if tip else 0)
            if await self._fence.look(claim.owner):
                self._claims.drop_owner(claim.owner)
                raise StaleEpochError(claim.epoch, claim.epoch + 1)

        await self._alone(shard, wipe)

    async def _wipe_rows(self, conv: ConvId, stamp: int, end: int) -> None:
        """Remove what was written of a log before this stamp, up to `end` at least."""
        end = max(end, (await read_tail(self._bridge, conv)).end[0])
        run = self._bridge.run
        for bucket in range(bucket_of(end + 1) + 1):
            await run(_WIPE_LOG, (stamp, conv, bucket))
            await run(_WIPE_EDITS, (stamp, conv, bucket))
        await run(_WIPE_SNAPSHOT, (stamp, conv))
        await run(_WIPE_MARK, (stamp, shard_of(conv), conv))
        # The last: it is what tells, when this is done again, how long the log was.
        await run(_WIPE_TIP, (stamp, conv))


__all__ = ["CassandraDeletions"]
