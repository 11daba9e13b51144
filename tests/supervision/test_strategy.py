"""Whom a crash concerns."""

from __future__ import annotations

from hubbub.supervision.strategy import concerned

CHILDREN = ("store", "edge", "actors", "push")


def test_one_for_one_concerns_the_crashed_child_alone() -> None:
    assert concerned("one_for_one", CHILDREN, "edge") == ["edge"]


def test_rest_for_one_concerns_those_started_after_it_too() -> None:
    assert concerned("rest_for_one", CHILDREN, "edge") == ["edge", "actors", "push"]
    assert concerned("rest_for_one", CHILDREN, "store") == list(CHILDREN)
    assert concerned("rest_for_one", CHILDREN, "push") == ["push"]
