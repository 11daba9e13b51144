"""Which cores are whose."""

from __future__ import annotations

import os

import pytest

from benchmarks.pieces import cores


def test_what_is_measured_has_a_core_of_its_own_where_there_are_two(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    have = {4, 2, 7}

    def mine(_: int) -> set[int]:
        return have

    monkeypatch.setattr(os, "sched_getaffinity", mine)
    assert cores.halves() == ({2}, {4, 7})
    have = {3}
    assert cores.halves() == ({3}, {3})


def test_who_was_put_on_a_core_is_let_go_again() -> None:
    before = os.sched_getaffinity(0)
    one, _ = cores.halves()
    with cores.on(one):
        assert os.sched_getaffinity(0) == one
    assert os.sched_getaffinity(0) == before
