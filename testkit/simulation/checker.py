"""Holds what clients were promised and saw against what is on record (design, section 2).

It looks when faults are over and everything has come to rest, and **before** anything is sent or
asked again: what is missing then is missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from .chain import Item
from .client import Client
from .copy import Face
from .model import Story


@dataclass(frozen=True, slots=True)
class Violation:
    """An invariant that does not hold.

    Attributes:
        rule: In a word or two.
        says: What is wrong.
        names: Whom the story to be told is about: conversations, devices, clients, actors.
    """

    rule: str
    says: str
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"[{self.rule}] {self.says}"


@dataclass(slots=True)
class Findings:
    """What a checker found, the first ones of each rule."""

    found: list[Violation] = field(default_factory=list[Violation])
    most: int = 40

    def add(self, rule: str, says: str, *names: str) -> None:
        """This does not hold."""
        if len(self.found) < self.most:
            self.found.append(Violation(rule, says, names))


def check_log(story: Story, findings: Findings) -> None:
    """A log by itself: contiguous, in order, once."""
    conv = story.conv
    for fault in story.faults:
        findings.add("log", fault, conv)
    last: dict[str, int] = {}
    ts = epoch = 0
    for e in story.entries:
        if e.ts < ts:
            findings.add("ts", f"{conv}: time goes back at {e.seq}", conv)
        if e.epoch < epoch:
            findings.add("epoch", f"{conv}: the epoch falls at {e.seq}", conv)
        ts, epoch = e.ts, e.epoch
        if e.device:
            before = last.get(e.device, 0)
            if e.cid <= before:
                says = f"{conv}: {e.device} cid={e.cid} stands behind {before}, at {e.seq}"
                findings.add("device order", says, conv, e.device)
            last[e.device] = e.cid
        if e.target and e.kind == "edit" and e.target in story.deleted and e.body:
            findings.add("erased", f"{conv}: {e.seq} holds words of a deleted text", conv)
    for seq in story.deleted:
        if story.entries[seq - 1].body:
            findings.add("erased", f"{conv}: the deleted text {seq} is still stored", conv)


def check_promises(clients: Iterable[Client], stories: dict[str, Story], findings: Findings) -> int:
    """Every ack stands on record; every refusal does not; nothing is there that nobody sent.

    Returns: how many acks were looked at.
    """
    acks = 0
    sent: Counter[tuple[str, str, int]] = Counter()
    for client in clients:
        for where, item in items_of(client):
            if where == "me":
                continue
            for cid in item.cids:
                sent[where, client.device, cid] += 1
    for client in clients:
        for where, item in items_of(client):
            # A device that lost its storage may have named two things alike.
            twice = any(sent[where, client.device, cid] > 1 for cid in item.cids)
            if where != "me" and not (twice and item.fate != "acked"):
                acks += _check_item(client, where, item, stories.get(where), findings)
    for story in stories.values():
        for e in story.entries:
            if e.device and not sent[story.conv, e.device, e.cid]:
                says = f"{story.conv}: nobody sent {e.seq} ({e.device} cid={e.cid})"
                findings.add("from nowhere", says, story.conv, e.device)
    return acks


def items_of(client: Client) -> list[tuple[str, Item]]:
    """Every mutation of a client's life."""
    found = list(client.lost)
    for chain in client.chains.values():
        found += [(chain.where, item) for item in (*chain.done, *chain.waiting)]
    return found


def _check_item(
    client: Client, where: str, item: Item, story: Story | None, findings: Findings
) -> int:
    names = (where, client.device, client.name)
    entries = [] if story is None else story.entries
    # Under an earlier number it never was: that one names what the lost storage knew.
    mine = [e for e in entries if e.device == client.device and e.cid == item.cid]
    match item.fate:
        case "acked":
            if len(mine) != 1:
                says = f"{client.name} {where} {item.what} cid={item.cids}: {len(mine)} entries"
                findings.add("acknowledged", says, *names)
                return 1
            (entry,) = mine
            if item.seq and (entry.seq, entry.ts) != (item.seq, item.ts):
                says = f"{client.name} {where} cid={item.cid}: promised {item.seq}, is {entry.seq}"
                findings.add("acknowledged", says, *names)
            if item.what in ("text", "edit") and entry.body:
                text = msgspec.msgpack.decode(entry.body).get("text")
                if text != item.content:
                    says = f"{client.name} {where} {entry.seq}: {text!r:.30} is another content"
                    findings.add("content", says, *names)
            return 1
        case "refused":
            if mine:
                says = f"{client.name} {where} {item.what} cid={item.cids} was refused {item.code}"
                findings.add("refused", f"{says}, and stands at {mine[0].seq}", *names)
            if item.certain and item.code in ("forbidden", "not_found"):
                _check_refusal(client, where, item, story, findings)
        case "maybe":
            if len(mine) > 1:
                says = f"{client.name} {where} cid={item.cids} stands {len(mine)} times"
                findings.add("doubled", says, *names)
        case "open" if client.signed_out_at is None:
            says = f"{client.name} {where} {item.what} cid={item.cids} has no answer"
            findings.add("unanswered", says, *names)
        case _:
            pass  # it was signed out with that in hand
    return 0


def _check_refusal(
    client: Client, where: str, item: Item, story: Story | None, findings: Findings
) -> None:
    """A member who never left was told to be none."""
    place = None if story is None else story.places.get(client.user)
    if place is not None and place.here and not place.left:
        says = f"{client.name} is a member of {where}, and was refused: {item.code}"
        findings.add("member refused", says, where, client.device, client.name)


