"""What later entries make of an earlier text: folded by its owner, and shown to readers. Pure.

text 5, edit 6, react 7   ->  fold, fold  ->  Projection(5, changed at 7, words of 6, reactions)
delete 8                  ->  fold        ->  Projection(5, changed at 8, deleted)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..config.ids import UserId
from ..storage.records import Entry, Message, Projection
from .bodies import Edit, React, Text, decode_body, encode_body


def fold(message: Message, entry: Entry) -> Projection:
    """The text's projection with a later entry of the log in it; one that is in it changes nothing.

    Args:
        message: The text, with what was made of it before.
        entry: An edit, deletion or reaction whose target it is.
    """
    seq = message.entry.seq
    before = message.projection or Projection(seq, 0)
    if entry.seq <= before.changed_at or before.deleted:
        return before
    # An edit without words: the text was deleted, and the store went on to its edits already.
    if entry.kind == "delete" or not entry.body:
        return Projection(seq, entry.seq, deleted=True)
    body = decode_body(entry.body)
    match body:
        case Edit():
            return replace(before, changed_at=entry.seq, body=_edited(message.entry, body))
        case React():
            user = UserId(entry.sender)
            reactions = _reacted(before.reactions, user, body.emoji)
            return replace(before, changed_at=entry.seq, reactions=reactions)
        case _:
            raise TypeError(f"an entry of kind {entry.kind} changes no other")


def _edited(original: Entry, edit: Edit) -> bytes:
    text = decode_body(original.body)
    return encode_body(Text(edit.text, text.re_s if isinstance(text, Text) else None))


def _reacted(
    reactions: Mapping[str, list[UserId]], user: UserId, emoji: str
) -> dict[str, list[UserId]]:
    """One user's reaction is this now: it stands last, and no other of the user's is left."""
    others = {sign: [u for u in users if u != user] for sign, users in reactions.items()}
    after = {sign: users for sign, users in others.items() if users}
    if emoji:
        after[emoji] = [*after.get(emoji, ()), user]
    return after


def as_granted(
    messages: Iterable[Message], pending: Iterable[Projection], until: int | None
) -> list[Message]:
    """Messages as they were read from the store, made what their reader may see.

    Args:
        pending: Projections that the store may not show yet.
        until: The last seq that one who left may see: what a text became later is not for them,
            but that it was deleted; None for a member.
    """
    newer = {projection.seq: projection for projection in pending}
    if not newer and until is None:
        return list(messages)
    return [_as_granted(message, newer, until) for message in messages]


def _as_granted(message: Message, newer: Mapping[int, Projection], until: int | None) -> Message:
    entry, stored = message.entry, message.projection
    pending = newer.get(entry.seq)
    if pending is not None and stored is not None and stored.changed_at >= pending.changed_at:
        pending = None
    shown = next((p for p in (pending, stored) if p is not None and _is_for(p, until)), None)
    text = newer.get(entry.target) if entry.kind == "edit" else shown
    gone = text is not None and text.deleted
    return Message(replace(entry, body=b"") if gone else entry, shown)


def _is_for(projection: Projection, until: int | None) -> bool:
    return projection.deleted or until is None or projection.changed_at <= until


__all__ = ["as_granted", "fold"]
