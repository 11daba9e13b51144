"""The tree of errors: told apart by whose doing, with numbers as fields."""

from __future__ import annotations

import inspect

import pytest

from hubbub.config import errors
from hubbub.config.errors import (
    AskTimeoutError,
    CidOldError,
    CidUsedError,
    ConversationFullError,
    HubbubError,
    InternalError,
    MailboxFullError,
    Refusal,
    ResendError,
    SeqMismatchError,
    StaleEpochError,
    StoreRefusedError,
    TooLargeError,
    UnavailableError,
)

#: Item 12 of the protocol, and what HTTP alone has.
CODES = {
    "bad_request", "unauthenticated", "forbidden", "blocked", "not_found", "too_large",
    "conversation_full", "rate_limited", "resend", "cid_old", "cid_used", "unsupported",
    "internal", "unavailable", "name_taken",
}  # fmt: skip

CLASSES = [
    each
    for _name, each in inspect.getmembers(errors, inspect.isclass)
    if issubclass(each, HubbubError)
]


def test_every_error_is_one_of_hubbub_and_drawn_in_the_tree() -> None:
    assert errors.__doc__ is not None
    for each in CLASSES:
        assert each.__name__ in errors.__doc__


@pytest.mark.parametrize("each", CLASSES)
def test_leaf_names_end_in_error(each: type[HubbubError]) -> None:
    assert each is Refusal or each.__name__.endswith("Error")


def test_every_code_of_the_protocol_has_its_refusal_and_no_more() -> None:
    assert {each.code for each in CLASSES if issubclass(each, Refusal)} == CODES


def test_a_refusal_over_a_limit_names_it() -> None:
    error = TooLargeError("text", 100_001, 100_000)
    assert (error.size, error.limit) == (100_001, 100_000)
    assert error.text == "text is too long: 100,001 of 100,000 characters."
    assert "100 members" in ConversationFullError(100).text


def test_the_cid_family_says_which_was_the_last() -> None:
    for kind in (ResendError, CidOldError, CidUsedError):
        assert kind(41).last == 41


def test_what_may_be_tried_again_says_when() -> None:
    for error in (UnavailableError(), MailboxFullError(10), AskTimeoutError()):
        assert error.temporary
        assert error.code == "unavailable"
        assert error.retry_ms == 1000
    assert not InternalError().temporary
    assert InternalError().retry_ms is None


def test_what_the_store_refused_holds_the_numbers() -> None:
    stale, gap = StaleEpochError(3, 4), SeqMismatchError(9, 8)
    assert isinstance(stale, StoreRefusedError)
    assert (stale.epoch, stale.current) == (3, 4)
    assert (gap.seq, gap.expected) == (9, 8)
