"""Accounts that go, in dicts."""

from __future__ import annotations

from ..config.clock import Clock
from ..config.ids import ConvId, UserId, self_log
from ..config.units import SECONDS
from .memory_accounts import MemoryAccounts
from .memory_contacts import MemoryContacts
from .memory_logs import MemoryLogs
from .records import Account, Membership


class MemoryDeletions(MemoryLogs, MemoryAccounts, MemoryContacts):
    """`deletions.Deletions` in dicts."""

    def __init__(self, *, clock: Clock | None = None, commit_s: float = 0 * SECONDS) -> None:
        super().__init__(clock=clock, commit_s=commit_s)
        self._memberships: dict[tuple[UserId, ConvId], Membership] = {}
        self._deletions: set[UserId] = set()

    async def begin_deletion(self, user: UserId) -> bool:
        def begin() -> bool:
            account = self._accounts.get(user)
            if account is None:
                return False
            if user not in self._deletions:
                self._deletions.add(user)
                self._retired.add(account.folded)
                del self._by_name[account.folded]
                self._accounts[user] = Account(
                    user, "", f"={user}", 0, "", presence="nobody", findable=False, disabled=True,
                    write="nobody",
                )  # fmt: skip
                self._drop_devices(user)
            return True

        return await self._write(begin)

    async def deletions(self) -> list[UserId]:
        return await self._read(lambda: sorted(self._deletions))

    async def finish_deletion(self, user: UserId) -> None:
        def finish() -> None:
            if user not in self._deletions:
                return
            self._deletions.discard(user)
            del self._accounts[user]
            self._drop_devices(user)
            for key in [key for key in self._memberships if key[0] == user]:
                del self._memberships[key]
                self._cursors.pop(key, None)
            for pair in [pair for pair in self._contacts if user in pair]:
                del self._contacts[pair]
            self._logs.pop(self_log(user), None)
            self._unfinished.discard(self_log(user))

        await self._write(finish)

    def _drop_devices(self, user: UserId) -> None:
        self._devices = {id: d for id, d in self._devices.items() if d.user != user}
        self._recovery = {kept for kept in self._recovery if kept[0] != user}


__all__ = ["MemoryDeletions"]
