"""Any order of requests of all kinds, by everybody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.support.authority.both import Both
from tests.support.authority.people import Person
from tests.support.authority.rooms import Frame
from tests.support.authority.views import Phone
from tests.support.authority.world import LIMITS

T = TypeVar("T")

#: Conversations that nobody ever was in.
NOWHERE = "g_" + "a" * 26
#: As many devices as it takes to have several of a person, and no more.
MOST_PHONES = 8
#: A device knows this many of its last requests again; the server knows more.
KEPT = 8

#: After so many steps everybody reads everything.
LOOK_EVERY = 12

EMOJI = ("👍", "🎉", "")
CHANGES = ("invite", "invite", "kick", "kick", "leave", "role", "rename")
ROLES = ("owner", "admin", "member")


class Authority(RuleBasedStateMachine):
    """Everything that happens, happens to the server and to the model; they must agree."""

    def __init__(self) -> None:
        super().__init__()
        self.both = Both()
        self.model = self.both.model
        self._words = 0
        self._labels = 0
        self._steps = 0
        people = list(self.model.people.values())
        for person in (*people, *people[:2]):
            self._connect(person)
        # So that something can go wrong from the first step on.
        ana, bo, cy, dee, eve, *_ = self.both.phones
        self._mutate(ana, None, _founding("A group", bo.person, cy.person))
        (group,) = self.model.rooms
        for phone in (ana, bo, cy):
            body = {"k": "text", "text": self._fresh()}
            self._mutate(phone, group, {"t": "send", "c": group, "b": body})
        for one, other in ((bo, ana), (cy, ana), (dee, eve)):
            self._say_to(one, other.person)
        for phone in self.both.phones:
            self._watch(phone, [person.id for person in people])

    def teardown(self) -> None:
        self.both.close()

    # --- choosing -------------------------------------------------------------------------------

    def _one(self, data: st.DataObject, choices: Sequence[T]) -> T:
        # By its place, for what is printed of a failure; `Both` notes what was chosen.
        place: int = data.draw(st.integers(0, len(choices) - 1))
        return choices[place]

    def _mostly(self, data: st.DataObject) -> bool:
        fourth: int = data.draw(st.integers(0, 3))
        return fourth > 0

    def _phone(self, data: st.DataObject) -> Phone:
        return self._one(data, self.both.phones)

    def _person(self, data: st.DataObject) -> Person:
        return self._one(data, list(self.model.people.values()))

    def _some(self, data: st.DataObject) -> list[str]:
        people = list(self.model.people)
        return data.draw(st.lists(st.sampled_from(people), min_size=1, max_size=3, unique=True))

    def _conv(self, data: st.DataObject, phone: Phone | None = None) -> str:
        """Mostly one that the device's user is or was in."""
        rooms = list(self.model.rooms.values())
        if phone is not None and self._mostly(data):
            rooms = [room for room in rooms if phone.person.id in room.members] or rooms
        return self._one(data, [*(room.id for room in rooms), NOWHERE])

    def _seq(self, data: st.DataObject, conv: str) -> int:
        """Mostly that of a text."""
        room = self.model.rooms.get(conv)
        if room is None:
            return 1
        texts = [seq for seq, line in enumerate(room.log, 1) if line.text is not None]
        if texts and self._mostly(data):
            return self._one(data, texts)
        return data.draw(st.integers(1, room.head + 1))

    def _fresh(self) -> str:
        self._words += 1
        return f"words {self._words}"

    def _connect(self, person: Person) -> None:
        self._labels += 1
        self.both.connect(person, f"d{self._labels}")

    def _mutate(self, phone: Phone, conv: str | None, frame: Frame) -> Frame | None:
        cid = self.model.next_cid(phone, conv)
        return self.both.ask(phone, {"cid": cid, "prev": cid - 1} | frame)

    def _say_to(self, phone: Phone, other: Person) -> None:
        body = {"k": "text", "text": self._fresh()}
        conv = self._direct(phone, other)
        self._mutate(phone, conv, {"t": "send", "to": other.id, "b": body})

    def _direct(self, phone: Phone, other: Person) -> str:
        for room in self.model.rooms.values():
            if room.kind == "direct" and {phone.person.id, other.id} == set(room.members):
                return room.id
        return ""

    def _texts(self) -> list[Frame]:
        """All that stand, as they were written."""
        lines = [line for room in self.model.rooms.values() for line in room.log]
        return [line.frame for line in lines if line.frame and line.text and not line.text.deleted]

    def _peers(self, phone: Phone) -> list[Person]:
        """Those with whom there is a conversation of two."""
        me, rooms = phone.person.id, self.model.rooms.values()
        pairs = [set(room.members) for room in rooms if room.kind == "direct"]
        return [self.model.people[user] for p in pairs if me in p for user in sorted(p - {me})]

    def _watch(self, phone: Phone, users: list[str]) -> None:
        """People, and as much of the own conversations as is let."""
        rooms = [r.id for r in self.model.rooms.values() if phone.person.id in r.members]
        watched = rooms[-LIMITS.watch_convs :]
        self.both.ask(phone, {"t": "watch", "users": users, "convs": watched})

    # --- messages -------------------------------------------------------------------------------

    @rule(data=st.data())
    def say(self, data: st.DataObject) -> None:
        phone = self._phone(data)
        conv = self._conv(data, phone)
        body: Frame = {"k": "text", "text": self._fresh()}
        if data.draw(st.booleans()):
            body["re_s"] = self._seq(data, conv)
        self._mutate(phone, conv, {"t": "send", "c": conv, "b": body})

    @rule(data=st.data())
    def say_to(self, data: st.DataObject) -> None:
        phone = self._phone(data)
        known = {phone.person, *self._peers(phone)}
        strangers = [person for person in self.model.people.values() if person not in known]
        if strangers and self._mostly(data):
            self._say_to(phone, self._one(data, strangers))
        else:
            self._say_to(phone, self._person(data))

    @rule(data=st.data(), kind=st.sampled_from(("edit", "delete", "react", "react")))
    def change_a_text(self, data: st.DataObject, kind: str) -> None:
        phone = self._phone(data)
        conv = self._conv(data, phone)
        body: Frame = {"k": kind, "s": self._seq(data, conv)}
        texts = self._texts()
        if texts and self._mostly(data):
            # Mostly by one who may.
            frame = self._one(data, texts)
            conv, body["s"] = frame["c"], frame["s"]
            phone = self._one(data, self.model.of([frame["from"]]) or [phone])
        if kind == "edit":
            body["text"] = self._fresh()
        if kind == "react":
            body["emoji"] = self._one(data, EMOJI)
        self._mutate(phone, conv, {"t": "send", "c": conv, "b": body})

    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        phone = self._phone(data)
        kept = self.both.kept.get(phone.id)
        if kept:
            self.both.ask_again(phone, *self._one(data, kept[-KEPT:]))

    # --- groups ---------------------------------------------------------------------------------

    @precondition(lambda self: len(self.model.rooms) < 12)
    @rule(data=st.data(), history=st.sampled_from(("joined", "joined", "all")))
    def create(self, data: st.DataObject, history: str) -> None:
        members = [self.model.people[user] for user in self._some(data)]
        frame = _founding(self._fresh(), *members) | {"history": history}
        self._mutate(self._phone(data), None, frame)

    @rule(data=st.data(), kind=st.sampled_from(CHANGES))
    def change_a_group(self, data: st.DataObject, kind: str) -> None:
        phone, conv, users = self._phone(data), self._conv(data), self._some(data)
        groups = [room for room in self.model.rooms.values() if room.kind == "group"]
        if groups and self._mostly(data):
            # Mostly what makes sense: one who may, and those to whom it can be done.
            room = self._one(data, groups)
            conv, here = room.id, room.here()
            staff = [user for user in here if room.members[user].role != "member"]
            phone = self._one(data, self.model.of(staff) or [phone])
            fitting = set(self.model.people) - set(here) if kind == "invite" else set(here)
            users = [user for user in users if user in fitting] or sorted(fitting)[:1] or users
        frame: Frame = {"t": kind, "c": conv}
        match kind:
            case "invite" | "kick":
                frame["users"] = users
            case "role":
                frame |= {"u": users[0], "role": self._one(data, ROLES)}
            case "rename":
                frame["title"] = self._fresh()
            case _:
                pass
        self._mutate(phone, conv, frame)

    # --- people ---------------------------------------------------------------------------------

    @rule(data=st.data(), what=st.sampled_from(("block", "unblock", "request", "accept", "remove")))
    def act(self, data: st.DataObject, what: str) -> None:
        phone, other = self._phone(data), self._person(data)
        peers, known = self._peers(phone), data.draw(st.booleans())
        if peers and known:
            other = self._one(data, peers)
        frame: Frame = {"t": what, "u": other.id}
        if what not in ("block", "unblock"):
            frame = {"t": "contact", "u": other.id, "do": what}
        self._mutate(phone, None, frame)

    @rule(data=st.data(), until=st.integers(0, 3))
    def mute(self, data: st.DataObject, until: int) -> None:
        phone = self._phone(data)
        frame = {"t": "mute", "c": self._conv(data, phone), "until": until}
        self._mutate(phone, None, frame)

    @rule(
        data=st.data(),
        presence=st.sampled_from(("fellows", "contacts", "nobody")),
        write=st.sampled_from(("everyone", "contacts", "nobody")),
    )
    def profile(self, data: st.DataObject, presence: Any, write: Any) -> None:
        person = self._person(data)
        person.display, person.presence, person.write = self._fresh(), presence, write
        self.both.set_profile(person)

    # --- what comes and goes --------------------------------------------------------------------

    @rule(data=st.data())
    def watch(self, data: st.DataObject) -> None:
        phone = self._phone(data)
        if data.draw(st.booleans()):
            self._watch(phone, list(self.model.people))
            return
        convs = list({self._conv(data, phone): None, self._conv(data): None})
        self.both.ask(phone, {"t": "watch", "users": self._some(data), "convs": convs})

    @rule(data=st.data(), kind=st.sampled_from(("recv", "read")))
    def get_on(self, data: st.DataObject, kind: str) -> None:
        phone = self._phone(data)
        conv = self._conv(data, phone)
        self.both.ask(phone, {"t": kind, "c": conv, "s": self._seq(data, conv)})

    @rule(data=st.data())
    def typing(self, data: st.DataObject) -> None:
        phone = self._phone(data)
        self.both.ask(phone, {"t": "typing", "c": self._conv(data, phone)})

    @rule(data=st.data())
    def presence_of(self, data: st.DataObject) -> None:
        self.both.ask(self._phone(data), {"t": "presence", "users": self._some(data)})

    # --- reading --------------------------------------------------------------------------------

    @rule(data=st.data(), way=st.sampled_from(("after", "before", "at", "")))
    def history(self, data: st.DataObject, way: str) -> None:
        phone = self._phone(data)
        conv = self._conv(data, phone)
        frame: Frame = {"t": "hist", "c": conv, "limit": self._one(data, (100, 100, 2, 5))}
        if way:
            frame[way] = self._seq(data, conv)
        self.both.read(phone, frame)

    @invariant()
    def all_see_what_is_theirs(self) -> None:
        """Everybody looks everywhere, also where there is nothing to be found."""
        self._steps += 1
        if self._steps % LOOK_EVERY:
            return
        for person in self.model.people.values():
            for phone in self.model.of([person.id])[:1]:
                self._look_everywhere(phone)

    def _look_everywhere(self, phone: Phone) -> None:
        for conv in (*self.model.rooms, NOWHERE):
            self.both.read(phone, {"t": "hist", "c": conv, "after": 0, "limit": 200})
            self.both.read(phone, {"t": "hist", "c": conv, "before": 900, "limit": 200})
            self.both.ask(phone, {"t": "conv", "c": conv})
        self.both.sync(phone, self.both.sync(phone, 0))

    # --- devices, time and accidents ------------------------------------------------------------

    @precondition(lambda self: len(self.both.phones) < MOST_PHONES)
    @rule(data=st.data())
    def sign_in(self, data: st.DataObject) -> None:
        self._connect(self._person(data))

    @precondition(lambda self: len(self.both.phones) > 4)
    @rule(data=st.data())
    def sign_out(self, data: st.DataObject) -> None:
        self.both.revoke(self._phone(data))

    @precondition(lambda self: len(self.both.phones) > 4)
    @rule(data=st.data(), seconds=st.sampled_from((2, 40)))
    def hang_up(self, data: st.DataObject, seconds: float) -> None:
        phone = self._phone(data)
        label = phone.id.split("_")[1]
        self.both.hang_up(phone)
        self.both.wait(seconds)
        self.both.connect(phone.person, label)

    @rule(seconds=st.sampled_from((3, 40, 300)))
    def wait(self, seconds: float) -> None:
        self.both.wait(seconds)

    @rule(data=st.data(), user=st.booleans())
    def crash(self, data: st.DataObject, user: bool) -> None:
        name = f"user:{self._person(data).id}" if user else f"conv:{self._conv(data)}"
        self.both.crash(name)


def _founding(title: str, *members: Person) -> Frame:
    users = [member.id for member in members]
    return {"t": "create", "title": title, "members": users, "history": "joined"}


__all__ = ["Authority"]
