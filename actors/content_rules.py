"""What a text, a title, a reaction, and the beginning of a group may be."""

from __future__ import annotations

from typing import Final
from unicodedata import category

from ..config.errors import BadRequestError, ConversationFullError, TooLargeError
from ..config.ids import UserId
from ..config.limits import Limits
from .bodies import Text

#: The longest reaction, in code points: the longest emoji of any platform is far shorter.
EMOJI_CHARS: Final = 64

_JOINER: Final = "\u200d"
#: Zero width, with and without joining.
_JOINERS: Final = {0x200C: None, 0x200D: None}
#: Flags of regions are spelled with these, after a black flag.
_TAGS: Final = range(0xE0020, 0xE0080)
_SKIN_TONES: Final = range(0x1F3FB, 0x1F400)
_REGIONAL: Final = range(0x1F1E6, 0x1F200)


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


def is_line(text: str) -> bool:
    """Whether it is one line of what can be seen: no controls, no line breaks, and no marks that
    turn the direction of what stands around. Joiners are part of emoji and of many scripts."""
    return text.translate(_JOINERS).isprintable()


def check_title(title: str, limits: Limits) -> None:
    """Hold a group's title to the limits.

    Raises:
        TooLargeError: Too many code points.
        BadRequestError: It is blank, or has line breaks or control characters.
    """
    if len(title) > limits.title_chars:
        raise TooLargeError("That title", len(title), limits.title_chars)
    if not is_line(title) or not title.translate(_JOINERS).strip():
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


def check_emoji(emoji: str) -> None:
    """Hold a reaction to one visible sign; an empty one takes a reaction back.

    Raises:
        TooLargeError: Too many code points.
        BadRequestError: It is not one sign, or holds what cannot be seen.
    """
    if len(emoji) > EMOJI_CHARS:
        raise TooLargeError("That reaction", len(emoji), EMOJI_CHARS)
    if emoji and _signs(emoji) != 1:
        raise BadRequestError("A reaction is one emoji.")


def _signs(text: str) -> int:
    """How many signs a reader sees, more or less as Unicode's extended grapheme clusters; 0 when
    one of its characters can have no place in a sign."""
    signs = 0
    joined = half_flag = False
    for char in text:
        point, kind = ord(char), category(char)
        if char == _JOINER or point in _TAGS or point in _SKIN_TONES or kind[0] == "M":
            if not signs:
                return 0  # they change a sign before them
            joined, half_flag = char == _JOINER, False
            continue
        if kind[0] in "CZ":
            return 0
        if point in _REGIONAL and half_flag:
            half_flag = False  # two of them are one flag
            continue
        signs += not (joined and kind[0] == "S")  # letters are never joined to one sign
        joined, half_flag = False, point in _REGIONAL
    return signs


__all__ = ["EMOJI_CHARS", "check_emoji", "check_text", "check_title", "founders", "is_line"]
