"""What a store promises about people, devices, tokens and recovery codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from ..config.ids import DeviceId, UserId
from .records import Account, Device, Presence, Write


class Accounts(Protocol):
    """People and their devices. Everything is durable on return.

    To change an account that does not exist is StoreRefusedError; when nobody was seen is ignored.
    """

    async def create_account(self, account: Account, recovery: Sequence[bytes]) -> None:
        """Sign somebody up, with the digests of the recovery codes.

        Raises:
            NameTakenError: Somebody has this name (by its folded form), or had it once.
        """
        ...

    async def account(self, user: UserId) -> Account | None: ...

    async def account_by_name(self, folded: str) -> Account | None: ...

    async def accounts(self, users: Sequence[UserId]) -> dict[UserId, Account]:
        """Those of `users` that exist."""
        ...

    async def list_accounts(self, after: str, limit: int) -> list[Account]:
        """Accounts by folded name, after this one ("" for the first), but for those that go."""
        ...

    async def set_password(self, user: UserId, password: str) -> None:
        """Replace the hash and revoke every device of the user, in one step."""
        ...

    async def set_disabled(self, user: UserId, disabled: bool) -> None:
        """Close or reopen an account; closing revokes every device, in the same step."""
        ...

    async def find_accounts(self, prefix: str, limit: int) -> list[Account]:
        """Findable, open accounts whose folded name or `sought` begins with `prefix`.

        At most `limit`: those by name first, in the order of their folded names, so that an exact
        name is the very first; then those by `sought`, in its order.
        """
        ...

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
    ) -> None: ...

    async def set_write(self, user: UserId, write: Write) -> None:
        """Who may begin a direct conversation with this user."""
        ...

    async def put_last_active(self, user: UserId, ms: int) -> None:
        """Raise the time the user was last seen (never lower it)."""
        ...

    async def set_recovery(self, user: UserId, digests: Sequence[bytes]) -> None:
        """Put these recovery codes in place of all that the user had."""
        ...

    async def use_recovery(self, user: UserId, digest: bytes) -> bool:
        """Use up a recovery code: True once, False ever after and for an unknown one."""
        ...

    async def add_device(self, device: Device, limit: int) -> list[DeviceId]:
        """Add a device; when the user then has more than `limit`, the least recently seen go.

        Returns: the devices revoked to make room.
        """
        ...

    async def device(self, device: DeviceId) -> Device | None: ...

    async def devices(self, user: UserId) -> list[Device]:
        """The user's devices that are not revoked, oldest first."""
        ...

    async def touch_device(self, device: DeviceId, seen_ms: int) -> None: ...

    async def label_device(self, user: UserId, device: DeviceId, label: str) -> bool:
        """Call a device otherwise, if it is this user's and not ended; True when it did."""
        ...

    async def revoke_device(self, user: UserId, device: DeviceId) -> bool:
        """End a device, if it is this user's and not ended yet; True when it did."""
        ...

    async def rotate_refresh(
        self, device: DeviceId, presented: bytes, fresh: bytes, expires_ms: int, now_ms: int
    ) -> Literal["rotated", "reused", "gone"]:
        """Exchange a refresh token (by digest), atomically.

        Presented is the current one: it becomes the previous, `fresh` the current. Presented is the
        previous one: `fresh` replaces the current, which nobody has used. Neither: "reused", and
        the device is revoked in the same step. "gone": unknown, revoked or expired.
        """
        ...

    async def secret(self, name: str, fresh: bytes) -> bytes:
        """The secret of this name, `fresh` if there was none: the same for ever after."""
        ...


__all__ = ["Accounts"]
