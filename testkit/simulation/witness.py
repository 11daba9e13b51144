"""What was handed in to a disk and what became of it, as somebody sees it who never forgets. Pure.

handed in -> under way, or done, or nobody knows     its seq has its name, as long as this epoch is
          -> refused                                 its seq is free again

A store may refuse the second content of a seq, or write over the first one: it is not asked, for
whoever hands it in has gone wrong already. That nobody appends whose epoch is over is the other
way round: the owner cannot know, the store has to.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...config.ids import ConvId
from ...storage.records import Entry

#: Device, cid, kind, body.
_Content = tuple[str, int, str, bytes]


class Witness:
    """See the module.

    Attributes:
        wrongs: (rule, what is wrong, the log) of what must not be.
    """

    def __init__(self) -> None:
        self.wrongs: list[tuple[str, str, ConvId]] = []
        #: {(log, epoch, seq): what it names}
        self._names: dict[tuple[ConvId, int, int], _Content] = {}

    def handed_in(self, conv: ConvId, epoch: int, entries: Sequence[Entry]) -> None:
        """An owner wants these appended. Within an epoch a seq names one content for ever (design,
        section 5)."""
        for e in entries:
            said = _content(e)
            if self._names.setdefault((conv, epoch, e.seq), said) != said:
                says = f"{conv} {e.seq} of epoch {epoch} names another content"
                self.wrongs.append(("one content", says, conv))

    def refused(self, conv: ConvId, epoch: int, entries: Sequence[Entry]) -> None:
        """These are not appended, and never will be."""
        for e in entries:
            if self._names.get((conv, epoch, e.seq)) == _content(e):
                del self._names[conv, epoch, e.seq]

    def appended(self, conv: ConvId, epoch: int, current: int) -> None:
        """An append of an epoch is done while `current` is in force: two owners never both get a
        seq acknowledged (design, section 2)."""
        if epoch != current:
            says = f"{conv} was written in epoch {epoch}, when {current} had begun"
            self.wrongs.append(("one writer", says, conv))


def _content(entry: Entry) -> _Content:
    return entry.device, entry.cid, entry.kind, entry.body


__all__ = ["Witness"]
