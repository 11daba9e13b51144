"""A user: who of the devices is here, and what the private log holds. Pure: event in, effects out.

The private log (`self`) is a log like any other, with this actor as its writer. It holds what
changed in the user's own lists, so its head is the version of the list (`lv`), and the groups the
user asked for, so that asking again finds the same one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..config.errors import RateLimitedError
from ..config.ids import ConvId, DeviceId, UserId, group_id
from ..config.limits import Limits
from ..storage.records import Entry
from .answers import Event
from .bodies import KINDS, MuteFact, PersonFact, Private, SelfEntry, decode_body, encode_body
from .cid_window import CidWindow, Known, digest
from .commands import CreateGroup, FoundGroup, ListChange, ReplyTo, UserAct
from .content_rules import check_title, founders
from .ports import Attachment
from .requests import AskContact, BlockPerson, MuteConv

#: The most facts about people whose effects are not done yet.
MOST_OWED = 64


@dataclass(frozen=True, slots=True)
class Replaced:
    """This older connection of the same device must close; None for silently."""

    connection: Attachment
    code: Literal[1001, 4409]


@dataclass(slots=True)
class UserState:
    """See the module.

    Attributes:
        epoch: The owner's of the private log.
        head, ts: Of the newest durable entry of the private log.
        saved: The seq of its newest snapshot.
    """

    user: UserId
    epoch: int
    limits: Limits
    head: int = 0
    ts: int = 0
    saved: int = 0
    #: {session: Attachment}: those that are pushed to.
    sessions: dict[str, Attachment] = field(default_factory=dict[str, Attachment])
    #: {device: CidWindow} of this user's own requests.
    windows: dict[str, CidWindow] = field(default_factory=dict[str, CidWindow])
    #: {group: what was asked for}: those that are not known to be founded.
    creating: dict[str, SelfEntry] = field(default_factory=dict[str, SelfEntry])
    #: {seq: PersonFact}, in order: those whose effects elsewhere are not known to be done.
    owed: dict[int, PersonFact] = field(default_factory=dict[int, PersonFact])

    # --- devices --------------------------------------------------------------------------------

    def attach(self, connection: Attachment) -> list[Replaced] | None:
        """Push to this connection from now on; attaching it again changes nothing.

        Returns: the connections of the same device that it replaces; None when it is itself older
            than one that is here, and must not be attached.
        """
        replaced: list[Replaced] = []
        for other in self.sessions.values():
            if other.device != connection.device or other.session == connection.session:
                continue
            same_start = bool(connection.inst) and other.inst == connection.inst
            if same_start and connection.attempt < other.attempt:
                return None
            replaced.append(Replaced(other, 1001 if same_start else 4409))
        for old in replaced:
            del self.sessions[old.connection.session]
        self.sessions[connection.session] = connection
        return replaced

    def detach(self, session: str) -> bool:
        """Push to it no longer; True when that was the last one."""
        return self.sessions.pop(session, None) is not None and not self.sessions

    def push(self, event: Event) -> None:
        """To every device that is here."""
        for connection in self.sessions.values():
            connection.outbox.push(event)

    def mine(self, device: DeviceId) -> int:
        """The last cid of the device's own requests here."""
        window = self.windows.get(device)
        return window.last if window is not None else 0

    # --- the private log ------------------------------------------------------------------------

    def replay(self, entry: Entry) -> None:
        """Take in a durable entry of the private log."""
        self.head, self.ts = entry.seq, entry.ts
        if entry.device:
            window = self.windows.setdefault(entry.device, CidWindow())
            window.accept(Known(entry.cid, entry.seq, entry.ts, digest(entry.body)))
        body = decode_body(entry.body)
        match body:
            case SelfEntry(ev="create"):
                self.creating[body.conv] = body
            case SelfEntry():
                # The creator's own line shows that the group stands.
                self.creating.pop(body.conv, None)
            case PersonFact():
                self.owed[entry.seq] = body
            case _:
                assert isinstance(body, MuteFact)

    def entry(self, body: Private, device: str, cid: int, now_ms: int) -> Entry:
        """The next entry of the private log; it counts once it is durable and replayed."""
        return Entry(
            self.head + 1,
            self.epoch,
            device,
            cid,
            self.user,
            max(self.ts, now_ms),
            KINDS[type(body)],
            encode_body(body),
            0,
        )

    def create(self, m: CreateGroup, now_ms: int) -> Entry | None:
        """The entry that remembers a new group, or None when it was asked for before.

        Raises:
            Refusal: It is out of its device's order, or what the group's actor would refuse: that
                must be known here, since what is in the log has used up its cid.
        """
        body = self.wish(m)
        if self.repeated(m, body) is not None:
            return None
        check_title(m.title, self.limits)
        founders(self.user, m.members, self.limits)
        self._window(m.device).follow(m.prev)
        return self.entry(body, m.device, m.cid, now_ms)

    def repeated(self, m: CreateGroup | UserAct, body: Private) -> int | None:
        """The seq of the entry that this one repeats, or None when it is new.

        Raises:
            CidUsedError, CidOldError: See `CidWindow.find`.
        """
        known = self._window(m.device).find(m.cid, digest(encode_body(body)))
        return None if known is None else known.seq

    def act(self, m: UserAct, now_ms: int) -> Entry:
        """The entry of an act that is no repetition.

        Raises:
            ResendError: It is out of its device's order.
            RateLimitedError: Too many effects of earlier ones are not done yet.
        """
        self._window(m.device).follow(m.prev)
        if len(self.owed) >= MOST_OWED:
            raise RateLimitedError("Too much at once; try again.", retry_ms=1000)
        return self.entry(fact_of(m), m.device, m.cid, now_ms)

    def _window(self, device: str) -> CidWindow:
        return self.windows.get(device) or CidWindow()

    def wish(self, m: CreateGroup) -> SelfEntry:
        """What a request to create asks for."""
        conv = group_id(m.device, m.cid)
        return SelfEntry("create", conv, 0, m.title, m.members, m.history)

    def founding(self, wish: SelfEntry, reply: ReplyTo) -> FoundGroup:
        """What the group's actor is told."""
        return FoundGroup(reply, self.user, wish.title, wish.members, wish.history)

    def list_entry(self, m: ListChange, now_ms: int) -> Entry:
        """The entry that makes a changed line of the list known."""
        return self.entry(SelfEntry("list", ConvId(m.conv), m.conv_seq), "", 0, now_ms)


def fact_of(m: UserAct) -> PersonFact | MuteFact:
    """What the private log says of an act: what was asked for, so a repeat is known by it."""
    match m.act:
        case BlockPerson(user=user, on=on):
            return PersonFact("block" if on else "unblock", user)
        case AskContact(user=user, do=do):
            return PersonFact(do, user)
        case MuteConv(conv=conv, until=until):
            return MuteFact(conv, until)


__all__ = ["MOST_OWED", "Replaced", "UserState", "fact_of"]
