"""A conversation: event in, effects out. No await, no clock, no chance, no log.

    Post, ChangeGroup, FoundGroup  -> accepted: seq, place in the device's window, members changed
                                   -> Append, when no group is under way
    committed                      -> Answer, FanOut, TellUser, then the next Append
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
from ..storage.records import Cursors, Entry
from .answers import Acked, Deliveries, Delivery, Receipts
from .bodies import KINDS, Body, System, Text, decode_body, encode_body
from .cid_window import CidWindow, Known, digest
from .commands import (
    ChangeGroup,
    Description,
    EffectDone,
    FoundGroup,
    Grant,
    MoveCursor,
    Post,
    ReplyTo,
)
from .content_rules import check_text, check_title, founders
from .conversation_effects import (
    Accepted,
    Answer,
    Append,
    Effect,
    Ended,
    FanOut,
    Finish,
    Reload,
    TellUser,
)
from .group_commit import GroupCommit
from .members import Members, entry_of

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
    #: {user: (recv, read)} that moved since the last receipts.
    moved: dict[UserId, Cursors] = field(default_factory=dict[UserId, Cursors])
    _names: tuple[str, ...] | None = None

    @property
    def kind(self) -> Literal["direct", "group"]:
        """Two people, or a group."""
        return conversation_kind(self.conv)

    @property
    def quiet(self) -> bool:
        """Nothing is under way and nobody waits: the actor may leave memory."""
        return not (self.group.busy or self.moved or self.untold())

    # --- mutations ------------------------------------------------------------------------------

    def post(self, m: Post, now_ms: int) -> list[Effect]:
        """A text from a member, or the first one to a person.

        Raises:
            Refusal: It is not accepted, and uses up nothing.
        """
        encoded = encode_body(m.body)
        content = digest(encoded)
        repeated = self._repeated(m, content)
        if repeated is not None:
            return repeated
        if self.head == 0 and m.to is not None and direct_id(m.user, m.to) == self.conv:
            check_text(m.body, self.limits, self.head)
            self._window(m.device).follow(m.prev)
            self._found(System("created", tuple(sorted((m.user, m.to)))), UserId(""), now_ms)
        else:
            self.members.require_company(m.user, self.kind)
            check_text(m.body, self.limits, self.head)
            self._check_chain(m)
        self._accept(m.body, encoded, content, m, now_ms)
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
            for accepted in self.group.flying + self.group.waiting:
                accepted.askers.append(m.reply)
                break
            return []
        check_title(m.title, self.limits)
        users = founders(m.creator, m.members, self.limits)
        body = System("created", users, title=m.title, history=m.history)
        return self.record(body, m.creator, now_ms, m.reply)

    def record(self, body: System, user: UserId, now_ms: int, *askers: ReplyTo) -> list[Effect]:
        """Accept an entry that is in no device's chain."""
        self._found(body, user, now_ms).askers.extend(askers)
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
            acked = Acked(self.conv, entry.cid, entry.seq, entry.ts, False)
            for asker in accepted.askers:
                # Who founds a group is shown it.
                first = entry.seq == 1
                effects.append(
                    Answer(asker, self.describe(UserId(entry.sender)) if first else acked)
                )
            told.append(Delivery(self.conv, entry, accepted.body, accepted.origin))
            if n + 1 == len(landed) or landed[n + 1].users is not accepted.users:
                # What goes to the same members goes at once; a change of members ends it.
                effects.append(FanOut(accepted.users, Deliveries(tuple(told))))
                told = []
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
        spans = self.members.spans(user, self.committed)
        return Grant(
            self.conv,
            tuple((a, min(b, self.committed)) for a, b in spans if a <= self.committed),
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
                u: (m.role, m.recv, m.read)
                for u, m in self.members.by_user.items()
                if m.here
            },
        )  # fmt: skip

    # --- cursors --------------------------------------------------------------------------------

    def move(self, m: MoveCursor) -> bool:
        """Raise a member's cursor; a cursor beyond the tip is held to it. True when it rose."""
        member = self.members.by_user.get(m.user)
        if member is None or not member.here:
            return False
        seq = min(m.seq, self.committed)
        recv, read = max(member.recv, seq), member.read
        if m.what == "read":
            read = max(read, seq)
        if (recv, read) == (member.recv, member.read):
            return False
        member.recv, member.read = recv, read
        self.moved[m.user] = Cursors(recv, read)
        return True

    def receipts(self) -> tuple[Receipts, dict[UserId, Cursors]]:
        """What moved since the last call: for those who watch, and for the store."""
        moved, self.moved = self.moved, {}
        return (
            Receipts(
                self.conv,
                {u: c.recv for u, c in moved.items()},
                {u: c.read for u, c in moved.items()},
            ),
            moved,
        )

    def effect_done(self, m: EffectDone) -> list[Effect]:
        """A member's User has taken a change in."""
        member = self.members.by_user.get(m.user)
        if member is not None:
            member.told = max(member.told, m.seq)
        return self.finish_if_done()

    def finish_if_done(self) -> list[Effect]:
        """`Finish`, once nothing is owed to anybody."""
        if self.unfinished and not (self.group.busy or self.untold()):
            self.unfinished = False
            return [Finish()]
        return []

    def untold(self) -> list[UserId]:
        """Members whose User has not yet taken in the last change of their line."""
        return [u for u, m in self.members.by_user.items() if m.told < m.changed]

    def retell(self) -> list[Effect]:
        """Every change that is still owed; none while something is under way."""
        if self.group.busy:
            return []
        return [TellUser(user, self.members.line(self.conv, user)) for user in self.untold()]

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
            window = self.windows.get(entry.device)
            if window is None:
                window = self.windows[entry.device] = CidWindow()
            window.accept(Known(entry.cid, entry.seq, entry.ts, digest(entry.body)))
        body = decode_body(entry.body)
        if isinstance(body, System):
            self.members.apply(body, UserId(entry.sender), entry.seq)
            self._names = None
            # Its effects may not all be done, or the store not know that they are.
            self.unfinished = True

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
    ) -> None:
        accepted = self._log(body, encoded, m.user, m.device, m.cid, m.session, now_ms)
        accepted.askers.append(m.reply)
        entry = accepted.entry
        window = self.windows.get(m.device)
        if window is None:
            window = self.windows[m.device] = CidWindow()
        window.accept(Known(m.cid, entry.seq, entry.ts, content))

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
            self.count,
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
        unfinished = any(accepted.changes for accepted in self.group.flying)
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
