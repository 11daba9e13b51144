"""A profile as lines of text."""

from __future__ import annotations

import cProfile
from pathlib import Path

from benchmarks.pieces.profile import hot
from hubbub.config.ids import UserId, direct_id


def test_a_profile_shows_parts_and_functions(tmp_path: Path) -> None:
    file = tmp_path / "node.prof"
    profile = cProfile.Profile()
    profile.enable()
    for n in range(200):
        direct_id(UserId("u_a"), UserId(f"u_{n}"))
    profile.disable()
    profile.dump_stats(file)
    lines = hot(file)
    assert any(line.endswith("  config") for line in lines)
    assert any("direct_id config/ids.py:" in line for line in lines)


def test_without_a_profile_there_is_nothing_to_show() -> None:
    assert hot(None) == []
