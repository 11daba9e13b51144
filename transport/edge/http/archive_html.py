"""An archive as one page for reading: no script, nothing from elsewhere, every text escaped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from html import escape
from typing import assert_never

from ....storage.records import Contact, ContactState
from ...wire import bodies, out_frames
from .archive import Chapter, Circle, Opening, Part, Passage

_STYLE = """\
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 48rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
section { border-top: 1px solid; margin-top: 3rem; }
article { margin: 0.75rem 0; }
p { margin: 0; white-space: pre-wrap; overflow: hidden; }
time { opacity: 0.7; font-size: 0.85rem; }
.told { font-style: italic; }
"""

#: The page is opened as a file: it says itself that nothing may run or load.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

_DELETED = "Deleted account"

#: The last moment that has a date; whoever mutes for ever may name a later one.
_LAST_MS = 253_402_300_799_000

_STATES: dict[ContactState | None, str] = {
    "mutual": "contact",
    "asked": "asked by me",
    "asks": "asks me",
    None: "",
}


async def as_html(parts: AsyncIterator[Part]) -> AsyncIterator[bytes]:
    """The pieces of the page; it is whole only when all of them came."""
    chapters = 0
    async for part in parts:
        match part:
            case Opening():
                yield _opening(part).encode()
            case Circle():
                yield "".join(_person(row, part.names) for row in part.people).encode()
            case Chapter():
                yield (("</section>" if chapters else "") + _chapter(part)).encode()
                chapters += 1
            case Passage():
                if part.messages:
                    shown = (_message(each, part.names) for each in part.messages)
                    yield "".join(shown).encode()
            case _:
                assert_never(part)
    end = "</section>" if chapters else "<p>There are no conversations.</p>"
    yield f"{end}</body></html>\n".encode()


def _opening(opening: Opening) -> str:
    account = opening.account
    lines = [
        ("Name", account.name),
        ("Display name", account.display),
        ("About", account.about),
        ("Who sees when I am online", account.presence),
        ("Who may begin a conversation with me", account.write),
        ("Found by searching", "yes" if account.findable else "no"),
        ("Signed up", _moment(account.created_ms)),
        ("This copy is of", _moment(opening.made_ms)),
    ]
    lines += [
        ("Device", f"{device.label} (since {_moment(device.created_ms)})")
        for device in opening.devices
    ]
    rows = "".join(f"<dt>{name}</dt><dd>{_isolated(text)}</dd>" for name, text in lines if text)
    title = f"Hubbub: {escape(account.name)}"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head>"
        f"<body><h1>{_isolated(account.display or account.name)}</h1><dl>{rows}</dl>\n"
    )


def _person(row: Contact, names: dict[str, str]) -> str:
    said = ", ".join(filter(None, (_STATES[row.state], "blocked" if row.blocked else "")))
    return f"<p>{_name(row.peer, names)}: {said}</p>\n"


def _chapter(chapter: Chapter) -> str:
    row = chapter.row
    told = [
        *(["Left."] if row.until is not None else []),
        *(["A stranger's request."] if row.request else []),
        *([f"Muted until {_moment(min(row.mute, _LAST_MS))}."] if row.mute else []),
    ]
    notes = "".join(f'<p class="told">{note}</p>' for note in told)
    return f"<section><h2>{_isolated(chapter.title or _DELETED)}</h2>{notes}\n"


def _message(message: out_frames.Msg, names: dict[str, str]) -> str:
    body = message.b
    match body:
        case bodies.Text():
            reply = f" (reply to no. {body.re_s})" if body.re_s is not None else ""
            said = f'<p dir="auto">{escape(body.text)}</p>'
        case bodies.System():
            reply, said = "", f'<p class="told">{_told(body, names)}</p>'
        case bodies.Deleted():
            reply, said = "", '<p class="told">This message was deleted.</p>'
        case bodies.Edit() | bodies.Delete() | bodies.React():
            # The message that it is about shows it.
            return ""
        case _:
            assert_never(body)
    who = f"<b>{_name(message.from_, names)}</b> " if message.from_ else ""
    head = f"{who}<time>{_moment(message.ts)}</time>, no. {message.s}{reply}"
    return f"<article>{head}{said}</article>\n"


def _told(body: bodies.System, names: dict[str, str]) -> str:
    about = ", ".join(_name(user, names) for user in body.users)
    title = f": {_isolated(body.title)}" if body.title is not None else ""
    role = f": {escape(body.role)}" if body.role is not None else ""
    return f"{escape(body.ev)}{title}{role}{f' ({about})' if about else ''}"


def _name(user: str, names: dict[str, str]) -> str:
    return _isolated(names.get(user) or _DELETED)


def _isolated(text: str) -> str:
    """A text from somebody, which does not turn what stands around it."""
    return f"<bdi>{escape(text)}</bdi>"


def _moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


__all__ = ["as_html"]
