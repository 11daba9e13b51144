"""A contract's cases run outside of pytest, and those that fail are told."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from hubbub.testkit.contracts.cases import cases_of, check


class Sums:
    """A contract for lists of numbers."""

    async def test_a_sum_starts_with_nothing(self, numbers: list[int]) -> None:
        assert numbers == []

    @pytest.mark.parametrize("n", [1, 2])
    @pytest.mark.parametrize(("more", "total"), [(3, 6), (5, 8)])
    async def test_a_sum(self, numbers: list[int], n: int, more: int, total: int) -> None:
        numbers += [1, more, n]
        assert sum(numbers) == total + n - 2, "not the sum"


@asynccontextmanager
async def fresh() -> AsyncGenerator[list[int]]:
    yield []


@asynccontextmanager
async def used() -> AsyncGenerator[list[int]]:
    yield [1]


def test_every_case_has_all_its_parameters() -> None:
    assert list(cases_of(Sums)) == [
        ("test_a_sum", {"more": 3, "total": 6, "n": 1}),
        ("test_a_sum", {"more": 3, "total": 6, "n": 2}),
        ("test_a_sum", {"more": 5, "total": 8, "n": 1}),
        ("test_a_sum", {"more": 5, "total": 8, "n": 2}),
        ("test_a_sum_starts_with_nothing", {}),
    ]


def test_what_keeps_a_contract_passes_every_case() -> None:
    assert check(Sums, "numbers", fresh) == 5


def test_what_does_not_is_told_with_the_cases_that_fail() -> None:
    with pytest.raises(ExceptionGroup, match="5 of 5 cases of Sums fail") as failed:
        check(Sums, "numbers", used)
    notes = [error.__notes__ for error in failed.value.exceptions]
    assert notes[0] == ["in Sums.test_a_sum, with {'more': 3, 'total': 6, 'n': 1}"]
    assert notes[-1] == ["in Sums.test_a_sum_starts_with_nothing, with {}"]


class Raising:
    """A contract of one refusal."""

    async def test_it_refuses(self, numbers: list[int]) -> None:
        with pytest.raises(KeyError):
            numbers.clear()


def test_a_refusal_that_does_not_come_is_a_failure_too() -> None:
    with pytest.raises(ExceptionGroup) as failed:
        check(Raising, "numbers", fresh)
    assert "DID NOT RAISE" in str(failed.value.exceptions[0])
