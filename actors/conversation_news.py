"""What a conversation's actor tells itself: the store's word on what it began, and the time."""

from __future__ import annotations

from dataclasses import dataclass

from ..config.errors import OutcomeUnknownError, StoreError


@dataclass(frozen=True, slots=True)
class Committed:
    """The store's word on the group under way.

    Attributes:
        of: The state that made the group; one that finds a predecessor's in its mailbox did not.
    """

    error: StoreError | None
    of: object

    @property
    def doubtful(self) -> bool:
        """Whether nobody knows what became of it."""
        return isinstance(self.error, OutcomeUnknownError)


@dataclass(frozen=True, slots=True)
class Projected:
    """The store's word on the projection that the change at `seq` made."""

    seq: int
    error: StoreError | None


class Idle:
    """Time to look whether anybody still needs this actor."""


class Flush:
    """Time to tell of moved cursors."""


class Retell:
    """Time to tell again what is still owed, or to read a state that could not be read."""


__all__ = ["Committed", "Flush", "Idle", "Projected", "Retell"]
