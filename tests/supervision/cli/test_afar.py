"""A node elsewhere, as an operator reaches it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.far_node import far_node

from hubbub.config.errors import Refusal, StartError
from hubbub.supervision.cli.afar import Far

TOKEN = "a token that is long enough"


@pytest.fixture
def token(tmp_path: Path) -> Path:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    return tmp_path / "token"


def reach(url: str, token: Path) -> Far:
    far = Far.of(url, token)
    assert far is not None
    return far


def test_without_flags_it_is_a_node_here() -> None:
    assert Far.of(None, None) is None


def test_it_is_asked_and_told_with_the_token(token: Path) -> None:
    with far_node(200, b'{"n": 1}') as (url, seen):
        far = reach(f"{url}/", token)
        assert far.ask("/v1/look") == {"n": 1}
        assert far.ask("/v1/do", {"over_s": None}) == {"n": 1}
    assert seen == [
        ("/v1/look", f"Bearer {TOKEN}", None),
        ("/v1/do", f"Bearer {TOKEN}", {"over_s": None}),
    ]
    assert TOKEN not in repr(far)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, b'{"code":"unauthenticated","msg":"That is not it."}', "That is not it."),
        (502, b"<html>", "It answered 502."),
    ],
)
def test_what_it_refuses_is_said(token: Path, status: int, body: bytes, said: str) -> None:
    with far_node(status, body) as (url, _), pytest.raises(Refusal) as refused:
        reach(url, token).ask("/v1/look")
    assert str(refused.value) == said


@pytest.mark.parametrize("order", [None, {"node": "n1"}])
def test_the_token_goes_nowhere_else(token: Path, order: dict[str, str] | None) -> None:
    with far_node(200, b"{}") as (other, stolen):
        with (
            far_node(302, b"", Location=f"{other}/elsewhere") as (url, _),
            pytest.raises(Refusal, match="302"),
        ):
            reach(url, token).ask("/v1/look", order)
        assert not stolen
    for place in ("http://192.0.2.1", "ftp://127.0.0.1", "n1:8800"):
        with pytest.raises(StartError, match="by https only"):
            Far.of(place, token)


def test_what_is_missing_or_out_of_reach_is_said(token: Path, tmp_path: Path) -> None:
    with far_node(200, b"{}") as (url, _):
        pass
    with pytest.raises(StartError, match="refused"):
        reach(url, token).ask("/v1/look")
    for half in ((url, None), (None, token)):
        with pytest.raises(StartError, match="go together"):
            Far.of(*half)
    with pytest.raises(StartError, match="cannot read a token"):
        Far.of(url, tmp_path / "none")
