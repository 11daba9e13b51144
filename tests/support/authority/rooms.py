"""The model's conversations: a log, who may see which stretch of it, and what each may do in it.

a member sees      from joining on (or everything, where the group says so), as it is now
one who left sees  up to leaving, as it was then; what was changed later, as it was written
nobody sees        a deleted text, or what was put in its place before; an entry that is hidden
everybody else     does not learn that there is a conversation
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

#: A frame of the protocol, as its JSON reads.
Frame = dict[str, Any]


@dataclass
class Denied(Exception):
    """No, with the protocol's code for it."""

    code: str


@dataclass
class Text:
    """What became of a text.

    Attributes:
        words: Those that are shown now.
        changed_at: The seq of the last change.
    """

    words: str
    changed_at: int = 0
    edited: bool = False
    deleted: bool = False
    #: {emoji: users}, in order of arrival.
    reactions: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def change(self, body: Frame, sender: str, seq: int) -> None:
        """An edit, a deletion or a reaction at `seq`."""
        self.changed_at = seq
        match body["k"]:
            case "edit":
                self.words, self.edited = body["text"], True
            case "delete":
                self.deleted = True
            case _:
                for users in self.reactions.values():
                    if sender in users:
                        users.remove(sender)
                self.reactions = {sign: users for sign, users in self.reactions.items() if users}
                if body["emoji"]:
                    self.reactions.setdefault(body["emoji"], []).append(sender)


@dataclass
class Line:
    """An entry of the log: its frame as it happened; None where it is hidden."""

    frame: Frame | None
    text: Text | None = None
    countable: int = 0

    @property
    def changes(self) -> int:
        """The seq of the text that it changes; 0 for none."""
        body: Frame = self.frame["b"] if self.frame is not None else {}
        seq: int = body.get("s", 0)
        return seq


@dataclass
class Member:
    """One who is or was there, and what that one may see: [first, last]; None is still here."""

    role: str
    spans: list[list[int | None]]
    recv: int
    read: int
    mute: int = 0

    @property
    def here(self) -> bool:
        """Now."""
        return self.spans[-1][1] is None


