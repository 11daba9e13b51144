"""The story of a test: what actors were told, handled and died of, in order, in virtual time.

Messages of the chat show their type, numbers and ids, never anybody's words; other messages show
a short form of themselves.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal, TypeAlias, cast

from ..actors.runtime.mailbox import Ask

Kind: TypeAlias = Literal[
    "started", "restarted", "told", "asked", "handles", "crashed", "killed", "stopped", "lost",
    "fault", "client",
]  # fmt: skip

#: How many of the latest events are kept, and how many are shown.
KEPT = 5000
SHOWN = 60

#: The longest form in which a message is shown.
WIDTH = 90

#: What is a name or an id, and nobody's words.
_ID = re.compile(r"([a-z]_[a-z0-9_.-]+|[a-z]+:[\w:./#-]+)\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to an actor.

    Attributes:
        at_s: Virtual seconds.
        actor: Its name.
        by: Who told it; "" for the test, or nobody.
    """

    at_s: float
    kind: Kind
    actor: str
    what: str = ""
    by: str = ""


class Story:
    """What happened, the latest of it.

    Args:
        now: Virtual seconds.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.happenings: deque[Happening] = deque(maxlen=KEPT)

    def note(self, kind: Kind, actor: str, what: str = "", by: str = "") -> None:
        """Something happened."""
        self.happenings.append(Happening(self._now(), kind, actor, what, by))

    def of(self, names: Collection[str]) -> list[Happening]:
        """What happened to these, and to those who told them something."""
        wanted = set(names)
        wanted |= {h.by for h in self.happenings if h.actor in wanted and h.by}
        return [h for h in self.happenings if h.actor in wanted or h.by in wanted]

    def told(self, names: Collection[str] = (), last: int = SHOWN) -> str:
        """The last of it, a line each.

        Args:
            names: Only of these actors, and of those who told them something; empty for all.
        """
        found = self.of(names) if names else list(self.happenings)
        if not found:
            return "No actor did anything."
        shown = found[-last:]
        lines = [f"  {len(found) - last} earlier ones"] if len(found) > last else []
        width = max(len(h.actor) for h in shown)
        for h in shown:
            by = f"  by {h.by}" if h.by else ""
            lines.append(f"  {h.at_s:9.3f} {h.kind:<9} {h.actor:<{width}} {h.what}{by}".rstrip())
        return "\n".join(lines)


def short(message: Any) -> str:
    """A message in a few words, without anybody's."""
    if type(message) is Ask:
        message = message.message
    kind = cast("type[object]", type(message))
    if kind.__module__.partition(".")[0] in ("hubbub", "pykka"):
        return f"{kind.__name__}{_numbers(message)}"
    try:
        text = repr(message)
    except Exception as error:  # noqa: BLE001 - somebody else's repr must not fail the test
        return f"{kind.__name__} (its repr raises {type(error).__name__})"
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 2]}.."


def _numbers(message: Any) -> str:
    if not is_dataclass(message):
        return ""
    shown: list[str] = []
    for field in fields(message):
        value = getattr(message, field.name)
        if isinstance(value, (bool, int)) or (isinstance(value, str) and _ID.match(value)):
            shown.append(f"{field.name}={value}")
    text = ", ".join(shown)
    return f"({text if len(text) <= WIDTH else text[: WIDTH - 2] + '..'})"


__all__ = ["KEPT", "SHOWN", "WIDTH", "Happening", "Kind", "Story", "short"]
