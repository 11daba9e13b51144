"""The colour behind somebody's initials."""

from __future__ import annotations

from dataclasses import replace

from hubbub.config.ids import UserId
from hubbub.storage.records import Account
from hubbub.transport.edge.http.colours import COLOURS, colour_of

SOMEBODY = Account(UserId("u_" + "a" * 20), "Ann", "ann", 1, "x")


def test_there_are_twelve_in_order() -> None:
    assert [f"hue-{n}" for n in range(12)] == list(COLOURS)


def test_who_chose_none_has_the_one_of_the_id() -> None:
    # u 117, _ 95, a 97 twenty times: 2152, which is 4 over a multiple of 12.
    assert colour_of(SOMEBODY) == "hue-4"


def test_a_chosen_one_is_shown_and_one_that_is_no_more_is_not() -> None:
    assert colour_of(replace(SOMEBODY, colour="hue-7")) == "hue-7"
    assert colour_of(replace(SOMEBODY, colour="of a newer program")) == "hue-4"
