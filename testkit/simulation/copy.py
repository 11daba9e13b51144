"""A client's copy of one conversation: what came, and what it makes of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

Frame = dict[str, Any]


class Line(NamedTuple):
    """Who said something, when and how; never changes, however often it is shown."""

    sender: str
    device: str
    cid: int
    ts: int


class Face(NamedTuple):
    """What a text looks like: None for deleted; {emoji: users} as sorted pairs."""

    text: str | None
    reactions: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Shown:
    """A text as of a seq: with every change up to `version` in it."""

    version: int
    text: str | None
    reactions: dict[str, str]
    cut: bool


@dataclass(slots=True)
class Copy:
    """See the module.

    Attributes:
        last: Everything visible up to here has come.
        wanted: The newest seq that anybody spoke of.
        reading: A page is under way.
        lines: {seq: Line} of all that came.
        system: {seq: body} of what the server told of the conversation.
        recv_sent, read: How far this device said it is.
        clashes: What came twice and differently.
    """

    c: str
    last: int = 0
    wanted: int = 0
    reading: bool = False
    lines: dict[int, Line] = field(default_factory=dict[int, Line])
    system: dict[int, Frame] = field(default_factory=dict[int, Frame])
    recv_sent: int = 0
    read: int = 0
    clashes: list[str] = field(default_factory=list[str])
    _texts: dict[int, Shown] = field(default_factory=dict[int, Shown])
    #: {text: {seq: (user, body)}}
    _changes: dict[int, dict[int, tuple[str, Frame]]] = field(
        default_factory=dict[int, dict[int, tuple[str, Frame]]]
    )

    def take(self, msg: Frame, version: int | None = None) -> None:
        """A message came: pushed, or in a page that shows everything up to `version`."""
        s = msg["s"]
        line = Line(msg["from"], msg["dev"], msg["cid"], msg["ts"])
        known = self.lines.setdefault(s, line)
        if known != line:
            self.clashes.append(f"{self.c} {s} was {known} and is now {line}")
        body: Frame = msg["b"]
        match body["k"]:
            case "text" | "deleted":
                self._show(s, msg, s if version is None else version)
            case "system":
                self.system[s] = body
            case _:
                changed = {**body, "cut": msg.get("cut", False)}
                self._changes.setdefault(body["s"], {})[s] = (msg["from"], changed)
        self.wanted = max(self.wanted, s)
        self._advance()

    def own(self, s: int, line: Line, body: Frame) -> None:
        """An ack: what this device sent is on record as `s`."""
        self.take(
            {"s": s, "from": line.sender, "dev": line.device, "cid": line.cid, "ts": line.ts,
             "b": body}
        )  # fmt: skip

    def covered(self, first: int, last: int) -> None:
        """A page said that nothing else is to be seen in this range."""
        if first <= self.last + 1:
            self.last = max(self.last, last)
            self._advance()

    @property
    def behind(self) -> bool:
        """Something is known to exist that has not come."""
        return self.last < self.wanted

    @property
    def seqs(self) -> list[int]:
        """What came, in order."""
        return sorted(self.lines)

    @property
    def texts(self) -> list[int]:
        """The seqs of texts, deleted ones too."""
        return sorted(self._texts)

    def face(self, s: int) -> tuple[Face, bool] | None:
        """How the text at `s` looks now, and whether it is only its beginning."""
        shown = self._texts.get(s)
        if shown is None:
            return None
        text, reactions, cut = shown.text, dict(shown.reactions), shown.cut
        for seq, (user, body) in sorted(self._changes.get(s, {}).items()):
            if seq <= shown.version:
                continue
            match body["k"]:
                case "edit" if text is not None:
                    text, cut = body["text"], body["cut"]
                case "delete":
                    text, reactions, cut = None, {}, False
                case "react" if text is not None:
                    reactions.pop(user, None)
                    if body["emoji"]:
                        reactions[user] = body["emoji"]
                case _:
                    pass
        return Face(text, tuple(sorted(reactions.items()))), cut

    def _show(self, s: int, msg: Frame, version: int) -> None:
        shown = self._texts.get(s)
        if shown is not None and shown.version > version:
            return
        text = None if msg["b"]["k"] == "deleted" else msg["b"]["text"]
        users = {u: emoji for emoji, who in msg.get("reactions", {}).items() for u in who}
        self._texts[s] = Shown(version, text, users, msg.get("cut", False))

    def _advance(self) -> None:
        while self.last + 1 in self.lines:
            self.last += 1


__all__ = ["Copy", "Face", "Line", "Shown"]
