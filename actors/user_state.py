"""A user: who of the devices is here, and what the private log holds. Pure: event in, effects out.

The private log (`self`) is a log like any other, with this actor as its writer. It holds what
changed in the user's own lists, so its head is the version of the list (`lv`), and the groups the
user asked for, so that asking again finds the same one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..config.ids import ConvId, DeviceId, UserId, group_id
from ..config.limits import Limits
from ..storage.records import Entry
from .bodies import KINDS, SelfEntry, decode_body, encode_body
from .cid_window import CidWindow, Known, digest
from .commands import CreateGroup, FoundGroup, ListChange, ReplyTo
from .content_rules import check_title, founders
from .ports import Connection


@dataclass(frozen=True, slots=True)
class Replaced:
    """This older connection of the same device must close; None for silently."""

    connection: Connection
    code: Literal[1001, 4409]


@dataclass(slots=True)
class UserState:
    """See the module.

    Attributes:
        epoch: The owner's of the private log.
        head, ts: Of the newest durable entry of the private log.
        saved: The seq of its newest snapshot.
        online: What watchers were told last.
    """

    user: UserId
    epoch: int
    limits: Limits
    head: int = 0
    ts: int = 0
    saved: int = 0
    online: bool = False
    #: {session: Connection}: those that are pushed to.
    sessions: dict[str, Connection] = field(default_factory=dict[str, Connection])
    #: {device: CidWindow} of this user's own requests.
    windows: dict[str, CidWindow] = field(default_factory=dict[str, CidWindow])
    #: {group: what was asked for}: those that are not known to be founded.
    creating: dict[str, SelfEntry] = field(default_factory=dict[str, SelfEntry])

    # --- devices --------------------------------------------------------------------------------

    def attach(self, connection: Connection) -> list[Replaced] | None:
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

    def mine(self, device: DeviceId) -> int:
        """The last cid of the device's own requests here."""
        window = self.windows.get(device)
        return window.last if window is not None else 0

    # --- the private log ------------------------------------------------------------------------

    def replay(self, entry: Entry) -> None:
        """Take in a durable entry of the private log."""
        self.head, self.ts = entry.seq, entry.ts
        body = decode_body(entry.body)
        assert isinstance(body, SelfEntry)
        if entry.device:
            window = self.windows.setdefault(entry.device, CidWindow())
            window.accept(Known(entry.cid, entry.seq, entry.ts, digest(entry.body)))
        if body.ev == "create":
            self.creating[body.conv] = body
        else:
            # The creator's own line shows that the group stands.
            self.creating.pop(body.conv, None)

    def entry(self, body: SelfEntry, device: str, cid: int, now_ms: int) -> Entry:
        """The next entry of the private log; it counts once it is durable and replayed."""
        return Entry(
            self.head + 1,
            self.epoch,
            device,
            cid,
            self.user,
            max(self.ts, now_ms),
            KINDS[SelfEntry],
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
        window = self.windows.get(m.device) or CidWindow()
        entry = self.entry(body, m.device, m.cid, now_ms)
        if window.find(m.cid, digest(entry.body)) is not None:
            return None
        check_title(m.title, self.limits)
        founders(self.user, m.members, self.limits)
        window.follow(m.prev)
        return entry

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


__all__ = ["Replaced", "UserState"]
