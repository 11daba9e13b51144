"""A person as one document: the account, its recovery codes, its devices."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha256

from ...config.ids import DeviceId
from ..records import Account, Device

#: Ended devices that are kept, the newest: their tokens are told "revoked" and not "unknown".
_MOST_ENDED = 50


@dataclass(frozen=True, slots=True)
class Person:
    """What one row of `people` holds.

    Attributes:
        account: None for one who has devices only.
        pending: The account counts only if its name is this person's.
        recovery: Digests of the codes that can still be used.
        devices: Those that ended too, the newest last.
        going: The account is being deleted.
        kept_names: Its names, until they are retired: (folded, sought).
    """

    account: Account | None = None
    pending: bool = False
    recovery: list[bytes] = field(default_factory=list[bytes], repr=False)
    devices: list[Device] = field(default_factory=list[Device])
    going: bool = False
    kept_names: tuple[str, str] | None = field(default=None, repr=False)

    def device(self, id: DeviceId) -> Device | None:
        """One of the devices."""
        return next((device for device in self.devices if device.id == id), None)

    def with_device(self, changed: Device) -> Person:
        """With a device as it is now, or added."""
        if self.device(changed.id) is None:
            return replace(self, devices=_pruned([*self.devices, changed]))
        return replace(
            self, devices=[changed if d.id == changed.id else d for d in self.devices]
        )  # fmt: skip

    def ended(self, *ids: DeviceId) -> Person:
        """With these devices revoked; with all, when none is named."""
        return replace(
            self,
            devices=[
                replace(d, revoked=True) if not ids or d.id in ids else d for d in self.devices
            ],
        )

    def hollow(self) -> Person:
        """As it is left when its deletion begins."""
        account = self.account
        assert account is not None
        id = account.id
        empty = Account(
            id, "", f"={id}", 0, "", presence="nobody", findable=False, disabled=True,
            write="nobody",
        )  # fmt: skip
        names = account.folded, account.sought
        return Person(empty, False, [], [], True, names)


def _pruned(devices: list[Device]) -> list[Device]:
    ended = [device.id for device in devices if device.revoked][:-_MOST_ENDED]
    return [device for device in devices if device.id not in ended]


def name_digest(folded: str) -> bytes:
    """What a name is known by where it has to be unique."""
    return sha256(folded.encode()).digest()


__all__ = ["Person", "name_digest"]
