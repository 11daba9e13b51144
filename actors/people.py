"""Names for ids, and whether there is anybody behind one."""

from __future__ import annotations

from collections.abc import Sequence

from ..config.errors import NotFoundError
from ..config.ids import UserId, is_user_id
from ..storage.accounts import Accounts
from ..storage.records import Account
from .answers import Described, MemberLine
from .commands import Description


async def require_people(accounts: Accounts, users: Sequence[UserId]) -> None:
    """Hold a list of users to those that exist and are open.

    Raises:
        NotFoundError: One of them is not.
        StoreError: Not readable just now.
    """
    found = await accounts.accounts(users) if all(map(is_user_id, users)) else {}
    if any(user not in found or found[user].disabled for user in users):
        raise NotFoundError("There is no such person.")


async def with_names(accounts: Accounts, described: Description) -> Described:
    """A description with the members' names, in the order of joining."""
    found = await accounts.accounts(list(described.members))
    return Described(
        described.conv,
        described.kind,
        described.title,
        [
            MemberLine(
                user, shown_name(found.get(user)), role, recv, read, _colour(found.get(user))
            )
            for user, (role, recv, read) in described.members.items()
        ],
    )


def _colour(account: Account | None) -> str:
    return account.colour if account is not None else ""


def shown_name(account: Account | None) -> str:
    """What people see: the display name, else the name signed up with."""
    return (account.display or account.name) if account is not None else ""


__all__ = ["require_people", "shown_name", "with_names"]
