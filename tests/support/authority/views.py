"""The model's views: what a device is shown, when it asks, of people and of conversations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.support.authority.people import Person, may_know
from tests.support.authority.rooms import Denied, Frame, Room


@dataclass(eq=False, repr=False)
class Phone:
    """A connection: whose, and what is on its screen.

    Attributes:
        convs: Those of the conversations it looks at that it may look at.
        typed: {conversation: when it last was heard to be typing there}
    """

    id: str
    person: Person
    users: list[str] = field(default_factory=list[str])
    convs: set[str] = field(default_factory=set[str])
    typed: dict[str, float] = field(default_factory=dict[str, float])

    def __repr__(self) -> str:
        return f"{self.person}'s {self.id.split('_')[1]}"


class Views:
    """Everybody and everything there is.

    Attributes:
        phones: Those that are connected.
        push_limit: The largest conversation in which everybody is told who comes and goes.
    """

    def __init__(self, push_limit: int) -> None:
        self.people: dict[str, Person] = {}
        self.rooms: dict[str, Room] = {}
        self.phones: list[Phone] = []
        self.now_s, self.now_ms = 0.0, 0
        self.push_limit = push_limit

    def of(self, users: Iterable[str]) -> list[Phone]:
        """The devices of these."""
        wanted = set(users)
        return [phone for phone in self.phones if phone.person.id in wanted]

    def looking(self, room: Room) -> list[Phone]:
        """Those that have the conversation on the screen, and may."""
        return [phone for phone in self.phones if room.id in phone.convs]

    def sheet(self, phone: Phone, room: Room) -> Frame:
        """Who is in it, as a member sees that."""
        room.require(phone.person.id)
        members: list[Frame] = []
        for user in room.here():
            member = room.members[user]
            line: Frame = {"u": user, "name": self.people[user].shown_name, "role": member.role}
            shown = sees(room, user, phone)
            line["recv"], line["read"] = (member.recv, member.read) if shown else (0, 0)
            members.append(line)
        sheet = {"t": "conv", "c": room.id, "kind": room.kind, "title": room.title}
        return sheet | {"members": members}

    def sight(self, user: str, phone: Phone) -> str:
        """How much of somebody's presence is for this device: told, asked or hidden."""
        other = phone.person.id
        sizes = [
            len(room.here())
            for room in self.rooms.values()
            if {user, other} <= set(room.here()) and room.asked != user
        ]
        one, limit = self.people[user], self.push_limit
        return may_know(one, phone.person, min(sizes, default=None), limit)

    def states(self, phone: Phone, users: list[str]) -> list[Frame]:
        """The presence of those of these people that may be asked for."""
        if not set(users) <= set(self.people):
            raise Denied("not_found")
        return [
            self.state(self.people[user])
            for user in dict.fromkeys(users)
            if self.sight(user, phone) != "hidden"
        ]

    def state(self, person: Person) -> Frame:
        """Somebody's presence just now."""
        st, seen = ("on", self.now_ms) if person.online else ("off", person.seen_ms)
        return {"t": "pres", "u": person.id, "st": st, "seen": seen}

    def list_of(self, phone: Phone) -> tuple[dict[str, Frame], dict[str, int]]:
        """{conversation: its line}, {conversation left: the last seq that is readable}"""
        lines: dict[str, Frame] = {}
        gone: dict[str, int] = {}
        for room in self.rooms.values():
            member = room.members.get(phone.person.id)
            if member is None:
                continue
            if member.here:
                lines[room.id] = self._line(phone, room)
            else:
                gone[room.id] = member.spans[-1][1] or 0
        return lines, gone

    def _line(self, phone: Phone, room: Room) -> Frame:
        me = phone.person.id
        member = room.members[me]
        line: Frame = {
            "c": room.id, "kind": room.kind, "title": room.title, "head": room.head,
            "n": room.count(room.head), "nread": room.count(member.read), "read": member.read,
            "recv": member.recv, "mine": room.last_cid.get(phone.id, 0), "role": member.role,
        }  # fmt: skip
        if room.kind == "direct":
            (peer,) = set(room.members) - {me}
            line |= {"u": peer, "title": self.people[peer].shown_name}
        if room.asked == me:
            line["request"] = True
        if member.mute:
            line["mute"] = member.mute
        for seq in range(room.head, 0, -1):
            shown = room.shown(me, seq) if not room.log[seq - 1].changes else None
            if shown is not None:
                return line | {"last": {field: shown[field] for field in ("s", "from", "ts", "b")}}
        return line


def sees(room: Room, user: str, phone: Phone) -> bool:
    """Whether what `user` reads and writes there is for whom the device belongs to."""
    return room.lets_see(user, phone.person.id)


__all__ = ["Phone", "Views", "sees"]
