"""Changes of earlier texts: who may make them, and which the store does not show yet. Pure.

judged by -> the text as it will be once everything accepted is durable
accepted  -> open: its projection, the text with the change in it
committed -> Project, again until the store has it -> no longer open
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal, assert_never

from ..config.errors import BadRequestError, ForbiddenError, NotFoundError, UnavailableError
from ..config.ids import UserId
from ..config.limits import Limits
from ..storage.records import Entry, Message, Projection
from .bodies import Delete, Edit, React, Revision, Text
from .content_rules import check_emoji, check_text
from .members import Members
from .projections import fold

#: Changes that wait for the store to show them. It is only ever near that when the store takes
#: appends and refuses projections.
MOST_OPEN: Final = 1000

#: Kinds of entries that a member is shown, and that are no texts.
_SHOWN: Final = frozenset(("system", "edit", "delete", "react"))


@dataclass(slots=True)
class Revisions:
    """See the module.

    Attributes:
        written: What a snapshot said when this log was taken up: the store shows every change up
            to this seq; later ones it may, or may not.
        adopted: Changes that were found then; each stands for all of its text since `written`.
    """

    written: int = 0
    adopted: set[int] = field(default_factory=set[int])
    #: {seq of a change: its text's projection with it}, in rising order: all and only accepted
    #: changes that the store is not known to show.
    open: dict[int, Projection] = field(default_factory=dict[int, Projection])

    def check(self, revision: Revision, user: UserId, members: Members, head: int) -> None:
        """Hold a change to the rules, as far as they need no look at the text.

        Raises:
            NotFoundError: There is no such message, or not for this user.
            UnavailableError: Too many changes wait for the store.
        """
        spans = members.spans(user, head)
        if not any(first <= revision.s <= last for first, last in spans):
            raise NotFoundError("There is no such message.")
        if len(self.open) >= MOST_OPEN:
            raise UnavailableError

    def accept(self, text: Message, change: Entry) -> None:
        """The change is on its way to the store."""
        self.open[change.seq] = fold(self.now(text), change)

    def now(self, text: Message) -> Message:
        """The text with every accepted change in it."""
        newest = text.projection
        for projection in self.open.values():
            if projection.seq == text.entry.seq and (
                newest is None or newest.changed_at < projection.changed_at
            ):
                newest = projection
        return Message(text.entry, newest)

    def adopt(self, projections: Iterable[Projection]) -> None:
        """The store may lack these."""
        for projection in sorted(projections, key=lambda p: p.changed_at):
            self.open[projection.changed_at] = projection
            self.adopted.add(projection.changed_at)

    def pending(self, committed: int) -> tuple[Projection, ...]:
        """What the store may not show yet of what is durable: the newest of each text."""
        newest = {p.seq: p for seq, p in self.open.items() if seq <= committed}
        return tuple(newest.values())

    def done(self, seq: int) -> None:
        """The store shows the projection that this change made, and so all before it."""
        projection = self.open.get(seq)
        if projection is not None:
            for older in [s for s, p in self.open.items() if p.seq == projection.seq and s <= seq]:
                del self.open[older]

    def shown_up_to(self, head: int) -> int:
        """The store is known to show every change up to this seq."""
        if not self.adopted.isdisjoint(self.open):
            return self.written
        return next(iter(self.open), head + 1) - 1


def check_revision(
    revision: Revision,
    text: Message,
    user: UserId,
    members: Members,
    kind: Literal["direct", "group"],
    limits: Limits,
) -> None:
    """Hold a change to the rules.

    Args:
        text: What it changes, with every accepted change in it.

    Raises:
        NotFoundError: There is nothing there that the user could see, or it was deleted.
        BadRequestError: It is no text, or the change makes no sense.
        ForbiddenError: It is another's.
        TooLargeError: The new words, or the reaction, are too long.
    """
    entry = text.entry
    if entry.kind != "text":
        if entry.kind in _SHOWN:
            raise BadRequestError("Only messages can be changed, deleted or reacted to.")
        raise NotFoundError("There is no such message.")
    if text.projection is not None and text.projection.deleted:
        raise NotFoundError("That message was deleted.")
    match revision:
        case Edit():
            if entry.sender != user:
                raise ForbiddenError("Only its writer can change a message.")
            check_text(Text(revision.text), limits, entry.seq)
        case Delete():
            staff = kind == "group" and members.by_user[user].role != "member"
            if entry.sender != user and not staff:
                raise ForbiddenError("That message is somebody else's.")
        case React():
            check_emoji(revision.emoji)
        case _:
            assert_never(revision)


__all__ = ["MOST_OPEN", "Revisions", "check_revision"]
