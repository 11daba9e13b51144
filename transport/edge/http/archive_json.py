"""An archive as one JSON object, written as it is read.

    {"made", "profile": {..}, "devices": [..],
     "contacts": [{"id", "name", "state", "blocked"}, ..],
     "conversations": [{"c", "kind", "title", "role", "left", "request", "mute", "messages": [..],
                        "people": {user: name}}, ..]}

`state` is null for somebody who is blocked and no contact, `mute` 0 for what is not muted.

Messages look as on the socket, without what repeats in each.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, assert_never

import msgspec

from ...wire import out_frames
from .archive import Chapter, Circle, Opening, Part, Passage
from .colours import colour_of

_encode = msgspec.json.Encoder().encode

#: The contacts end here.
_CONVERSATIONS = b'],"conversations":['


async def as_json(parts: AsyncIterator[Part]) -> AsyncIterator[bytes]:
    """The pieces of the object; it is whole only when all of them came."""
    people: dict[str, str] | None = None
    # Of the list that is being written.
    first = True
    async for part in parts:
        match part:
            case Opening():
                # Its last brace is left open.
                yield _encode(_opening(part))[:-1] + b',"contacts":['
            case Circle():
                written = b",\n".join(_encode(each) for each in _circle(part))
                yield written if first else b",\n" + written
                first = False
            case Chapter():
                ending = _CONVERSATIONS if people is None else _ending(people) + b",\n"
                yield ending + _encode(_chapter(part))[:-1] + b',"messages":['
                people, first = {}, True
            case Passage():
                assert people is not None
                people.update(part.names)
                if part.messages:
                    written = b",\n".join(_encode(_message(each)) for each in part.messages)
                    yield written if first else b",\n" + written
                    first = False
            case _:
                assert_never(part)
    yield (_CONVERSATIONS if people is None else _ending(people)) + b"]}\n"


def _ending(people: dict[str, str]) -> bytes:
    return b'],"people":' + _encode(people) + b"}"


def _opening(opening: Opening) -> dict[str, Any]:
    account = opening.account
    return {
        "made": opening.made_ms,
        "profile": {
            "id": account.id,
            "name": account.name,
            "display": account.display,
            "about": account.about,
            "presence": account.presence,
            "write": account.write,
            "colour": colour_of(account),
            "findable": account.findable,
            "created": account.created_ms,
            "last_active": account.last_active_ms,
        },
        "devices": [
            {"id": d.id, "label": d.label, "created": d.created_ms, "seen": d.seen_ms}
            for d in opening.devices
        ],
    }


def _circle(circle: Circle) -> list[dict[str, Any]]:
    return [
        {
            "id": row.peer,
            "name": circle.names[row.peer],
            "state": row.state,
            "blocked": row.blocked,
        }
        for row in circle.people
    ]


def _chapter(chapter: Chapter) -> dict[str, Any]:
    row = chapter.row
    return {
        "c": row.conv,
        "kind": row.kind,
        "title": chapter.title,
        "role": row.role,
        "left": row.until is not None,
        "request": row.request,
        "mute": row.mute,
    }


def _message(message: out_frames.Msg) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(message)
    return {name: value for name, value in fields.items() if name not in ("t", "c")}


__all__ = ["as_json"]
