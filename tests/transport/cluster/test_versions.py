"""Which versions of envelopes nodes speak with each other."""

from __future__ import annotations

import pytest

from hubbub.transport.cluster import versions
from hubbub.transport.cluster.versions import VERSION, reads, shared


def test_a_program_reads_its_own_version_and_none_that_is_newer() -> None:
    assert reads(VERSION)
    assert not reads(VERSION + 1)
    assert not reads(0)


def test_once_there_are_several_the_one_before_is_read_and_none_that_is_older(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(versions, "VERSION", 7)
    assert [version for version in range(10) if reads(version)] == [6, 7]


@pytest.mark.parametrize(("one", "other", "both"), [(3, 3, 3), (3, 2, 2), (2, 3, 2), (3, 1, None)])
def test_two_programs_speak_the_newest_version_that_both_know(
    one: int, other: int, both: int | None
) -> None:
    assert shared(one, other) == both
