"""What a text, a title and a reaction may be."""

from __future__ import annotations

import pytest

from hubbub.actors.bodies import Text
from hubbub.actors.content_rules import (
    EMOJI_CHARS,
    check_emoji,
    check_text,
    check_title,
    founders,
)
from hubbub.config.errors import BadRequestError, ConversationFullError, TooLargeError
from hubbub.config.ids import UserId
from hubbub.config.limits import Limits

LIMITS = Limits(text_chars=10, text_bytes=20, title_chars=5)


@pytest.mark.parametrize("text", ["x", "x" * 10, "\N{GRINNING FACE}" * 5, " ", "\0\n\u202e"])
def test_a_text_within_the_limits_is_taken_as_it_is(text: str) -> None:
    check_text(Text(text, 3), LIMITS, 3)


@pytest.mark.parametrize(
    ("text", "size", "limit"), [("x" * 11, 11, 10), ("\N{GRINNING FACE}" * 6, 24, 20)]
)
def test_a_text_over_a_limit_names_it(text: str, size: int, limit: int) -> None:
    with pytest.raises(TooLargeError) as refused:
        check_text(Text(text), LIMITS, 0)
    assert (refused.value.size, refused.value.limit) == (size, limit)


@pytest.mark.parametrize("body", [Text(""), Text("x", 4), Text("x", 0)])
def test_an_empty_text_and_a_reply_to_nothing_are_refused(body: Text) -> None:
    with pytest.raises(BadRequestError):
        check_text(body, LIMITS, 3)


def test_a_title_is_one_short_line_that_can_be_seen() -> None:
    check_title("Team!", LIMITS)
    # A family of three, and a Persian word.
    for whole in ("\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u0645\u06cc\u200c\u062e"):
        check_title(whole, LIMITS)
    with pytest.raises(TooLargeError):
        check_title("Teams!", LIMITS)
    for title in ("", "  ", "\u200d", "a\nb", "a\0", "\u202ea"):
        with pytest.raises(BadRequestError):
            check_title(title, LIMITS)


def test_the_founders_of_a_group_are_its_creator_and_each_other_once() -> None:
    ann, bo, cleo = map(UserId, ("u_ann", "u_bo", "u_cleo"))
    few = Limits(members=3)
    assert founders(ann, (), few) == (ann,)
    assert founders(ann, (bo, ann, cleo), few) == (ann, bo, cleo)
    with pytest.raises(BadRequestError):
        founders(ann, (bo, bo), few)
    with pytest.raises(ConversationFullError):
        founders(ann, (bo, cleo, UserId("u_dora")), few)


#: One sign each: plain, with a variation selector, a skin tone, a keycap, joined, flags.
SIGNS = [
    "👍", "❤\ufe0f", "☺", "👍🏽", "1\ufe0f\u20e3", "👩\u200d👩\u200d👧\u200d👦", "🏳\ufe0f\u200d🌈",
    "👩🏽\u200d⚕\ufe0f", "👨\u200d❤\ufe0f\u200d💋\u200d👨", "🇫🇷", "é", "e\u0301", "क्", "!",
    "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
]  # fmt: skip


@pytest.mark.parametrize("emoji", [*SIGNS, ""])
def test_a_reaction_is_one_sign_or_none(emoji: str) -> None:
    check_emoji(emoji)


@pytest.mark.parametrize(
    "emoji",
    [
        "👍👍", "👍 ", " ", "\n", "a\0", "\x07", "no", "+1", "🇫🇷🇩🇪", "🇫🇷🇩", "\u200d", "\ufe0f",
        "🏽\u200d", "a\u200db", "\u202e👍", "👍\u200b", "\ud800", "\ue000", "<b>", "👍\u2028",
    ],
)  # fmt: skip
def test_anything_else_is_no_reaction(emoji: str) -> None:
    with pytest.raises(BadRequestError):
        check_emoji(emoji)


def test_a_reaction_over_the_limit_names_it() -> None:
    check_emoji("e" + "\u0301" * (EMOJI_CHARS - 1))
    with pytest.raises(TooLargeError) as refused:
        check_emoji("e" + "\u0301" * EMOJI_CHARS)
    assert (refused.value.size, refused.value.limit) == (EMOJI_CHARS + 1, EMOJI_CHARS)
