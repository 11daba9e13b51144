"""What can go wrong with a memory store's commits, as objects.

store.faults.append(full := DiskFull())     every commit is refused ..
full.make_room()                            .. until now
"""

from __future__ import annotations

from collections.abc import Callable

from ..config.errors import OutcomeUnknownError, StoreError, StoreRetryableError


class Fault:
    """Asked at each group commit of a memory store; this one does nothing.

    Attributes:
        over: It has no more effect, and is taken off the list.
    """

    over = False

    def holds(self, resume: Callable[[], None]) -> bool:
        """Whether the commit has to wait; `resume` is then to be called when it may go on."""
        return False

    def before(self) -> StoreError | None:
        """Why the commit does not happen, for everybody in it; None when it happens."""
        return None

    def after(self) -> StoreError | None:
        """What everybody in it hears though it happened; None for the truth."""
        return None


class FailNext(Fault):
    """The next commit does not happen, for this reason (default: StoreRetryableError)."""

    def __init__(self, error: StoreError | None = None) -> None:
        self._error = error or StoreRetryableError("a fault was asked for")

    def before(self) -> StoreError | None:
        self.over = True
        return self._error


class LoseNext(FailNext):
    """The next commit does not happen, and nobody knows whether it did."""

    def __init__(self) -> None:
        super().__init__(OutcomeUnknownError("a fault was asked for"))


class UnknownNext(Fault):
    """The next commit happens, and nobody knows whether it did."""

    def after(self) -> StoreError | None:
        self.over = True
        return OutcomeUnknownError("a fault was asked for")


class DiskFull(Fault):
    """No commit happens until `make_room`."""

    def before(self) -> StoreError | None:
        return None if self.over else StoreRetryableError("the disk is full")

    def make_room(self) -> None:
        """Commits happen again."""
        self.over = True


class Hold(Fault):
    """Commits wait until `release`; what is handed in meanwhile joins them."""

    def __init__(self) -> None:
        self._resume: list[Callable[[], None]] = []

    def holds(self, resume: Callable[[], None]) -> bool:
        if not self.over:
            self._resume.append(resume)
        return not self.over

    def release(self) -> None:
        """Let them go on."""
        self.over = True
        for resume in self._resume:
            resume()
        self._resume.clear()


__all__ = ["DiskFull", "FailNext", "Fault", "Hold", "LoseNext", "UnknownNext"]
