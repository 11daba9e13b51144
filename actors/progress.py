"""How far the members of a conversation got, and which of it is news. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..config.ids import ConvId, UserId
from ..storage.records import Cursors
from .answers import Receipts
from .commands import MoveCursor
from .members import Members


@dataclass(slots=True)
class Progress:
    """The cursors themselves are the members' own."""

    #: {user: (recv, read)} that moved since the last receipts.
    moved: dict[UserId, Cursors] = field(default_factory=dict[UserId, Cursors])

    def move(self, members: Members, m: MoveCursor, tip: int) -> bool:
        """Raise a member's cursor; a cursor beyond the tip is held to it. True when it rose."""
        member = members.by_user.get(m.user)
        if member is None or not member.here:
            return False
        seq = min(m.seq, tip)
        recv, read = max(member.recv, seq), member.read
        if m.what == "read":
            read = max(read, seq)
        if (recv, read) == (member.recv, member.read):
            return False
        member.recv, member.read = recv, read
        self.moved[m.user] = Cursors(recv, read)
        return True

    def take(self, conv: ConvId) -> tuple[Receipts, dict[UserId, Cursors]]:
        """What moved since the last call: for those who watch, and for the store."""
        moved, self.moved = self.moved, {}
        recv = {user: cursors.recv for user, cursors in moved.items()}
        return Receipts(conv, recv, {user: c.read for user, c in moved.items()}), moved


__all__ = ["Progress"]
