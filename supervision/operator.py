"""What an operator can do, with the node running or not.

    StoreOperator    does it: in the node, or on the store itself when no node runs
    RemoteOperator   has the running node do it, over the control socket

`commands` holds what the two say to each other, in one place.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ..actors.commands import DeviceRevoked
from ..config.clock import Chance, Clock
from ..config.errors import BadRequestError, NotFoundError
from ..storage.contract import Store
from ..storage.records import Account
from ..transport.edge.http.passwords import Passwords
from ..transport.edge.http.signup import check_password, fold_name, sign_up
from .control import Command, call
from .data_dir import DataDir

#: How many accounts are read at a time.
_PAGE = 500


@dataclass(frozen=True, slots=True)
class AddedUser:
    """Somebody who was signed up.

    Attributes:
        recovery: One-time codes for a forgotten password, told this once.
    """

    id: str
    recovery: list[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class UserLine:
    """A person, as an operator sees one.

    Attributes:
        created_ms, last_active_ms: UTC; 0 for never.
    """

    id: str
    name: str
    disabled: bool
    created_ms: int
    last_active_ms: int


class Operator(Protocol):
    """Every command is durable on return. A refused one raises Refusal and did nothing."""

    async def add_user(self, name: str, password: str) -> AddedUser:
        """Sign somebody up, also where sign-up is closed."""
        ...

    async def set_password(self, name: str, password: str) -> None:
        """A new password; every device of the user is signed out at once."""
        ...

    async def disable(self, name: str) -> None:
        """Close an account: it cannot sign in, and what it has open closes at once. Idempotent."""
        ...

    async def enable(self, name: str) -> None:
        """Open a closed account again; its devices have to sign in anew. Idempotent."""
        ...

    async def list_users(self) -> list[UserLine]:
        """Everybody, by name."""
        ...

    async def backup(self, target: Path) -> None:
        """A consistent copy of the store; refuses a target that exists.

        Args:
            target: Absolute, since the node may have another working folder.
        """
        ...


class StoreOperator:
    """An Operator on the store.

    Args:
        tell: Tells an actor, by name, where there are any; `Cluster.tell`.
    """

    def __init__(
        self,
        store: Store,
        passwords: Passwords,
        tell: Callable[[str, DeviceRevoked], object],
        clock: Clock,
        chance: Chance,
    ) -> None:
        self._store = store
        self._passwords = passwords
        self._tell = tell
        self._clock = clock
        self._chance = chance

    async def add_user(self, name: str, password: str) -> AddedUser:
        added = await sign_up(
            self._store, self._passwords, self._clock, self._chance, name, password
        )
        return AddedUser(added.user, added.recovery)

    async def set_password(self, name: str, password: str) -> None:
        account = await self._account(name)
        hashed = await self._passwords.hash(check_password(password))
        await self._store.set_password(account.id, hashed)
        self._sign_out(account)

    async def disable(self, name: str) -> None:
        account = await self._account(name)
        await self._store.set_disabled(account.id, True)
        self._sign_out(account)

    async def enable(self, name: str) -> None:
        account = await self._account(name)
        await self._store.set_disabled(account.id, False)

    async def list_users(self) -> list[UserLine]:
        lines: list[UserLine] = []
        after = ""
        while page := await self._store.list_accounts(after, _PAGE):
            lines += [
                UserLine(each.id, each.name, each.disabled, each.created_ms, each.last_active_ms)
                for each in page
            ]
            after = page[-1].folded
        return lines

    async def backup(self, target: Path) -> None:
        await self._store.backup(target)

    async def _account(self, name: str) -> Account:
        account = await self._store.account_by_name(fold_name(name))
        if account is None:
            raise NotFoundError(f"There is no user {name}.")
        return account

    def _sign_out(self, account: Account) -> None:
        # The store has ended the devices; their sockets are closed by the user's actor.
        self._tell(f"user:{account.id}", DeviceRevoked(None))


class RemoteOperator:
    """An Operator that asks the running node."""

    def __init__(self, data: DataDir) -> None:
        self._data = data

    async def add_user(self, name: str, password: str) -> AddedUser:
        return AddedUser(**await call(self._data, "user.add", name=name, password=password))

    async def set_password(self, name: str, password: str) -> None:
        await call(self._data, "user.passwd", name=name, password=password)

    async def disable(self, name: str) -> None:
        await call(self._data, "user.disable", name=name)

    async def enable(self, name: str) -> None:
        await call(self._data, "user.enable", name=name)

    async def list_users(self) -> list[UserLine]:
        return [UserLine(**line) for line in await call(self._data, "user.list")]

    async def backup(self, target: Path) -> None:
        await call(self._data, "backup", target=str(target))


def commands(operator: Operator) -> dict[str, Command]:
    """What the control socket offers, by the names that RemoteOperator uses."""

    async def add(args: Mapping[str, str]) -> dict[str, Any]:
        return asdict(await operator.add_user(_word(args, "name"), _word(args, "password")))

    async def passwd(args: Mapping[str, str]) -> None:
        await operator.set_password(_word(args, "name"), _word(args, "password"))

    async def disable(args: Mapping[str, str]) -> None:
        await operator.disable(_word(args, "name"))

    async def enable(args: Mapping[str, str]) -> None:
        await operator.enable(_word(args, "name"))

    async def list_users(_args: Mapping[str, str]) -> list[dict[str, Any]]:
        return [asdict(line) for line in await operator.list_users()]

    async def ping(_args: Mapping[str, str]) -> int:
        return os.getpid()

    async def backup(args: Mapping[str, str]) -> None:
        await operator.backup(Path(_word(args, "target")))

    return {
        "backup": backup,
        "ping": ping,
        "user.add": add,
        "user.disable": disable,
        "user.enable": enable,
        "user.list": list_users,
        "user.passwd": passwd,
    }


def _word(args: Mapping[str, str], name: str) -> str:
    try:
        return args[name]
    except KeyError:
        raise BadRequestError(f"This command needs {name}.") from None


__all__ = [
    "AddedUser",
    "Operator",
    "RemoteOperator",
    "StoreOperator",
    "UserLine",
    "commands",
]
