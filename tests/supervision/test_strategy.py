"""Whom a crash concerns."""

from __future__ import annotations

import pytest

from hubbub.supervision.strategy import AutoShutdown, concerned, shuts_down

CHILDREN = ("store", "edge", "actors", "push")


def test_one_for_one_concerns_the_crashed_child_alone() -> None:
    assert concerned("one_for_one", CHILDREN, "edge") == ["edge"]


def test_rest_for_one_concerns_those_started_after_it_too() -> None:
    assert concerned("rest_for_one", CHILDREN, "edge") == ["edge", "actors", "push"]
    assert concerned("rest_for_one", CHILDREN, "store") == list(CHILDREN)
    assert concerned("rest_for_one", CHILDREN, "push") == ["push"]


def test_one_for_all_concerns_everybody() -> None:
    assert concerned("one_for_all", CHILDREN, "edge") == list(CHILDREN)


@pytest.mark.parametrize(
    ("auto_shutdown", "with_others", "with_none"),
    [("never", False, False), ("any_significant", True, True), ("all_significant", False, True)],
)
def test_the_end_of_a_significant_child_may_be_the_supervisors(
    auto_shutdown: AutoShutdown, with_others: bool, with_none: bool
) -> None:
    assert shuts_down(auto_shutdown, others_left=True) is with_others
    assert shuts_down(auto_shutdown, others_left=False) is with_none
