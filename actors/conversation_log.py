"""A conversation's log, as its owner writes it: seqs, cids in their order, groups of entries. Pure.

accepted -> its seq, its place in the device's window -> waits, or is under way -> durable
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..config.errors import RateLimitedError, StoreError, StoreRetryableError
from ..config.ids import ConvId, UserId
from ..config.limits import Limits
from ..storage.records import Entry
from .answers import Acked, Done
from .bodies import KINDS, Body, Delete, Edit, React, Text
from .cid_window import CidWindow, Known, digest
from .commands import ChangeGroup, Post, ReplyTo
from .conversation_effects import Accepted, Answer, Append, Effect, Reload, TellHead
from .group_commit import GroupCommit
from .members import Members


@dataclass(slots=True)
class Draft:
    """An entry before it has a seq. Not frozen: one is made for each message, and that costs less.

    Attributes:
        encoded: The body's bytes in the store.
        device, cid: Of the chain that it is in; "" and 0 for none.
        origin: The session that sent it, which gets the answer instead of the push; "" for none.
    """

    body: Body
    encoded: bytes
    sender: UserId
    device: str = ""
    cid: int = 0
    origin: str = ""


@dataclass(slots=True)
class ConversationLog:
    """What a ConversationState knows of its log; it decides what is written.

    Attributes:
        epoch: The owner's; every new entry carries it.
        head, count, ts: Of the newest accepted entry.
        committed: The seq of the newest durable entry.
        saved: The seq of the newest snapshot.
        unfinished: The store holds this log in its list of unfinished effects.
        doubted: A repeated send has been answered: the members were told the head for it.
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
    doubted: bool = False
    #: {device: CidWindow}
    windows: dict[str, CidWindow] = field(default_factory=dict[str, CidWindow])
    group: GroupCommit = field(default_factory=GroupCommit)

    def fail(self, error: StoreError) -> list[Effect]:
        """The group under way did not become durable, or nobody knows."""
        return [
            *self.group.refusals(error),
            Reload(disown=not isinstance(error, StoreRetryableError)),
        ]

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
        again: Effect = Answer(m.reply, Acked(self.conv, m.cid, known.seq, known.ts, True))
        if self.doubted:
            return [again]
        # Its first ack was lost, and so, perhaps, was what the others were to be pushed.
        self.doubted = True
        return [again, TellHead()]

    def _check_chain(self, m: Post | ChangeGroup) -> None:
        if self.group.unacked(m.device) >= self.limits.unacked:
            raise RateLimitedError(
                f"At most {self.limits.unacked} messages may wait for their commit.", retry_ms=100
            )
        self._window(m.device).follow(m.prev)

    def _window(self, device: str) -> CidWindow:
        return self.windows.get(device) or CidWindow()

    def _entered(self, draft: Draft, now_ms: int) -> Accepted:
        body = draft.body
        self.head += 1
        self.ts = max(self.ts, now_ms)
        if isinstance(body, Text):
            self.count += 1
        entry = Entry(
            self.head, self.epoch, draft.device, draft.cid, draft.sender, self.ts,
            KINDS[type(body)], draft.encoded, self.count,
            body.s if isinstance(body, (Edit, Delete, React)) else 0,
        )  # fmt: skip
        return Accepted(entry, body, draft.origin, (), [], [])

    def _know(self, entry: Entry, content: bytes) -> None:
        window = self.windows.get(entry.device)
        if window is None:
            window = self.windows[entry.device] = CidWindow()
        window.accept(Known(entry.cid, entry.seq, entry.ts, content))

    def _take(self, entry: Entry) -> None:
        """A durable entry of the tail is the newest one."""
        self.head = self.committed = entry.seq
        self.count, self.ts = entry.count, entry.ts
        if entry.device:
            self._know(entry, digest(entry.body))

    def _when_durable(self, reply: ReplyTo) -> list[Effect]:
        last = (self.group.waiting or self.group.flying)[-1:]
        if not last:
            return [Answer(reply, Done())]
        last[0].waiters.append(reply)
        return self._next_group()

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
                ended={user: a.entry.seq for a in self.group.flying for user in a.ended},
            )
        ]


__all__ = ["ConversationLog", "Draft"]
