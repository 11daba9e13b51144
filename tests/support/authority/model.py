"""The model: what each request is answered with, and what each device is pushed because of it.

It knows no actor, no store and no time but what it is told. `ask` and the other events return what
is to be seen; pages are held to `check_page`, presence to `check_presence`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.support.authority.people import Person
from tests.support.authority.rooms import Denied, Frame, Room
from tests.support.authority.views import Phone, Views, sees

from hubbub.config.ids import DeviceId, UserId, direct_id, group_id

#: The times of the house, in seconds.
GRACE_S, TYPING_EVERY_S = 30, 3


@dataclass
class Seen:
    """What is to be seen after an event.

    Attributes:
        answer: Without its number; of an error, the code alone. None for no answer.
        pushed: Messages, receipts and typing.
    """

    answer: Frame | None = None
    pushed: dict[Phone, list[Frame]] = field(default_factory=dict[Phone, list[Frame]])

    def push(self, phones: Iterable[Phone], frame: Frame) -> None:
        """All of these are shown this."""
        for phone in phones:
            self.pushed.setdefault(phone, []).append(frame)


class Model(Views):
    """What happens to everybody and everything."""

    def __init__(self, push_limit: int) -> None:
        super().__init__(push_limit)
        self._own_cids: dict[str, int] = {}
        self._moved: dict[str, dict[str, None]] = {}

    # --- events ---------------------------------------------------------------------------------

    def connect(self, device: str, person: Person) -> Phone:
        """Somebody's device is welcomed."""
        phone = Phone(device, person)
        self.phones.append(phone)
        person.come(self.now_ms)
        return phone

    def disconnect(self, phone: Phone) -> None:
        """It is gone, or shut out: nothing more is for it."""
        self.phones.remove(phone)
        phone.person.go(self.now_s, self.now_ms)

    def time(self, now_s: float, now_ms: int) -> None:
        """It is that late."""
        self.now_s, self.now_ms = now_s, now_ms
        for person in self.people.values():
            person.wait(now_s, GRACE_S)

    def ask(self, phone: Phone, frame: Frame) -> Seen:
        """A request, whatever it is."""
        seen = Seen()
        try:
            self._ask(phone, frame, seen)
        except Denied as denied:
            seen.answer = {"t": "err", "code": denied.code}
        self._tell_receipts(seen)
        return seen

    def again(self, phone: Phone, answer: Frame) -> Frame:
        """The answer to a request that was answered before; of a group, what it is now."""
        if answer["t"] == "ack":
            return answer | {"dup": True}
        try:
            return self.sheet(phone, self._room(answer["c"])) if answer["t"] == "conv" else answer
        except Denied as denied:
            return {"t": "err", "code": denied.code}

    def next_cid(self, phone: Phone, conv: str | None) -> int:
        """What a mutation is numbered with; None for one of the user's own."""
        if conv is None:
            return self._own_cids.get(phone.id, 0) + 1
        room = self.rooms.get(conv)
        return 1 + (room.last_cid.get(phone.id, 0) if room is not None else 0)

    # --- requests -------------------------------------------------------------------------------

    def _ask(self, phone: Phone, frame: Frame, seen: Seen) -> None:
        match frame["t"]:
            case "send":
                self._send(phone, frame, seen)
            case "invite" | "kick" | "leave" | "role" | "rename":
                self._change(phone, frame, seen)
            case "create":
                self._create(phone, frame, seen)
            case "block" | "unblock" | "contact" | "mute":
                self._act(phone, frame)
                self._own_cids[phone.id] = frame["cid"]
                seen.answer = {"t": "ok"}
            case "recv" | "read":
                self._move(phone, frame)
            case "typing":
                self._type(phone, frame["c"], seen)
            case "watch":
                phone.users = frame["users"]
                here = {c for c, room in self.rooms.items() if phone.person.id in room.here()}
                phone.convs = here & set(frame["convs"])
                seen.answer = {"t": "ok"}
            case "presence":
                seen.answer = {"t": "states", "users": self.states(phone, frame["users"])}
            case "conv":
                seen.answer = self.sheet(phone, self._room(frame["c"]))
            case kind:
                raise AssertionError(f"the model knows no {kind}")

    def _room(self, conv: str) -> Room:
        if conv not in self.rooms:
            raise Denied("not_found")
        return self.rooms[conv]

    def _send(self, phone: Phone, frame: Frame, seen: Seen) -> None:
        me, to, body = phone.person.id, frame.get("to"), frame["b"]
        if to is None:
            room = self._room(frame["c"])
        else:
            room = self._between(me, to)
            if not room.members and body["k"] == "text":
                self._begin(room, phone, self.people[to], seen)
        room.require(me)
        room.require_welcome(me)
        if body["k"] != "text":
            room.check_change_of_text(me, body)
        elif body.get("re_s", 1) > room.head:
            raise Denied("bad_request")
        self._add(room, phone, frame["cid"], body, seen)
        seen.answer = {
            "t": "ack", "c": room.id, "cid": frame["cid"],
            "s": room.head, "ts": self.now_ms, "dup": False,
        }  # fmt: skip
        if room.asked == me:
            self._let_in(room)

    def _between(self, one: str, other: str) -> Room:
        if one == other:
            raise Denied("bad_request")
        if other not in self.people:
            raise Denied("not_found")
        conv = direct_id(UserId(one), UserId(other))
        return self.rooms.setdefault(conv, Room(conv, "direct"))

    def _begin(self, room: Room, phone: Phone, host: Person, seen: Seen) -> None:
        me = phone.person.id
        room.require_welcome(me)
        door = host.receives(me)
        if door == "closed":
            raise Denied("forbidden")
        created = {"k": "system", "ev": "created", "users": sorted((me, host.id))}
        frame = room.add("", "", 0, self.now_ms, created)
        seen.push(self.of(room.here()), frame)
        if door == "request":
            room.asked = host.id

    def _add(self, room: Room, phone: Phone, cid: int, body: Frame, seen: Seen) -> None:
        before = room.here()
        frame = room.add(phone.person.id, phone.id, cid, self.now_ms, body)
        after = room.here()
        # Who goes hears of the going, and of nothing after it.
        # Who sends has the ack for it; the answer to a change has no seq, so it is pushed as well.
        alone = None if body["k"] == "system" else phone
        audience = [p for p in self.of({*before, *after}) if p is not alone]
        seen.push(audience, frame)
        for gone in self.of(set(before) - set(after)):
            gone.convs.discard(room.id)

    def _let_in(self, room: Room) -> None:
        assert room.asked is not None
        self._moved.setdefault(room.id, {})[room.asked] = None
        room.asked = None

    def _change(self, phone: Phone, frame: Frame, seen: Seen) -> None:
        me = phone.person.id
        if frame["t"] == "invite" and not set(frame["users"]) <= set(self.people):
            raise Denied("not_found")
        room = self._room(frame["c"])
        room.check_change_of_group(me, frame)
        body: Frame = {"k": "system"}
        match frame["t"]:
            case "invite":
                body |= {"ev": "joined", "users": frame["users"]}
            case "kick":
                body |= {"ev": "kicked", "users": frame["users"]}
            case "leave":
                body |= {"ev": "left", "users": [me]}
            case "role":
                body |= {"ev": "role", "users": [frame["u"]], "role": frame["role"]}
            case _:
                body |= {"ev": "renamed", "title": frame["title"]}
        self._add(room, phone, frame["cid"], body, seen)
        seen.answer = {"t": "ok"}

    def _create(self, phone: Phone, frame: Frame, seen: Seen) -> None:
        me = phone.person.id
        if not set(frame["members"]) <= set(self.people):
            raise Denied("not_found")
        conv = group_id(DeviceId(phone.id), frame["cid"])
        room = self.rooms[conv] = Room(conv, "group", frame["title"], frame["history"])
        users = [me, *(user for user in frame["members"] if user != me)]
        body = {"k": "system", "ev": "created", "users": users, "title": frame["title"]}
        seen.push(self.of(users), room.add(me, "", 0, self.now_ms, body))
        self._own_cids[phone.id] = frame["cid"]
        seen.answer = self.sheet(phone, room)

    def _act(self, phone: Phone, frame: Frame) -> None:
        me = phone.person
        if frame["t"] == "mute":
            member = self._room(frame["c"]).members.get(me.id)
            if member is None or not member.here:
                raise Denied("not_found")
            member.mute = frame["until"]
            return
        room, other = self._between(me.id, frame["u"]), self.people[frame["u"]]
        act = frame["do"] if frame["t"] == "contact" else frame["t"]
        held = me.held[other.id]
        if act == "accept" and not (me.id in room.members or held.asks or held.mutual):
            raise Denied("not_found")
        wants = held.do(act)
        if act in ("block", "unblock"):
            # The other one hears nothing of it.
            room.hide()
            (room.blocking.add if act == "block" else room.blocking.discard)(me.id)
            return
        other.held[me.id].hear(wants)
        if act in ("request", "accept") and room.asked == me.id:
            room.hide()
            self._let_in(room)

    def _move(self, phone: Phone, frame: Frame) -> None:
        room, me = self.rooms.get(frame["c"]), phone.person.id
        if room is None or me not in room.here():
            return
        member, seq = room.members[me], min(frame["s"], room.head)
        before = (member.recv, member.read)
        member.recv = max(member.recv, seq)
        if frame["t"] == "read":
            member.read = max(member.read, seq)
        if (member.recv, member.read) != before:
            self._moved.setdefault(room.id, {})[me] = None

    def _type(self, phone: Phone, conv: str, seen: Seen) -> None:
        last = phone.typed.get(conv)
        if last is not None and self.now_s - last < TYPING_EVERY_S:
            return
        phone.typed[conv] = self.now_s
        room, me = self.rooms.get(conv), phone.person.id
        if room is not None and me in room.here():
            seen.push(
                (p for p in self.looking(room) if p.person.id != me and sees(room, me, p)),
                {"t": "typing", "c": conv, "u": me},
            )

    # --- what follows ---------------------------------------------------------------------------

    def _tell_receipts(self, seen: Seen) -> None:
        """Who looks is told how far others got, and everybody how far one got oneself."""
        moved, self._moved = self._moved, {}
        for conv, users in moved.items():
            room = self.rooms[conv]
            for phone in self.looking(room):
                shown = [user for user in users if sees(room, user, phone)]
                if shown:
                    seen.push([phone], _receipts(room, shown))
            for user in users:
                seen.push(self.of([user]), _receipts(room, [user]))


def _receipts(room: Room, users: list[str]) -> Frame:
    members = room.members
    recv = {user: members[user].recv for user in users}
    return {
        "t": "rcpt", "c": room.id, "recv": recv, "read": {u: members[u].read for u in users}
    }  # fmt: skip


__all__ = ["GRACE_S", "TYPING_EVERY_S", "Model", "Seen"]
