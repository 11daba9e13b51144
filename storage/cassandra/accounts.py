"""People in Cassandra: signing up, profiles, recovery codes, secrets.

A name is unique by one conditional write, and that is the moment of signing up:

    person (pending, invisible) ─> names: IF NOT EXISTS ─> person (counts)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, replace

from ...config.errors import (
    NameTakenError,
    OutcomeUnknownError,
    StoreRefusedError,
    StoreRetryableError,
)
from ...config.ids import UserId
from ..memory_queue import check_storable
from ..records import Account, Presence, Write
from .documents import Changed
from .people import NAME, CassandraPeople
from .person import Person, name_digest
from .search import Search

_TAKE = "INSERT INTO names (digest, user) VALUES (?, ?) IF NOT EXISTS"
_SECRET = "SELECT secret FROM secrets WHERE name = ?"
_KEEP_SECRET = "INSERT INTO secrets (name, secret) VALUES (?, ?) IF NOT EXISTS"

_TRIES = 5


class CassandraAccounts(CassandraPeople):
    """What `accounts.Accounts` says about people, in Cassandra."""

    _search: Search

    async def create_account(self, account: Account, recovery: Sequence[bytes]) -> None:
        codes = list(dict.fromkeys(recovery))
        check_storable(*astuple(account), *codes)
        digest = name_digest(account.folded)
        self._check_open()

        async def listed(version: int) -> None:
            await self._search.add("name", account.folded, account.id, version)
            await self._search.add("sought", account.sought, account.id, version)

        def begin(person: Person) -> Changed[Person, None]:
            had = person.account
            if had is not None and not (person.pending and had.folded == account.folded):
                raise StoreRefusedError(f"{account.id} exists already")
            new = replace(person, account=account, pending=True, recovery=codes)
            return Changed(None, new, listed)

        async with self._turn(("name", digest)):
            if await self._rows(NAME, digest, serial=True):
                raise NameTakenError(f"The name {account.name} is taken.")
            await self._change_person(account.id, begin)
            if await self._take_name(digest, account.id):
                await self._change_person(
                    account.id, lambda person: Changed(None, replace(person, pending=False))
                )
                return
            await self._change_person(
                account.id,
                lambda person: Changed(
                    None, replace(person, account=None, pending=False, recovery=[])
                ),
            )
            raise NameTakenError(f"The name {account.name} is taken.")

    async def _take_name(self, digest: bytes, user: UserId) -> bool:
        for _ in range(_TRIES):
            try:
                if (await self._rows(_TAKE, digest, user))[0][0]:
                    return True
            except OutcomeUnknownError:
                pass
            rows = await self._rows(NAME, digest, serial=True)
            if rows:
                return bool(rows[0][0] == user)
        raise StoreRetryableError("whether the name is taken is not known")

    async def list_accounts(self, after: str, limit: int) -> list[Account]:
        self._check_open()
        found: list[Account] = []
        async for key, users in self._search.after("name", after, limit):
            accounts = await self.accounts(users)
            found += [a for a in accounts.values() if a.folded == key]
            if len(found) >= limit:
                break
        return found[:limit]

    async def find_accounts(self, prefix: str, limit: int) -> list[Account]:
        self._check_open()
        found: dict[UserId, Account] = {}
        for kind in ("name", "sought"):
            async for key, users in self._search.beginning(kind, prefix, limit):
                for account in (await self.accounts(users)).values():
                    is_key = (account.folded if kind == "name" else account.sought) == key
                    if is_key and account.findable and not account.disabled:
                        found.setdefault(account.id, account)
                if len(found) >= limit:
                    return list(found.values())[:limit]
        return list(found.values())

    async def set_password(self, user: UserId, password: str) -> None:
        check_storable(password)
        await self._change_account(user, lambda p: _with(p, password=password).ended())

    async def set_disabled(self, user: UserId, disabled: bool) -> None:
        def change(person: Person) -> Person:
            changed = _with(person, disabled=disabled)
            return changed.ended() if disabled else changed

        await self._change_account(user, change)

    async def set_profile(
        self,
        user: UserId,
        display: str,
        about: str,
        presence: Presence,
        *,
        sought: str,
        colour: str,
        findable: bool,
    ) -> None:
        check_storable(display, about, presence, sought, colour)

        async def listed(version: int) -> None:
            await self._search.add("sought", sought, user, version)

        def decide(person: Person) -> Changed[Person, str]:
            if person.account is None:
                raise StoreRefusedError(f"there is no {user}")
            changed = _with(
                person, display=display, about=about, presence=presence, sought=sought,
                colour=colour, findable=findable,
            )  # fmt: skip
            return Changed(person.account.sought, changed, listed)

        before, version = await self._change_person(user, decide)
        if before != sought:
            await self._search.remove("sought", before, user, version)

    async def set_write(self, user: UserId, write: Write) -> None:
        await self._change_account(user, lambda person: _with(person, write=write))

    async def put_last_active(self, user: UserId, ms: int) -> None:
        await self._saw(user, ms)

    async def set_recovery(self, user: UserId, digests: Sequence[bytes]) -> None:
        codes = list(dict.fromkeys(digests))
        await self._change_account(user, lambda person: replace(person, recovery=codes))

    async def use_recovery(self, user: UserId, digest: bytes) -> bool:
        def use(person: Person) -> Changed[Person, bool]:
            if person.pending or digest not in person.recovery:
                return Changed(False)
            left = [code for code in person.recovery if code != digest]
            return Changed(True, replace(person, recovery=left))

        return (await self._change_person(user, use))[0]

    async def secret(self, name: str, fresh: bytes) -> bytes:
        async with self._turn(("secret", name)):
            for _ in range(_TRIES):
                rows = await self._rows(_SECRET, name, serial=True)
                if rows:
                    return bytes(rows[0][0])
                try:
                    if (await self._rows(_KEEP_SECRET, name, fresh))[0][0]:
                        return fresh
                except OutcomeUnknownError:
                    continue
        raise StoreRetryableError(f"the secret {name} cannot be kept")


def _with(person: Person, **changes: object) -> Person:
    assert person.account is not None
    return replace(person, account=replace(person.account, **changes))  # type: ignore[arg-type] # pyright: ignore


__all__ = ["CassandraAccounts"]
