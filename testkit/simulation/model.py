"""What the logs mean, worked out anew and on its own: members, what each may see, how texts look.

It shares no rule with the actors; it reads rows of the store after the fact.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from ...storage.memory_logs import Log
from ...storage.records import HIDDEN_KINDS, Entry
from .copy import Face, Line

Body = dict[str, Any]


@dataclass(slots=True)
class Place:
    """A user's place in a conversation: what may be seen, from and to (None: still here).

    Attributes:
        left: Whether the user ever left it.
    """

    spans: list[list[int | None]]
    role: str
    left: bool = False

    @property
    def here(self) -> bool:
        """Whether the user is a member now."""
        return self.spans[-1][1] is None

    def sees(self, seq: int) -> bool:
        """Whether this seq is for the user's eyes."""
        return any(a is not None and a <= seq and (b is None or seq <= b) for a, b in self.spans)


@dataclass(slots=True)
class Story:
    """One conversation, as its log tells it.

    Attributes:
        entries: All of it.
        bodies: {seq: decoded body}; empty for an erased one.
        places: {user: Place} of everybody who ever was here.
        countable: {seq: how many texts up to it}.
        deleted: {text: the seq that deleted it}.
        changes: {text: what is aimed at it, in order}.
        blocks: {user: whether nothing is taken from the other one}, as of the end.
    """

    conv: str
    entries: list[Entry]
    title: str = ""
    history: str = "joined"
    bodies: dict[int, Body] = field(default_factory=dict[int, Body])
    places: dict[str, Place] = field(default_factory=dict[str, Place])
    countable: dict[int, int] = field(default_factory=dict[int, int])
    deleted: dict[int, int] = field(default_factory=dict[int, int])
    changes: dict[int, list[Entry]] = field(default_factory=dict[int, list[Entry]])
    faults: list[str] = field(default_factory=list[str])
    blocks: dict[str, bool] = field(default_factory=dict[str, bool])

    @property
    def head(self) -> int:
        """The newest seq."""
        return len(self.entries)

    def shown(self, user: str) -> list[int]:
        """The seqs that this user's devices have to have."""
        place = self.places[user]
        return [
            e.seq
            for e in self.entries
            if e.kind not in HIDDEN_KINDS and place.sees(e.seq) and not self._is_moot(e)
        ]

    def may_see(self, user: str, seq: int) -> bool:
        """Whether a user may ever have been shown this seq."""
        place = self.places.get(user)
        if place is None or not 1 <= seq <= self.head:
            return False
        return place.sees(seq) and self.entries[seq - 1].kind not in HIDDEN_KINDS

    def line(self, seq: int) -> Line:
        """Who said it."""
        e = self.entries[seq - 1]
        return Line(e.sender, e.device, e.cid, e.ts)

    def face(self, seq: int, user: str) -> Face | None:
        """How a text looks to a user in the end; None when its words are not known any more, or
        when what stands there is none."""
        place = self.places[user]
        last = place.spans[-1][1] or self.head
        if seq in self.deleted:
            return Face(None, ())
        body = self.bodies[seq]
        if not body or self.entries[seq - 1].kind != "text":
            return None
        text: str = body["text"]
        reactions: dict[str, str] = {}
        for e in self.changes.get(seq, ()):
            if e.seq > last:
                break
            change = self.bodies[e.seq]
            if e.kind == "edit":
                text = change["text"]
            elif e.kind == "react":
                reactions.pop(e.sender, None)
                if change["emoji"]:
                    reactions[e.sender] = change["emoji"]
        return Face(text, tuple(sorted(reactions.items())))

    def _is_moot(self, entry: Entry) -> bool:
        """Edits of a deleted text are not shown any more."""
        return entry.kind == "edit" and entry.target in self.deleted


def story_of(conv: str, log: Log) -> Story:
    """Read a log from its beginning."""
    story = Story(conv, log.entries)
    count = 0
    for n, entry in enumerate(log.entries, 1):
        if entry.seq != n:
            story.faults.append(f"{conv}: seq {entry.seq} stands at {n}")
        body: Body = msgspec.msgpack.decode(entry.body) if entry.body else {}
        story.bodies[n] = body
        if entry.kind == "text":
            count += 1
            if story.blocks and any(
                on for user, on in story.blocks.items() if user != entry.sender
            ):
                story.faults.append(f"{conv}: {entry.sender} wrote {n} though blocked")
        if entry.count != count:
            story.faults.append(f"{conv}: {n} counts {entry.count}, not {count}")
        story.countable[n] = count
        if entry.target:
            story.changes.setdefault(entry.target, []).append(entry)
        if entry.kind == "system":
            _system(story, entry, body)
        elif entry.kind == "block":
            story.blocks[entry.sender] = body["on"]
        elif entry.kind == "delete":
            story.deleted[entry.target] = n
        if entry.kind not in ("system", *HIDDEN_KINDS):
            place = story.places.get(entry.sender)
            if place is None or not place.here:
                story.faults.append(f"{conv}: {entry.sender} wrote {n} and is no member")
    return story


def _system(story: Story, entry: Entry, body: Body) -> None:
    users: list[str] = list(body.get("users", ()))
    if body["ev"] != "created":
        sender = story.places.get(entry.sender)
        if sender is None or not sender.here:
            story.faults.append(f"{story.conv}: {entry.seq} is by no member")
    match body["ev"]:
        case "created":
            story.history = body.get("history") or "joined"
            story.title = body.get("title") or ""
            for user in users:
                first = 1 if story.history == "all" else entry.seq
                role = "owner" if user == entry.sender else "member"
                story.places[user] = Place([[first, None]], role)
        case "joined":
            first = 1 if story.history == "all" else entry.seq
            for user in users:
                place = story.places.pop(user, None)
                if place is None or first == 1:
                    place = Place([[first, None]], "member", left=place is not None)
                else:
                    place.spans.append([first, None])
                    place.role = "member"
                story.places[user] = place
        case "left" | "kicked":
            for user in users:
                story.places[user].spans[-1][1] = entry.seq
                story.places[user].role = "member"
                story.places[user].left = True
            _succeed(story)
        case "role":
            story.places[users[0]].role = body["role"]
            if body["role"] == "owner":
                story.places[entry.sender].role = "admin"
        case "renamed":
            story.title = body.get("title") or ""
        case _:
            story.faults.append(f"{story.conv}: {entry.seq} is {body['ev']}")


def _succeed(story: Story) -> None:
    here = [place for place in story.places.values() if place.here]
    if here and not any(place.role == "owner" for place in here):
        heir = next((place for place in here if place.role == "admin"), here[0])
        heir.role = "owner"


__all__ = ["Place", "Story", "story_of"]
