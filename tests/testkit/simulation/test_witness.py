"""What was handed in to a disk, and what became of it."""

from __future__ import annotations

from tests.testkit.simulation.lab import entry

from hubbub.config.ids import ConvId
from hubbub.testkit.simulation.witness import Witness

CONV = ConvId("g_a")
ONE, OTHER = [entry(1, "text", b"x")], [entry(1, "text", b"y")]


def test_within_an_epoch_a_seq_names_one_content_for_ever() -> None:
    witness = Witness()
    witness.handed_in(CONV, 1, ONE)
    witness.handed_in(CONV, 1, ONE)
    witness.handed_in(CONV, 2, OTHER)
    witness.handed_in(ConvId("g_b"), 1, OTHER)
    assert witness.wrongs == []
    witness.handed_in(CONV, 1, OTHER)
    assert witness.wrongs == [("one content", "g_a 1 of epoch 1 names another content", CONV)]


def test_the_seq_of_what_was_refused_is_free() -> None:
    witness = Witness()
    witness.handed_in(CONV, 1, ONE)
    witness.refused(CONV, 1, ONE)
    witness.handed_in(CONV, 1, OTHER)
    assert witness.wrongs == []


def test_a_second_content_that_is_refused_frees_nothing() -> None:
    witness = Witness()
    witness.handed_in(CONV, 1, ONE)
    for _ in range(2):
        witness.handed_in(CONV, 1, OTHER)
        witness.refused(CONV, 1, OTHER)
    assert [rule for rule, _, _ in witness.wrongs] == ["one content"] * 2


def test_whose_epoch_is_over_writes_no_more() -> None:
    witness = Witness()
    witness.appended(CONV, 3, 3)
    assert witness.wrongs == []
    witness.appended(CONV, 3, 4)
    says = "g_a was written in epoch 3, when 4 had begun"
    assert witness.wrongs == [("one writer", says, CONV)]
