"""Whom a crash concerns, and when a supervisor has nothing left to live for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias, assert_never

#: one_for_one: the crashed child alone; rest_for_one: it and those started after it, which may
#: depend on it; one_for_all: everybody, since each depends on the others.
Strategy: TypeAlias = Literal["one_for_one", "one_for_all", "rest_for_one"]

#: When a supervisor stops by itself because significant children have ended for good.
AutoShutdown: TypeAlias = Literal["never", "any_significant", "all_significant"]


def concerned(strategy: Strategy, children: Sequence[str], crashed: str) -> list[str]:
    """Who is to be (stopped in reverse, and) started again, in the order of starting.

    Args:
        children: All names, in the order of starting.
        crashed: One of them.
    """
    match strategy:
        case "one_for_one":
            return [crashed]
        case "one_for_all":
            return list(children)
        case "rest_for_one":
            return list(children[children.index(crashed) :])
        case _:
            assert_never(strategy)


def shuts_down(auto_shutdown: AutoShutdown, others_left: bool) -> bool:
    """Whether a supervisor stops, now that a significant child has ended for good by itself.

    Args:
        others_left: Whether another significant child is up or on its way.
    """
    match auto_shutdown:
        case "never":
            return False
        case "any_significant":
            return True
        case "all_significant":
            return not others_left
        case _:
            assert_never(auto_shutdown)


__all__ = ["AutoShutdown", "Strategy", "concerned", "shuts_down"]
