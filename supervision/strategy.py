"""Whom a crash concerns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias, assert_never

#: one_for_one: the crashed child alone; rest_for_one: it and those started after it, which may
#: depend on it.
Strategy: TypeAlias = Literal["one_for_one", "rest_for_one"]


def concerned(strategy: Strategy, children: Sequence[str], crashed: str) -> list[str]:
    """Who is to be (stopped in reverse, and) started again, in the order of starting.

    Args:
        children: All names, in the order of starting.
        crashed: One of them.
    """
    match strategy:
        case "one_for_one":
            return [crashed]
        case "rest_for_one":
            return list(children[children.index(crashed) :])
        case _:
            assert_never(strategy)


__all__ = ["Strategy", "concerned"]