@dataclass
class Room:
    """A conversation.

    Attributes:
        asked: Who has not let the other one in.
        blocking: Who takes nothing from the other one.
        members: In the order of joining.
        last_cid: {device: cid}
    """

    id: str
    kind: Literal["direct", "group"]
    title: str = ""
    history: Literal["joined", "all"] = "joined"
    asked: str | None = None
    blocking: set[str] = field(default_factory=set[str])
    log: list[Line] = field(default_factory=list[Line])
    members: dict[str, Member] = field(default_factory=dict[str, Member])
    last_cid: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def head(self) -> int:
        """The newest seq."""
        return len(self.log)

    def here(self) -> list[str]:
        """Who is a member."""
        return [user for user, member in self.members.items() if member.here]

    # --- who may do what ------------------------------------------------------------------------

    def require(self, user: str) -> Member:
        """A member, who is here."""
        member = self.members.get(user)
        if member is None:
            raise Denied("not_found")
        if not member.here:
            raise Denied("forbidden")
        return member

    def require_welcome(self, user: str) -> None:
        """In a conversation of two, who is blocked says and does nothing."""
        if self.blocking - {user}:
            raise Denied("blocked")

    def check_change_of_text(self, user: str, body: Frame) -> None:
        """Whether somebody may edit, delete or react so."""
        me = self.require(user)
        if body["s"] not in self.seqs(user):
            raise Denied("not_found")
        seq: int = body["s"]
        line = self.log[seq - 1]
        if line.frame is None:
            raise Denied("not_found")
        if line.text is None:
            raise Denied("bad_request")
        if line.text.deleted:
            raise Denied("not_found")
        own = line.frame["from"] == user
        if body["k"] == "edit" and not own:
            raise Denied("forbidden")
        if body["k"] == "delete" and not own and (self.kind == "direct" or me.role == "member"):
            raise Denied("forbidden")

    def check_change_of_group(self, user: str, frame: Frame) -> None:
        """Whether somebody may invite, kick, leave, give a role or rename so."""
        me = self.require(user)
        if self.kind == "direct":
            raise Denied("bad_request")
        match frame["t"]:
            case "rename" if me.role == "member":
                raise Denied("forbidden")
            case "invite":
                if me.role == "member":
                    raise Denied("forbidden")
                if set(frame["users"]) & set(self.here()):
                    raise Denied("bad_request")
            case "kick":
                if me.role == "member":
                    raise Denied("forbidden")
                for other in frame["users"]:
                    if other not in self.here() or other == user:
                        raise Denied("bad_request")
                    role = self.members[other].role
                    if role == "owner" or (role == "admin" and me.role != "owner"):
                        raise Denied("forbidden")
            case "role":
                if me.role != "owner":
                    raise Denied("forbidden")
                if frame["u"] not in self.here() or frame["u"] == user:
                    raise Denied("bad_request")
            case _:
                pass

    # --- what happens ---------------------------------------------------------------------------

    def add(self, sender: str, device: str, cid: int, ts: int, body: Frame) -> Frame:
        """The next entry of the log, and what it does; its frame as it is pushed."""
        frame = {"t": "msg", "c": self.id, "s": self.head + 1, "from": sender}
        frame |= {"dev": device, "cid": cid, "ts": ts, "b": body}
        line = Line(frame)
        self.log.append(line)
        if device:
            self.last_cid[device] = cid
        match body["k"]:
            case "text":
                line.text, line.countable = Text(body["text"]), 1
            case "system":
                self._change_members(sender, body)
            case _:
                seq: int = body["s"]
                text = self.log[seq - 1].text
                assert text is not None
                text.change(body, sender, self.head)
        return frame

    def hide(self) -> None:
        """An entry that nobody is shown."""
        self.log.append(Line(None))

    def _change_members(self, sender: str, body: Frame) -> None:
        match body["ev"]:
            case "created" | "joined":
                for user in body["users"]:
                    founder = body["ev"] == "created" and user == sender
                    self._join(user, "owner" if founder else "member")
            case "left" | "kicked":
                for user in body["users"]:
                    self.members[user].spans[-1][1] = self.head
                    self.members[user].role = "member"
                here = self.here()
                if here and not any(self.members[user].role == "owner" for user in here):
                    admins = [user for user in here if self.members[user].role == "admin"]
                    self.members[(admins or here)[0]].role = "owner"
            case "role":
                self.members[body["users"][0]].role = body["role"]
                if body["role"] == "owner":
                    self.members[sender].role = "admin"
            case _:
                self.title = body["title"]

    def _join(self, user: str, role: str) -> None:
        first = 1 if self.history == "all" else self.head
        before = self.members.pop(user, Member(role, [], first - 1, first - 1))
        before.role = role
        before.recv, before.read = max(before.recv, first - 1), max(before.read, first - 1)
        before.spans = [[1, None]] if first == 1 else [*before.spans, [first, None]]
        self.members[user] = before

    # --- who may see what -----------------------------------------------------------------------

    def seqs(self, user: str) -> list[int]:
        """What a user may read; nothing else of the log exists for that user."""
        member = self.members.get(user)
        if member is None:
            raise Denied("not_found")
        seen = range(1, self.head + 1)
        return [s for s in seen if any(_within(s, first, last) for first, last in member.spans)]

    def shown(self, user: str, seq: int) -> Frame | None:
        """An entry of those, as the user sees it now; None for nothing."""
        line = self.log[seq - 1]
        if line.frame is None:
            return None
        frame = dict(line.frame)
        if frame["b"]["k"] == "edit":
            target = self.log[line.changes - 1].text
            assert target is not None
            return None if target.deleted else frame
        if line.text is None:
            return frame
        if line.text.deleted:
            return frame | {"b": {"k": "deleted"}}
        left_at = self.members[user].spans[-1][1]
        if left_at is not None and line.text.changed_at > left_at:
            return frame
        frame["b"] = frame["b"] | {"text": line.text.words}
        if line.text.edited:
            frame["edited"] = True
        if line.text.reactions:
            reactions = {sign: list(users) for sign, users in line.text.reactions.items()}
            frame["reactions"] = reactions
        return frame

    def lets_see(self, user: str, other: str) -> bool:
        """Whether what `user` reads and writes there is for the eyes of `other`."""
        return user == other or (user != self.asked and not self.blocking)

    def count(self, seq: int) -> int:
        """How many messages there are up to it."""
        return sum(line.countable for line in self.log[:seq])


def _within(seq: int, first: int | None, last: int | None) -> bool:
    return (first or 0) <= seq and (last is None or seq <= last)


__all__ = ["Denied", "Frame", "Line", "Member", "Room", "Text"]
