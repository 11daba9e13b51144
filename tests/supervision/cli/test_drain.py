"""`hubbub drain`: what it asks, and what it says; tests/node has a real node."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.support.far_node import far_node

from hubbub.config.clock import LoopClock
from hubbub.config.errors import Refusal
from hubbub.supervision.cli import drain as module
from hubbub.supervision.cli.main import main

TOKEN = "a token that is long enough"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """A node that goes after one look; what it was asked."""
    calls: list[dict[str, str]] = []

    async def call(_data: object, do: str, **args: str) -> Any:
        calls.append({"do": do, **args})
        if do == "drain":
            if args["node"] != "n1":
                raise Refusal("This is node n1.")
            return {"node": args["node"], "connections": 1234, "over_s": 30.0}
        if len(calls) > 2:
            raise FileNotFoundError
        return 1

    monkeypatch.setattr(module, "call", call)
    monkeypatch.setattr(module, "_LOOK_S", 0)
    return calls


def test_it_returns_once_the_node_has_gone(
    asked: list[dict[str, str]], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["drain", "n1", "--over-s", "30", "--data", str(tmp_path)]) == 0
    assert asked == [
        {"do": "drain", "node": "n1", "over_s": "30.0"},
        {"do": "ping"},
        {"do": "ping"},
    ]
    assert capsys.readouterr().out == "n1 sends 1,234 away over 30 s\nn1 has gone\n"


def test_another_nodes_name_is_refused(
    asked: list[dict[str, str]], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["drain", "n2", "--data", str(tmp_path)]) == 1
    assert capsys.readouterr().err == "hubbub: This is node n1.\n"
    assert asked == [{"do": "drain", "node": "n2"}]


def test_a_node_that_does_not_end_is_not_waited_for_for_ever(
    asked: list[dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    times = iter(range(0, 10_000, 40))

    def monotonic(_: LoopClock) -> float:
        return next(times)

    monkeypatch.setattr(LoopClock, "monotonic", monotonic)
    asked.clear()

    async def call(_data: object, do: str, **_args: str) -> Any:
        return {"node": "n1", "connections": 0, "over_s": 0.0}

    monkeypatch.setattr(module, "call", call)
    assert main(["drain", "n1", "--data", str(tmp_path)]) == 2
    assert "does not end" in capsys.readouterr().err


def test_without_a_node_it_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["drain", "n1", "--data", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"hubbub: no node is running on {tmp_path}\n"


def test_a_node_elsewhere_is_told_with_the_token(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    token = tmp_path / "token"
    token.write_text(f"{TOKEN}\n")
    body = json.dumps({"node": "n1", "connections": 3, "over_s": 2.5}).encode()
    with far_node(202, body) as (url, seen):
        assert main(["drain", "n1", "--url", f"{url}/", "--token-file", str(token)]) == 0
    order = {"node": "n1", "over_s": None}
    assert seen == [("/v1/operator/drain", f"Bearer {TOKEN}", order)]
    assert capsys.readouterr().out == "n1 sends 3 away over 2.5 s\n"
