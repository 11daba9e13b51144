"""What a text and a title may be."""

from __future__ import annotations

import pytest

from hubbub.actors.bodies import Text
from hubbub.actors.content_rules import check_text, check_title, founders
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
    with pytest.raises(TooLargeError):
        check_title("Teams!", LIMITS)
    for title in ("", "  ", "a\nb", "a\0", "\u202ea"):
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
