"""A conversation's books: who is in it and what is owed to whom, kept as its entries say. Pure.

    a draft -> its seq -> members, request, blocks after it -> whom it goes to, whose line changes

What is durable is replayed through the same hands when the log is taken up.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from ..config.ids import UserId, conversation_kind
from ..storage.records import HIDDEN_KINDS, Cursors, Entry
from .bodies import KINDS, Block, LetIn, System, decode_body, encode_body
from .commands import EffectDone
from .conversation_effects import Accepted, Effect, Finish, Project, TellUser
from .conversation_log import ConversationLog, Draft
from .direct import Direct
from .progress import Progress
from .revisions import Revisions

#: Kinds that change the state itself; of the others a replay needs the row alone.
_BOOKS = frozenset((KINDS[System], *HIDDEN_KINDS))


@dataclass(slots=True)
class ConversationBooks(ConversationLog):
    """See the module.

    Attributes:
        direct: What the two of a direct conversation do not want of each other.
        revisions: Changes of earlier texts that the store may not show yet.
        progress: Cursors that moved.
    """

    direct: Direct = field(default_factory=Direct)
    revisions: Revisions = field(default_factory=Revisions)
    progress: Progress = field(default_factory=Progress)
    _names: tuple[str, ...] | None = None

    @property
    def kind(self) -> Literal["direct", "group"]:
        """Two people, or a group."""
        return conversation_kind(self.conv)

    @property
    def quiet(self) -> bool:
        """Nothing is under way and nobody waits: the actor may leave memory."""
        return not (self.group.busy or self.progress.moved or self.owes)

    @property
    def owes(self) -> bool:
        """An effect of something durable is not known to be done."""
        return bool(self.revisions.open or self.untold())

    def effect_done(self, m: EffectDone) -> list[Effect]:
        """A member's User has taken a change in."""
        member = self.members.by_user.get(m.user)
        if member is not None:
            member.told = max(member.told, m.seq)
        return self.finish_if_done()

    def finish_if_done(self) -> list[Effect]:
        """`Finish`, once nothing is owed to anybody."""
        if self.unfinished and not (self.group.busy or self.owes):
            self.unfinished = False
            return [Finish()]
        return []

    def projected(self, seq: int) -> list[Effect]:
        """The store shows a text with the change at `seq` in it."""
        self.revisions.done(seq)
        return self.finish_if_done()

    def untold(self) -> list[UserId]:
        """Members whose User has not yet taken in the last change of their line."""
        return [u for u, m in self.members.by_user.items() if m.told < m.changed]

    def retell(self) -> list[Effect]:
        """What is still owed; of members' lines none while something is under way."""
        owed: list[Effect] = [Project(p) for p in self.revisions.pending(self.committed)]
        if not self.group.busy:
            lines = [self._line(user) for user in self.untold()]
            owed += [replace(told, change=replace(told.change, again=True)) for told in lines]
        return owed

    def names(self) -> tuple[str, ...]:
        """The actors of those who are here: `user:ID` each; one object while nothing changes."""
        if self._names is None:
            self._names = tuple(f"user:{user}" for user in self.members.here())
        return self._names

    def missed(self, first: int) -> list[tuple[tuple[str, ...], int]]:
        """Who may have missed what is in the log from `first` on: (actors, up to which seq)."""
        gone = [
            ((f"user:{user}",), until)
            for user, member in self.members.by_user.items()
            if (until := member.spans[-1][1]) is not None and until >= first
        ]
        return [(self.names(), self.committed), *gone]

    def replay(self, entry: Entry) -> None:
        """Take in a durable entry of the tail."""
        self._take(entry)
        sender = UserId(entry.sender)
        if entry.kind in _BOOKS:
            body = decode_body(entry.body)
            assert isinstance(body, System | Block | LetIn)
            if isinstance(body, System):
                self.members.apply(body, sender, entry.seq)
                self._names = None
            self._apply_direct(body, sender, entry.seq)
            # Its effects may not all be done, or the store not know that they are.
            self.unfinished = True
        elif self.direct.asked == sender:
            self._apply_direct(LetIn(), sender, entry.seq)
            self.unfinished = True
        self.unfinished = self.unfinished or entry.target > 0

    def _found(self, body: System, creator: UserId, now_ms: int) -> Accepted:
        return self._write(Draft(body, encode_body(body), creator), now_ms)

    def _hide(self, body: Block | LetIn, sender: UserId, now_ms: int) -> None:
        self._write(Draft(body, encode_body(body), sender), now_ms)

    def _write(self, draft: Draft, now_ms: int) -> Accepted:
        """Give it a seq, and judge what comes next by it; nobody hears of it before its commit."""
        accepted = self._entered(draft, now_ms)
        body, sender = draft.body, draft.sender
        if isinstance(body, System):
            before = self.names()
            changed = self.members.apply(body, sender, self.head)
            self._names = None
            self._apply_direct(body, sender, self.head)
            accepted.changes = [self._line(u) for u in changed]
            if body.ev in ("left", "kicked"):
                accepted.ended = body.users
                # They see up to their leaving, so they are told of it.
                accepted.users = before
            else:
                accepted.users = self.names()
        elif isinstance(body, Block | LetIn):
            accepted.changes = self._apply_direct(body, sender, self.head)
        else:
            accepted.users = self.names()
            if self.direct.asked == sender:
                # Who writes back lets the other one in.
                accepted.changes = self._apply_direct(LetIn(), sender, self.head)
        if accepted.changes and not isinstance(body, System):
            # How far one got is news to the other one, who was not shown it until now.
            member = self.members.by_user[sender]
            self.progress.moved[sender] = Cursors(member.recv, member.read)
        self.group.add(accepted)
        return accepted

    def _apply_direct(
        self, body: System | Block | LetIn, sender: UserId, seq: int
    ) -> list[TellUser]:  # fmt: skip
        self.direct.apply(body, sender)
        if not isinstance(body, LetIn):
            return []
        self.members.by_user[sender].changed = seq
        return [self._line(sender)]

    def _line(self, user: UserId) -> TellUser:
        line = self.members.line(self.conv, user)
        return TellUser(user, replace(line, request=True) if self.direct.asked == user else line)


__all__ = ["ConversationBooks"]
