"""A row about a person, and what happens to it."""

from __future__ import annotations

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.actors.bodies import PersonFact
from hubbub.actors.contact_rules import changed
from hubbub.config.ids import UserId
from hubbub.storage.records import Contact, ContactState

ANA, BO = UserId("u_ana"), UserId("u_bo")

facts = st.sampled_from(
    ["block", "unblock", "request", "accept", "remove", "wanted", "unwanted"]
).map(lambda ev: PersonFact(cast(Any, ev), BO, 7))


def row_after(*events: str) -> Contact:
    row = Contact(ANA, BO)
    for seq, ev in enumerate(events, 1):
        row = changed(row, PersonFact(cast(Any, ev), BO, seq * 10), seq)
    return row


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ((), None),
        (("request",), "asked"),
        (("wanted",), "asks"),
        (("wanted", "accept"), "mutual"),
        (("wanted", "request"), "mutual"),
        (("request", "wanted"), "mutual"),
        (("accept",), None),
        (("wanted", "remove"), None),
        (("wanted", "remove", "accept"), None),
        (("wanted", "remove", "wanted"), "asks"),
        (("wanted", "accept", "remove"), None),
        (("wanted", "accept", "unwanted"), "asked"),
        (("request", "remove"), None),
        (("wanted", "unwanted"), None),
        (("block", "wanted"), None),
        (("block", "wanted", "unblock"), None),
        (("wanted", "block"), None),
        (("block", "unblock", "wanted"), "asks"),
    ],
)
def test_a_contact_is_what_both_want(events: tuple[str, ...], state: ContactState | None) -> None:
    assert row_after(*events).state == state


def test_a_block_is_apart_from_the_contact() -> None:
    blocked = row_after("wanted", "accept", "block")
    assert (blocked.blocked, blocked.state) == (True, "mutual")
    assert not row_after("block", "unblock").blocked


def test_what_was_heard_last_is_remembered() -> None:
    assert row_after("wanted", "request").theirs_at == 10
    assert row_after("wanted", "unwanted").theirs_at == 20


@given(st.lists(facts, max_size=8))
def test_facts_that_are_in_the_row_change_nothing_when_they_come_again(
    told: list[PersonFact],
) -> None:
    row = Contact(ANA, BO)
    for seq, fact in enumerate(told, 1):
        row = changed(row, fact, seq)
    again = row
    for seq, fact in enumerate(told, 1):
        again = changed(again, fact, seq)
    assert again == row
    assert row.lv == len(told)
