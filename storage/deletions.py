"""What a store promises about accounts that go."""

from __future__ import annotations

from typing import Protocol

from ..config.ids import UserId


class Deletions(Protocol):
    """An account goes in two steps, each durable on return and idempotent.

    Messages stay in their conversations' logs, by the user's id; a deleted account's id has no
    account behind it.
    """

    async def begin_deletion(self, user: UserId) -> bool:
        """Take everything from an account that makes it one; False when there is none.

        In one step: its password, recovery codes and devices go, its name and profile are emptied,
        it is disabled, nobody may see its presence or begin a conversation with it, and nobody can
        ever sign up under its name again (NameTakenError), though the store no longer knows the
        name. It is in `deletions` from then on, and no longer in `list_accounts`.
        """
        ...

    async def deletions(self) -> list[UserId]:
        """Accounts whose deletion has begun and is not finished: take them up at start."""
        ...

    async def finish_deletion(self, user: UserId) -> None:
        """Remove what is left: the rows of the user's list, the private log, the account itself.

        Contacts and blocks go on both sides: what the user holds of others, and they of the user.
        One whose deletion has not begun is left alone.

        Raises:
            OwnedError: Where several nodes share a store: the private log is another one's. Its
                owner finishes the deletion, which is in `deletions` until then.
        """
        ...


__all__ = ["Deletions"]
