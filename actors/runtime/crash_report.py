"""What may be said of a crash: what it was and where, and never what anybody wrote.

    Post(reply=ReplyTo(name=<str 21>, key=4), cid=7, prev=6, body=Text(text=<str 112>))

A message is told by its type and its shape: numbers are shown, and of everything that could be a
text, a token or a password only the kind and the length are.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Sized
from typing import Any, cast

from ...config.errors import HubbubError
from .mailbox import Ask

#: How deep a message is looked into, and how many of its fields are told.
DEPTH = 3
FIELDS = 16

_MEASURED = (str, bytes, list, tuple, dict, set, frozenset)


def reason_of(error: BaseException) -> str:
    """What it was, for people.

    What an exception says may quote a message, so only our own errors, which never do, are quoted.
    """
    kind = type(error).__name__
    return f"{kind}: {error}" if isinstance(error, HubbubError) else kind


def shape_of(message: Any, depth: int = DEPTH) -> str:
    """A message, with everything that could be somebody's words left out."""
    if message is None or type(message) in (bool, int, float):
        return repr(message)
    kind = type(message).__name__
    if isinstance(message, enum.Enum):
        return f"{kind}.{message.name}"
    if type(message) is Ask:
        return f"Ask({shape_of(message.message, depth)})"
    if dataclasses.is_dataclass(message) and depth:
        told = [
            f"{field.name}={shape_of(getattr(message, field.name, None), depth - 1)}"
            for field in dataclasses.fields(message)[:FIELDS]
        ]
        return f"{kind}({', '.join(told)})"
    # A mapping's keys may be words too; an object of a foreign class may do and say anything.
    measured = isinstance(message, _MEASURED)
    return f"<{kind} {len(cast(Sized, message))}>" if measured else f"<{kind}>"


__all__ = ["DEPTH", "FIELDS", "reason_of", "shape_of"]
