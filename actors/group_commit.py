"""What a conversation has on its way to the store: one group under way, one that waits."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..config.errors import (
    InternalError,
    StaleEpochError,
    StoreError,
    StoreRefusedError,
    UnavailableError,
)
from ..config.units import MIB
from ..storage.records import Message
from .conversation_effects import Accepted, Answer

#: The most entries, and bytes of body, in one group.
GROUP_ENTRIES = 1000
GROUP_BYTES = MIB


@dataclass(slots=True)
class GroupCommit:
    """While a group is under way, everything that is accepted waits for the next one."""

    #: Under way in the store, in order.
    flying: list[Accepted] = field(default_factory=list[Accepted])
    #: The next group, in order.
    waiting: list[Accepted] = field(default_factory=list[Accepted])
    #: {(device, cid): Accepted}: all and only those of both that have a cid.
    pending: dict[tuple[str, int], Accepted] = field(
        default_factory=dict[tuple[str, int], Accepted]
    )
    #: {device: how many of `pending`}: none that is 0.
    _unacked: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def busy(self) -> bool:
        """Whether anything is not yet durable."""
        return bool(self.flying or self.waiting)

    def add(self, accepted: Accepted) -> None:
        """It is accepted, behind all others."""
        self.waiting.append(accepted)
        device = accepted.entry.device
        if device:
            self.pending[device, accepted.entry.cid] = accepted
            self._unacked[device] = self._unacked.get(device, 0) + 1

    def find(self, device: str, cid: int) -> Accepted | None:
        """The one of this cid, if it is not yet durable."""
        return self.pending.get((device, cid))

    def at(self, seq: int) -> Accepted | None:
        """The one of this seq, if it is not yet durable."""
        under_way = (*self.flying, *self.waiting)
        return next((each for each in under_way if each.entry.seq == seq), None)

    def message(self, seq: int) -> Message | None:
        """The entry at a seq, if it is not yet durable."""
        accepted = self.at(seq)
        return None if accepted is None else Message(accepted.entry)

    def unacked(self, device: str) -> int:
        """How many of a device's are not yet durable."""
        return self._unacked.get(device, 0)

    def cut(self) -> None:
        """Make what waits the group under way, as far as it fits; at least one."""
        size = 0
        for n, accepted in enumerate(self.waiting):
            size += len(accepted.entry.body)
            if n >= GROUP_ENTRIES or (n and size > GROUP_BYTES):
                self.flying, self.waiting = self.waiting[:n], self.waiting[n:]
                return
        self.flying, self.waiting = self.waiting, []

    def land(self) -> list[Accepted]:
        """The group under way is durable; nothing is, until the next `cut`."""
        landed, self.flying = self.flying, []
        for accepted in landed:
            device = accepted.entry.device
            if device:
                del self.pending[device, accepted.entry.cid]
                self._unacked[device] -= 1
                if not self._unacked[device]:
                    del self._unacked[device]
        return landed

    def refusals(self, error: StoreError) -> list[Answer]:
        """What everybody is told, in order, when the group under way failed."""
        alone = len(self.flying) == 1
        poisoned = isinstance(error, StoreRefusedError) and not isinstance(error, StaleEpochError)
        told: list[Answer] = []
        for n, accepted in enumerate(self.flying + self.waiting):
            mine = InternalError() if poisoned and alone and n == 0 else UnavailableError()
            told.extend(Answer(asker, mine) for asker in accepted.askers + accepted.waiters)
        return told


__all__ = ["GROUP_BYTES", "GROUP_ENTRIES", "GroupCommit"]
