"""What one of two people does not want of the other. A group has none of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..config.errors import BlockedError
from ..config.ids import UserId
from .bodies import Block, LetIn, System


@dataclass(slots=True)
class Direct:
    """Pure. It is replayed from the log's hidden entries and kept in the snapshot.

    Attributes:
        asked: Who has not let the other in yet; None for nobody.
    """

    asked: UserId | None = None
    #: {who: (the seq in that user's private log that said so last, whether it blocks)}
    blocks: dict[UserId, tuple[int, bool]] = field(default_factory=dict[UserId, tuple[int, bool]])

    def check(self, sender: UserId) -> None:
        """Hold a sender to the other's block.

        Raises:
            BlockedError: The other one takes nothing from this sender.
        """
        if any(on for user, (_, on) in self.blocks.items() if user != sender):
            raise BlockedError("This person does not take messages from you.")

    def shows(self, user: UserId, to: UserId) -> bool:
        """Whether what `user` does here (reads, writes) is for the eyes of `to`."""
        if user == to:
            return True
        return user != self.asked and not any(on for _, on in self.blocks.values())

    def news(self, user: UserId, at: int) -> bool:
        """Whether what the user's private log says at this seq is not known here yet."""
        return self.blocks.get(user, (0, False))[0] < at

    def apply(self, body: System | Block | LetIn, sender: UserId) -> None:
        """Take in an entry of the log."""
        match body:
            case System(ev="created"):
                self.asked = body.asked
            case System():
                pass  # one of the two went: the other may still take in what was said
            case Block():
                self.blocks[sender] = (body.at, body.on)
            case LetIn():
                self.asked = None


__all__ = ["Direct"]
