"""What a text, a title, and the beginning of a group may be."""

from __future__ import annotations

from ..config.errors import BadRequestError, ConversationFullError, TooLargeError
from ..config.ids import UserId
from ..config.limits import Limits
from .bodies import Text


def check_text(body: Text, limits: Limits, head: int) -> None:
    """Hold a text to the limits.

    Args:
        head: The newest seq of its conversation; a reply is to one up to it.

    Raises:
        TooLargeError: Too many code points, or too many bytes.
        BadRequestError: It is empty, or replies to nothing.
    """
    size = len(body.text)
    if size > limits.text_chars:
        raise TooLargeError("That message", size, limits.text_chars)
    # A code point has at most four bytes, so most texts need no second count.
    if size * 4 > limits.text_bytes:
        in_bytes = len(body.text.encode())
        if in_bytes > limits.text_bytes:
            raise TooLargeError("That message", in_bytes, limits.text_bytes, "bytes")
    if not size:
        raise BadRequestError("That message is empty.")
    if body.re_s is not None and not 1 <= body.re_s <= head:
        raise BadRequestError("There is no such message to reply to.")


def check_title(title: str, limits: Limits) -> None:
    """Hold a group's title to the limits.

    Raises:
        TooLargeError: Too many code points.
        BadRequestError: It is blank, or has line breaks or control characters.
    """
    if len(title) > limits.title_chars:
        raise TooLargeError("That title", len(title), limits.title_chars)
    if not title.strip() or not title.isprintable():
        raise BadRequestError("A title is one line of visible characters.")


def founders(creator: UserId, members: tuple[UserId, ...], limits: Limits) -> tuple[UserId, ...]:
    """Who is in a new group, its creator first.

    Raises:
        BadRequestError: Somebody is named twice.
        ConversationFullError: They are too many.
    """
    users = (creator, *(user for user in members if user != creator))
    if len(set(users)) != len(users):
        raise BadRequestError("Name each person once.")
    if len(users) > limits.members:
        raise ConversationFullError(limits.members)
    return users


__all__ = ["check_text", "check_title", "founders"]
