"""What one device was promised and saw, and what a log says, as plain data for the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from hubbub.testkit.simulation.chain import Fate
from hubbub.testkit.simulation.checker import items_of
from hubbub.testkit.simulation.client import Client
from hubbub.testkit.simulation.copy import Copy, Line


class Seen(NamedTuple):
    """A message: who said it, under which number, when, and what; None for what is no text."""

    line: Line
    text: str | None


#: {seq: what stands there}
Log = Mapping[int, Seen]


@dataclass(frozen=True, slots=True)
class Sent:
    """A text that was handed in, in the order of handing in.

    Attributes:
        cid: The number that names it in the end.
        tries: How often it was sent.
        seq, ts: What was promised with the acknowledgement; 0 before.
    """

    c: str
    text: str
    cid: int
    tries: int
    fate: Fate
    seq: int = 0
    ts: int = 0
    code: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """See the module.

    Attributes:
        back: It is connected, and has its list.
        welcomes: How often it came.
        complaints: What the server did and must not.
        story: What it lived through last.
    """

    name: str
    user: str
    device: str
    back: bool
    welcomes: int
    sent: tuple[Sent, ...]
    seen: Mapping[str, Log]
    complaints: tuple[str, ...] = ()
    story: tuple[str, ...] = ()


def record_of(client: Client, story: tuple[str, ...] = ()) -> Record:
    """What this device can tell now."""
    sent = tuple(
        Sent(c, item.content, item.cid, item.tries, item.fate, item.seq, item.ts, item.code)
        for c, item in sorted(items_of(client), key=lambda each: each[1].made_at)
        if c != "me"
    )
    clashes = tuple(clash for copy in client.copies.values() for clash in copy.clashes)
    return Record(
        client.name,
        client.user,
        client.device,
        client.online,
        client.welcomes,
        sent,
        {c: _seen(copy) for c, copy in client.copies.items()},
        (*client.faults, *clashes),
        story,
    )


def log_of(messages: list[dict[str, Any]]) -> list[tuple[int, Seen]]:
    """A log as pages showed it, in their order."""
    return [
        (m["s"], Seen(Line(m["from"], m["dev"], m["cid"], m["ts"]), m["b"].get("text")))
        for m in messages
    ]


def _seen(copy: Copy) -> dict[int, Seen]:
    found: dict[int, Seen] = {}
    for s in copy.seqs:
        face = copy.face(s)
        found[s] = Seen(copy.lines[s], None if face is None else face[0].text)
    return found


__all__ = ["Log", "Record", "Seen", "Sent", "log_of", "record_of"]