def check_copies(clients: Iterable[Client], stories: dict[str, Story], findings: Findings) -> None:
    """Everybody has everything that is for them, as it is, and nothing else ever reached them."""
    for client in clients:
        _check_secrets(client, stories, findings)
        for fault in client.faults[:5]:
            findings.add("client", f"{client.name}: {fault}", client.name, *_names_in(fault))
        for copy in client.copies.values():
            for clash in copy.clashes[:2]:
                findings.add("changed", f"{client.name}: {clash}", copy.c, client.name)
        if client.online:
            for story in stories.values():
                if client.user in story.places:
                    _check_copy(client, story, findings)


def _check_copy(client: Client, story: Story, findings: Findings) -> None:
    c, user = story.conv, client.user
    names = (c, client.name, client.device)
    copy = client.copies.get(c)
    lines = {} if copy is None else copy.lines
    missing = [s for s in story.shown(user) if s not in lines]
    if missing:
        rule = "missing" if story.places[user].here else "missing of one who left"
        says = f"{client.name} lacks {c} {missing[:8]} of {story.head}"
        last = "nothing" if copy is None else f"{copy.last}, wants {copy.wanted}"
        findings.add(rule, f"{says} (has up to {last})", *names)
    if copy is None:
        return
    for s in copy.seqs:
        if 1 <= s <= story.head and copy.lines[s] != story.line(s):
            says = f"{client.name} {c} {s}: {copy.lines[s]} is {story.line(s)}"
            findings.add("changed", says, *names)
    place = story.places[user]
    if missing or place.left:
        return  # what became of texts while one was away is not told to one's old copy
    for s in copy.texts:
        if not 1 <= s <= story.head:
            continue
        seen, face = copy.face(s), story.face(s, user)
        if seen is None or face is None:
            continue
        shown, cut = seen
        same = shown == face or (
            cut
            and shown.text is not None
            and face.text is not None
            and face.text.startswith(shown.text)
            and shown.reactions == face.reactions
        )
        if not same:
            says = f"{client.name} {c} {s}: {_brief(shown)}, not {_brief(face)}"
            findings.add("folded", says, *names)


def _check_secrets(client: Client, stories: dict[str, Story], findings: Findings) -> None:
    """No word that is not for this user ever came over the wire."""
    for c, s in client.secrets:
        story = stories.get(c)
        if story is None or not story.may_see(client.user, s):
            says = f"{client.name} was shown {c} {s}"
            findings.add("saw too much", says, c, client.name, client.device)
    for c, s in client.listed_texts:
        story = stories.get(c)
        if story is None or not story.may_see(client.user, s):
            says = f"{client.name} was shown {c} {s} in the list"
            findings.add("list tells too much", says, c, client.name, client.device)
    for c, copy in client.copies.items():
        story = stories.get(c)
        for s in copy.seqs:
            if story is None or not story.may_see(client.user, s):
                says = f"{client.name} was shown {c} {s}"
                findings.add("saw too much", says, c, client.name, client.device)


def check_lists(clients: Iterable[Client], stories: dict[str, Story], findings: Findings) -> None:
    """After a sync each list says what is so: heads, counts, titles, roles, what is gone."""
    for client in clients:
        if not client.online:
            continue
        here = {c for c, st in stories.items() if _is_here(st, client.user)}
        left = {c for c, st in stories.items() if client.user in st.places} - here
        for c in sorted(here ^ set(client.heads)):
            says = f"{client.name}: {c} is {'not ' if c in here else ''}in the list"
            findings.add("list", says, c, client.name)
        for c in sorted(left - set(client.gone)):
            findings.add("list", f"{client.name}: {c} is not among the gone", c, client.name)
        for c in sorted(here & set(client.heads)):
            _check_line(client, stories[c], findings)


def check_cursors(clients: Iterable[Client], stories: dict[str, Story], findings: Findings) -> None:
    """After a sync from the beginning: own cursors are no lower than any device said, unread is
    what is behind them, and the device's own chain goes on where it ended."""
    for client in clients:
        for c, line in client.heads.items() if client.online else ():
            story = stories.get(c)
            if story is None:
                continue
            copy = client.copies.get(c)
            if copy is not None and line["read"] < min(copy.read, story.head):
                says = f"{client.name}: {c} was read to {copy.read}, the list says {line['read']}"
                findings.add("cursor", says, c, client.name)
            if line["nread"] != story.countable.get(line["read"], 0):
                says = f"{client.name}: {c} has nread={line['nread']} at {line['read']}"
                findings.add("unread", says, c, client.name)
            mine = max((e.cid for e in story.entries if e.device == client.device), default=0)
            if line["mine"] != mine:
                says = f"{client.name}: {c} has mine={line['mine']}, not {mine}"
                findings.add("mine", says, c, client.name, client.device)


def _is_here(story: Story, user: str) -> bool:
    return user in story.places and story.places[user].here


def _check_line(client: Client, story: Story, findings: Findings) -> None:
    line, c = client.heads[story.conv], story.conv
    wants = {
        "title": story.title if line["kind"] == "group" else line["title"],
        "role": story.places[client.user].role,
        "head": story.head,
        "n": story.countable.get(story.head, 0),
    }
    for key, value in wants.items():
        if line[key] != value:
            says = f"{client.name}: {c} has {key}={line[key]!r}, not {value!r}"
            findings.add("list", says, c, client.name)


def _brief(face: Face) -> str:
    text = "deleted" if face.text is None else repr(face.text[:24])
    return f"{text} {dict(face.reactions)}"


def _names_in(text: str) -> list[str]:
    return [word.strip(":,'{}") for word in text.split() if word.strip("'{}")[:2] in ("g_", "d_")]


__all__ = [
    "Findings",
    "Violation",
    "check_copies",
    "check_cursors",
    "check_lists",
    "check_log",
    "check_promises",
    "items_of",
]
