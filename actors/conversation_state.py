"""A conversation: event in, effects out. No await, no clock, no chance, no log.

    Post of a change of a text     -> Look, when the text is not at hand; then as the others
    Post, ChangeGroup, FoundGroup  -> accepted: seq, place in the device's window, members changed
                                   -> Append, when no group is under way
    committed                      -> Answer, FanOut, TellUser, Project, then the next Append
    failed                         -> Refuse everybody, in order, then Reload

What is accepted is in the state at once, so the next one is judged by it; nobody hears of it
before its commit. If a commit fails, the whole state is dropped and read again from the store.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..config.errors import (
    BadRequestError,
    ForbiddenError,
)
from ..config.ids import UserId, direct_id
from ..storage.records import Cursors, Entry, Message
from .answers import Acked, Deliveries, Delivery, Done, Receipts
from .bodies import Block, Body, LetIn, System, Text, encode_body
from .cid_window import digest
from .commands import (
    AcceptRequest,
    ChangeGroup,
    Description,
    FoundGroup,
    Grant,
    MoveCursor,
    Post,
    ReplyTo,
    SetBlock,
)
from .content_rules import check_text, check_title, founders
from .conversation_books import ConversationBooks
from .conversation_effects import (
    Answer,
    Effect,
    Ended,
    FanOut,
    Look,
    Project,
)
from .conversation_log import Draft
from .door import Door
from .members import entry_of
from .revisions import check_revision


@dataclass(slots=True)
class ConversationState(ConversationBooks):
    """See the module."""

    # --- mutations ------------------------------------------------------------------------------

    def begins(self, m: Post) -> bool:
        """Whether this is the first message to a person: how is it received there?"""
        unknown = m.to is not None and not self.members.by_user and isinstance(m.body, Text)
        return unknown and m.to is not None and direct_id(m.user, m.to) == self.conv

    def post(
        self, m: Post, now_ms: int, found: Message | None = None, door: Door = "open"
    ) -> list[Effect]:
        """A text from a member, the first one to a person, or a change of an earlier text.

        Args:
            found: The text that it changes, as stored, once it was looked up.
            door: How the person receives a first one.

        Raises:
            Refusal: It is not accepted, and uses up nothing.
        """
        body, encoded = m.body, encode_body(m.body)
        content = digest(encoded)
        repeated = self._repeated(m, content)
        if repeated is not None:
            return repeated
        begins = self.begins(m)
        if not begins:
            # Before the block: a stranger learns nothing of the two.
            self.members.require(m.user)
        self.direct.check(m.user)
        if not isinstance(body, Text):
            self.revisions.check(body, m.user, self.members, self.head)
            self._check_chain(m)
            text = self.group.message(body.s) or found
            if text is None:
                return [Look(m)]
            now = self.revisions.now(text)
            check_revision(body, now, m.user, self.members, self.kind, self.limits)
            self.revisions.accept(text, self._accept(body, encoded, content, m, now_ms))
            return self._next_group()
        if begins and m.to is not None:
            if door == "closed":
                raise ForbiddenError("This person does not take messages from strangers.")
            check_text(body, self.limits, self.head)
            self._window(m.device).follow(m.prev)
            asked = m.to if door == "request" else None
            created = System("created", tuple(sorted((m.user, m.to))), asked=asked)
            self._found(created, UserId(""), now_ms)
        else:
            self.members.check_company(self.kind)
            check_text(body, self.limits, self.head)
            self._check_chain(m)
        self._accept(body, encoded, content, m, now_ms)
        return self._next_group()

    def change(self, m: ChangeGroup, now_ms: int) -> list[Effect]:
        """A change of a group by one of its members.

        Raises:
            Refusal: It is not accepted, and uses up nothing.
        """
        body = entry_of(m.user, m.change)
        encoded = encode_body(body)
        content = digest(encoded)
        repeated = self._repeated(m, content)
        if repeated is not None:
            return repeated
        self.members.require(m.user)
        if self.kind == "direct":
            raise BadRequestError("This is a conversation of two people; it does not change.")
        if body.title is not None:
            check_title(body.title, self.limits)
        self.members.check(m.user, m.change)
        self._check_chain(m)
        # Its answer has no seq, so the entry is pushed to the device that asked, too.
        self._accept(body, encoded, content, replace(m, session=""), now_ms)
        return self._next_group()

    def set_block(self, m: SetBlock, now_ms: int) -> list[Effect]:
        """One of the two takes nothing from the other, or does again."""
        if self.direct.news(m.user, m.at):
            self._hide(Block(m.on, m.at), m.user, now_ms)
        return self._when_durable(m.reply)

    def let_in(self, m: AcceptRequest, now_ms: int) -> list[Effect]:
        """One who was asked lets the other one in."""
        if self.direct.asked == m.user:
            self._hide(LetIn(), m.user, now_ms)
        return self._when_durable(m.reply)

    def found(self, m: FoundGroup, now_ms: int) -> list[Effect]:
        """A new group; asked again, the answer is what it is now.

        Raises:
            Refusal: The title or the members are not right.
        """
        if self.committed > 0:
            return [Answer(m.reply, self.describe(m.creator))]
        if self.head > 0:
            (*self.group.flying, *self.group.waiting)[0].askers.append(m.reply)
            return []
        check_title(m.title, self.limits)
        users = founders(m.creator, m.members, self.limits)
        body = System("created", users, title=m.title, history=m.history)
        return self.record(body, m.creator, now_ms, m.reply)

    def record(self, body: System, user: UserId, now_ms: int, *askers: ReplyTo) -> list[Effect]:
        """Accept an entry that is in no device's chain."""
        self._found(body, user, now_ms).askers.extend(askers)
        return self._next_group()

    def _accept(
        self, body: Body, encoded: bytes, content: bytes, m: Post | ChangeGroup, now_ms: int
    ) -> Entry:
        draft = Draft(body, encoded, m.user, m.device, m.cid, m.session)
        accepted = self._write(draft, now_ms)
        accepted.askers.append(m.reply)
        self._know(accepted.entry, content)
        return accepted.entry

    # --- outcomes -------------------------------------------------------------------------------

    def commit(self) -> list[Effect]:
        """The group under way is durable."""
        landed = self.group.land()
        # First of all: a User takes messages in order, so who is pushed the entry, or answered,
        # finds the conversation in the own list.
        effects: list[Effect] = [change for accepted in landed for change in accepted.changes]
        told: list[Delivery] = []
        for n, accepted in enumerate(landed):
            entry = accepted.entry
            self.committed = entry.seq
            acked = Acked(self.conv, entry.cid, entry.seq, entry.ts, False)
            for asker in accepted.askers:
                # Who founds a group is shown it.
                founded = entry.seq == 1
                effects.append(
                    Answer(asker, self.describe(UserId(entry.sender)) if founded else acked)
                )
            effects.extend(Answer(waiter, Done()) for waiter in accepted.waiters)
            if accepted.users:
                told.append(Delivery(self.conv, entry, accepted.body, accepted.origin))
            if told and (n + 1 == len(landed) or landed[n + 1].users is not accepted.users):
                # What goes to the same members goes at once; a change of members ends it.
                effects.append(FanOut(accepted.users, Deliveries(tuple(told))))
                told = []
            if entry.target:
                effects.append(Project(self.revisions.open[entry.seq]))
            if accepted.ended:
                effects.append(Ended(accepted.ended))
        effects.extend(self._next_group())
        return effects

    # --- reading --------------------------------------------------------------------------------

    def grant(self, user: UserId) -> Grant:
        """What a user may read: only what is durable.

        Raises:
            NotFoundError: Never was a member.
        """
        return Grant(
            self.conv,
            self.members.spans(user, self.committed),
            self.revisions.pending(self.committed),
            left=not self.members.by_user[user].here,
        )

    def describe(self, user: UserId) -> Description:
        """The conversation as a member sees it.

        Raises:
            Refusal: Not a member.
        """
        self.members.require(user)
        return Description(
            self.conv,
            self.kind,
            self.members.title,
            {
                u: (m.role, m.recv, m.read) if self.direct.shows(u, user) else (m.role, 0, 0)
                for u, m in self.members.by_user.items()
                if m.here
            },
        )  # fmt: skip

    # --- cursors --------------------------------------------------------------------------------

    def move(self, m: MoveCursor) -> bool:
        """Raise a member's cursor; a cursor beyond the tip is held to it. True when it rose."""
        return self.progress.move(self.members, m, self.committed)

    def receipts(self) -> tuple[Receipts, dict[UserId, Cursors]]:
        """What moved since the last call: for those who watch, and for the store."""
        return self.progress.take(self.conv)

    def receipts_for(self, user: UserId, receipts: Receipts) -> Receipts | None:
        """What of these is for a watcher's eyes; None for nothing."""
        seen = [u for u in receipts.recv if self.direct.shows(u, user)]
        if len(seen) == len(receipts.recv):
            return receipts
        return receipts.of(*seen) if seen else None


__all__ = ["ConversationState"]
