"""Figures, and the goals they are held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


class LostError(Exception):
    """A benchmark lost, doubled or was refused something: its figures would mean nothing."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a benchmark runs.

    Attributes:
        quick: Fewer people and messages: a look, no figures to keep.
        profile: Run the server under a profiler, so that its times are longer and explained.
    """

    quick: bool = False
    profile: bool = False


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure must reach."""

    bound: Literal["at most", "at least"]
    value: float

    def met(self, value: float) -> bool:
        """Whether this value does."""
        return value <= self.value if self.bound == "at most" else value >= self.value

    def __str__(self) -> str:
        return f"{self.bound} {number(self.value)}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a table."""

    what: str
    value: float
    unit: str
    goal: Goal | None = None

    @property
    def verdict(self) -> str:
        """How it stands to its goal; "" without one."""
        if self.goal is None:
            return ""
        return "yes" if self.goal.met(self.value) else "MISSED"


@dataclass(frozen=True, slots=True)
class Result:
    """What a benchmark found.

    Attributes:
        profile: Where the server's time went, as lines of text; empty if it was not asked for.
    """

    name: str
    about: str
    figures: list[Figure]
    profile: list[str]

    @property
    def missed(self) -> bool:
        """Whether a goal was missed."""
        return any(figure.goal and not figure.goal.met(figure.value) for figure in self.figures)


def number(value: float) -> str:
    """A number as people read it: three significant digits, thousands apart."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


__all__ = ["Figure", "Goal", "LostError", "Options", "Result", "number"]
