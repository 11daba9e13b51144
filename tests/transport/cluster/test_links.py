"""What was sent and what arrived, by the link."""

from __future__ import annotations

from hubbub.transport.cluster.links import Arrived, Sent


def test_what_goes_out_is_numbered_for_each_receiver() -> None:
    sent = Sent()
    assert [sent.next("a"), sent.next("a"), sent.next("b")] == [1, 2, 1]
    assert sent.to(frozenset(("a", "c"))) == {"a": 2}
    assert sent.next("b") == 2, "who is out may come back in"


def test_what_comes_in_order_is_taken_and_what_comes_again_is_not() -> None:
    arrived = Arrived()
    assert arrived.take("a", 1) == (True, False)
    assert arrived.take("a", 1) == (False, False)
    assert arrived.take("a", 2) == (True, False)
    assert arrived.take("b", 1) == (True, False)


def test_a_number_that_is_missing_is_a_hole_once() -> None:
    arrived = Arrived()
    arrived.take("a", 1)
    assert arrived.take("a", 4) == (True, True)
    assert arrived.take("a", 5) == (True, False)
    assert arrived.take("a", 3) == (False, False)


def test_even_a_lost_last_one_shows_one_renewal_later() -> None:
    arrived = Arrived()
    arrived.take("a", 1)
    assert arrived.published({"a": 2, "b": 0}) == []
    assert arrived.published({"a": 2}) == ["a"]
    assert arrived.published({"a": 2}) == []
    assert arrived.take("a", 3) == (True, False), "its loss is known already"


def test_what_is_only_under_way_is_no_loss() -> None:
    arrived = Arrived()
    assert arrived.published({"a": 2}) == []
    arrived.take("a", 1)
    arrived.take("a", 2)
    assert arrived.published({"a": 2}) == []


def test_what_was_given_up_and_comes_after_all_is_taken() -> None:
    arrived = Arrived()
    arrived.published({"a": 2})
    assert arrived.published({"a": 2}) == ["a"]
    assert arrived.take("a", 1) == (True, False)
    assert arrived.take("a", 2) == (True, False)
