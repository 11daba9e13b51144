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

from dataclasses import dataclass, field
from typing import Literal

from ..config.errors import (
    BadRequestError,
    RateLimitedError,
    StoreError,
    StoreRetryableError,
)
from ..config.ids import ConvId, UserId, conversation_kind, direct_id
from ..config.limits import Limits
from ..storage.records import Cursors, Entry, Message
from .answers import Acked, Deliveries, Delivery, Receipts
from .bodies import KINDS, Body, Delete, Edit, React, System, Text, decode_body, encode_body
from .cid_window import CidWindow, Known, digest
from .commands import ChangeGroup, Description, EffectDone, FoundGroup, Grant, MoveCursor, Post
from .content_rules import check_text, check_title, founders
from .conversation_effects import (
    Accepted,
    Answer,
    Append,
    Effect,
    Ended,
    FanOut,
    Finish,
    Look,
    Project,
    Reload,
    TellUser,
)
from .group_commit import GroupCommit
from .members import Members, entry_of
from .progress import Progress
from .revisions import Revisions, check_revision

# --- state --------------------------------------------------------------------------------------


@dataclass(slots=True)
class ConversationState:
    """See the module.

    Attributes:
        epoch: The owner's; every new entry carries it.
        head, count, ts: Of the newest accepted entry.
        committed: The seq of the newest durable entry.
        saved: The seq of the newest snapshot.
        unfinished: The store holds this log in its list of unfinished effects.
        group: What is on its way to the store.
        revisions: Changes of earlier texts that the store may not show yet.
        progress: Cursors that moved.
    """

    conv: ConvId
    epoch: int
    limits: Limits
    members: Members
    head: int = 0
    count: int = 0
    ts: int = 0
    committed: int = 0
    saved: int = 0
    unfinished: bool = False
    #: {device: CidWindow}
    windows: dict[str, CidWindow] = field(default_factory=dict[str, CidWindow])
    group: GroupCommit = field(default_factory=GroupCommit)
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

    # --- mutations ------------------------------------------------------------------------------

    def post(self, m: Post, now_ms: int, found: Message | None = None) -> list[Effect]:
        """A text from a member, the first one to a person, or a change of an earlier text.

        Args:
            found: The text that it changes, as stored, once it was looked up.

        Raises:
            Refusal: It is not accepted, and uses up nothing.
        """
        body, encoded = m.body, encode_body(m.body)
        content = digest(encoded)
        repeated = self._repeated(m, content)
        if repeated is not None:
            return repeated
        if not isinstance(body, Text):
            self.members.require(m.user)
            self.revisions.check(body, m.user, self.members, self.head)
            self._check_chain(m)
            text = self.group.message(body.s) or found
            if text is None:
                return [Look(m)]
            now = self.revisions.now(text)
            check_revision(body, now, m.user, self.members, self.kind, self.limits)
            self.revisions.accept(text, self._accept(body, encoded, content, m, now_ms))
            return self._next_group()
        if self.head == 0 and m.to is not None and direct_id(m.user, m.to) == self.conv:
            check_text(body, self.limits, self.head)
            self._window(m.device).follow(m.prev)
            self._found(System("created", tuple(sorted((m.user, m.to)))), UserId(""), now_ms)
        else:
            self.members.require(m.user)
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
        self._accept(body, encoded, content, m, now_ms)
        return self._next_group()

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
        self._found(body, m.creator, now_ms).askers.append(m.reply)
        return self._next_group()

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
            result: object
            if entry.device:
                result = Acked(self.conv, entry.cid, entry.seq, entry.ts, False)
            else:
                result = None
            for asker in accepted.askers:
                effects.append(Answer(asker, result or self.describe(UserId(entry.sender))))
            told.append(Delivery(self.conv, entry, accepted.body, accepted.origin))
            if n + 1 == len(landed) or landed[n + 1].users is not accepted.users:
                # What goes to the same members goes at once; a change of members ends it.
                effects.append(FanOut(accepted.users, Deliveries(tuple(told))))
                told = []
            if entry.target:
                effects.append(Project(self.revisions.open[entry.seq]))
            if accepted.ended:
                effects.append(Ended(accepted.ended))
        effects.extend(self._next_group())
        return effects

    def fail(self, error: StoreError) -> list[Effect]:
        """The group under way did not become durable, or nobody knows."""
        return [
            *self.group.refusals(error),
            Reload(disown=not isinstance(error, StoreRetryableError)),
        ]

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
        return Description(self.conv, self.kind, self.members.title, self.members.sheet())

    # --- cursors --------------------------------------------------------------------------------

    def move(self, m: MoveCursor) -> bool:
        """Raise a member's cursor; a cursor beyond the tip is held to it. True when it rose."""
        return self.progress.move(self.members, m, self.committed)

    def receipts(self) -> tuple[Receipts, dict[UserId, Cursors]]:
        """What moved since the last call: for those who watch, and for the store."""
        return self.progress.take(self.conv)

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
            owed += [TellUser(u, self.members.line(self.conv, u)) for u in self.untold()]
        return owed

    def names(self) -> tuple[str, ...]:
        """The actors of those who are here: `user:ID` each; one object while nothing changes."""
        if self._names is None:
            self._names = tuple(f"user:{user}" for user in self.members.here())
        return self._names

    def replay(self, entry: Entry) -> None:
        """Take in a durable entry of the tail."""
        self.head = self.committed = entry.seq
        self.count, self.ts = entry.count, entry.ts
        if entry.device:
            self._took(entry, digest(entry.body))
        if entry.kind == KINDS[System]:
            body = decode_body(entry.body)
            assert isinstance(body, System)
            self.members.apply(body, UserId(entry.sender), entry.seq)
            self._names = None
        # Effects may not all be done, or the store not know that they are.
        self.unfinished = self.unfinished or entry.kind == KINDS[System] or entry.target > 0

    def _repeated(self, m: Post | ChangeGroup, content: bytes) -> list[Effect] | None:
        window = self.windows.get(m.device)
        if window is None:
            return None
        known = window.find(m.cid, content)
        if known is None:
            return None
        accepted = self.group.find(m.device, m.cid)
        if accepted is not None:
            if m.reply not in accepted.askers:
                accepted.askers.append(m.reply)
            return []
        return [Answer(m.reply, Acked(self.conv, m.cid, known.seq, known.ts, True))]

    def _check_chain(self, m: Post | ChangeGroup) -> None:
        if self.group.unacked(m.device) >= self.limits.unacked:
            raise RateLimitedError(
                f"At most {self.limits.unacked} messages may wait for their commit.", retry_ms=100
            )
        self._window(m.device).follow(m.prev)

    def _window(self, device: str) -> CidWindow:
        return self.windows.get(device) or CidWindow()

    def _found(self, body: System, creator: UserId, now_ms: int) -> Accepted:
        return self._log(body, encode_body(body), creator, "", 0, "", now_ms)

    def _accept(
        self, body: Body, encoded: bytes, content: bytes, m: Post | ChangeGroup, now_ms: int
    ) -> Entry:
        accepted = self._log(body, encoded, m.user, m.device, m.cid, m.session, now_ms)
        accepted.askers.append(m.reply)
        self._took(accepted.entry, content)
        return accepted.entry

    def _took(self, entry: Entry, content: bytes) -> None:
        window = self.windows.get(entry.device)
        if window is None:
            window = self.windows[entry.device] = CidWindow()
        window.accept(Known(entry.cid, entry.seq, entry.ts, content))

    def _log(
        self,
        body: Body,
        encoded: bytes,
        sender: UserId,
        device: str,
        cid: int,
        origin: str,
        now_ms: int,
    ) -> Accepted:
        self.head += 1
        self.ts = max(self.ts, now_ms)
        if isinstance(body, Text):
            self.count += 1
        entry = Entry(
            self.head, self.epoch, device, cid, sender, self.ts, KINDS[type(body)], encoded,
            self.count, body.s if isinstance(body, (Edit, Delete, React)) else 0,
        )  # fmt: skip
        accepted = Accepted(entry, body, origin, (), [], [])
        if isinstance(body, System):
            before = self.names()
            changed = self.members.apply(body, sender, self.head)
            self._names = None
            accepted.changes = [TellUser(u, self.members.line(self.conv, u)) for u in changed]
            if body.ev in ("left", "kicked"):
                accepted.ended = body.users
                # They see up to their leaving, so they are told of it.
                accepted.users = before
            else:
                accepted.users = self.names()
        else:
            accepted.users = self.names()
        self.group.add(accepted)
        return accepted

    def _next_group(self) -> list[Effect]:
        if self.group.flying or not self.group.waiting:
            return []
        self.group.cut()
        unfinished = any(a.changes or a.entry.target for a in self.group.flying)
        self.unfinished = self.unfinished or unfinished
        return [
            Append(
                [accepted.entry for accepted in self.group.flying],
                unfinished,
                # The state is that of the group's end only when nothing waits behind it.
                snapshot_due=not self.group.waiting
                and self.head - self.saved >= self.limits.snapshot_every,
            )
        ]


__all__ = ["ConversationState"]
