"""The operator's token."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubbub.config.errors import StartError
from hubbub.transport.edge.http.operator_door import TOKEN_CHARS, Leaving, OperatorDoor


def drain(node: str, over_s: float | None) -> Leaving:
    return Leaving(node, 0, over_s or 0)


async def status() -> dict[str, object]:
    return {}


def test_only_the_token_lets_in_and_nothing_shows_it(tmp_path: Path) -> None:
    token = "t" * TOKEN_CHARS
    (tmp_path / "token").write_text(f"  {token}\n")
    door = OperatorDoor.open(tmp_path / "token", drain, status)
    assert door.lets_in(token)
    for wrong in ("", token[:-1], f"{token} ", "ü"):
        assert not door.lets_in(wrong)
    assert token not in repr(door)
    assert "digest" not in repr(door)


def test_a_file_that_is_missing_or_holds_no_secret_is_named(tmp_path: Path) -> None:
    file = tmp_path / "token"
    with pytest.raises(StartError, match="token: No such file"):
        OperatorDoor.open(file, drain, status)
    file.write_text("t" * (TOKEN_CHARS - 1) + "\n\n")
    with pytest.raises(StartError, match="at least 24 characters"):
        OperatorDoor.open(file, drain, status)
