"""`hubbub status`: how it is drawn, and looked at again; tests/node has a real node."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from tests.support.far_node import far_node

from hubbub.supervision.cli import status as module
from hubbub.supervision.cli.main import main

N1: dict[str, Any] = {
    "node": "n1", "version": "0.1.0", "state": "ready", "uptime_s": 93_784.0, "view": [1, 7],
    "connections": 12_345, "load": 0.618, "shards": 512, "peaks": {"UserActor": 3, "X": 17},
    "actors": {"conversation": 2_000, "user": 40, "session": 50, "eraser": 0}, "crashes": 2,
    "bus_ms": 0.41, "store_ms": 0.07, "commit_ms": None,
}  # fmt: skip
TOLD: dict[str, Any] = {
    "asked": "n1",
    "view": [1, 7],
    "nodes": [
        N1,
        {"node": "n2", "state": "silent"},
        {**N1, "node": "n3", "state": "draining", "uptime_s": 61.4, "store_ms": None, "peaks": {}},
    ],
}


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A node that answers with TOLD; time that nobody waits for, three looks long."""
    seen: list[str] = []

    async def call(_data: object, do: str) -> Any:
        seen.append(do)
        return TOLD

    def sleep(_seconds: float) -> None:
        if len(seen) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(module, "call", call)
    monkeypatch.setattr(time, "sleep", sleep)
    return seen


def test_it_is_drawn_for_people(
    looks: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["status", "--data", str(tmp_path)]) == 0
    title, headings, *rows = [
        line.split() for line in capsys.readouterr().out.splitlines() if line.strip()
    ]
    assert title == ["n1:", "view", "1.7"]
    assert headings[:4] == ["NODE", "STATE", "VERSION", "UP"]
    assert [" ".join(row) for row in rows] == [
        "n1 ready 0.1.0 1d 2h 12,345 62% 512 2,000 40 17 2 0.4 ms 0.1 ms -",
        "n2 silent",
        "n3 draining 0.1.0 1m 1s 12,345 62% 512 2,000 40 0 2 0.4 ms - -",
    ]
    assert looks == ["status"]


@pytest.mark.parametrize(("seconds", "shown"), [(3_599, "59m 59s"), (7_260, "2h 1m")])
def test_a_span_is_told_in_its_two_largest_parts(
    seconds: float,
    shown: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    async def call(_data: object, _do: str) -> Any:
        return {"asked": "n1", "view": None, "nodes": [{**N1, "uptime_s": seconds}]}

    monkeypatch.setattr(module, "call", call)
    assert main(["status", "--data", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert shown in out
    assert "n1: in no view" in out


def test_it_is_json_for_programs(
    looks: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["status", "--json", "--data", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out) == TOLD


@pytest.mark.parametrize("how", [[], ["--json"]])
def test_watching_looks_until_it_is_stopped(
    looks: list[str], how: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["status", "--watch", *how, "--data", str(tmp_path)]) == 0
    assert looks == ["status"] * 3
    assert "n3" in capsys.readouterr().out


def test_without_a_node_it_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["status", "--data", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"hubbub: no node is running on {tmp_path}\n"


def test_a_node_elsewhere_is_asked_with_the_token(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("a token that is long enough\n")
    with far_node(200, json.dumps(TOLD).encode()) as (url, seen):
        assert main(["status", "--json", "--url", url, "--token-file", str(token)]) == 0
    assert json.loads(capsys.readouterr().out) == TOLD
    assert seen == [("/v1/operator/status", "Bearer a token that is long enough", None)]
