"""Which versions of envelopes nodes speak with each other."""

from __future__ import annotations

import pytest

from hubbub.transport.cluster.versions import VERSION, reads, shared


def test_a_program_reads_its_own_version_and_the_one_before() -> None:
    assert [version for version in range(VERSION + 3) if reads(version)] == [VERSION - 1, VERSION]


@pytest.mark.parametrize(("one", "other", "both"), [(3, 3, 3), (3, 2, 2), (2, 3, 2), (3, 1, None)])
def test_two_programs_speak_the_newest_version_that_both_know(
    one: int, other: int, both: int | None
) -> None:
    assert shared(one, other) == both
