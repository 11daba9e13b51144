"""`hubbub tree` without a node, and how it draws what a node tells; tests/node has a real one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hubbub.supervision.cli import tree as module
from hubbub.supervision.cli.main import main
from hubbub.supervision.picture import MOST_LINES


def line(name: str, *children: dict[str, Any], **fields: Any) -> dict[str, Any]:
    told = {
        "name": name, "type": "worker", "kind": "Worker", "state": "idle", "restarts": 0,
        "mailbox": 0, "last_error": "", "count": len(children), "child_restarts": 0,
        "children": list(children),
    }  # fmt: skip
    return {**told, **fields}


TREE = line(
    "node",
    line("store", state="running", kind="StoreService"),
    line(
        "users",
        line("user:1", restarts=2, last_error="ValueError", mailbox=12),
        line("user:2"),
        count=40_000,
        child_restarts=3,
    ),
    line("sessions", count=7),
    line("control", state="restarting", restarts=1, kind=""),
)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A node that answers with TREE; the limits it was asked for."""
    limits: list[str] = []

    async def call(_data: object, do: str, **args: str) -> Any:
        assert do == "tree"
        limits.append(args["limit"])
        return TREE

    monkeypatch.setattr(module, "call", call)
    return limits


def test_it_is_drawn_for_people(
    asked: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["tree", "--limit", "2", "--data", str(tmp_path)]) == 0
    assert asked == ["2"]
    assert capsys.readouterr().out.splitlines() == [
        "NAME                 STATE       RESTARTS     MAILBOX  KIND          LAST ERROR",
        "node                 idle        0            0        Worker",
        "├─ store             running     0            0        StoreService",
        "├─ users (40,000)    idle        0 + 3 below  0        Worker",
        "│  ├─ user:1         idle        2            12       Worker        ValueError",
        "│  ├─ user:2         idle        0            0        Worker",
        "│  └─ … 39,998 more",
        "├─ sessions (7)      idle        0            0        Worker",
        "└─ control           restarting  1            0",
    ]


def test_it_is_json_for_programs(
    asked: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["tree", "--all", "--json", "--data", str(tmp_path)]) == 0
    assert asked == [str(MOST_LINES)]
    assert json.loads(capsys.readouterr().out) == TREE


def test_without_a_node_it_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for data in (tmp_path, tmp_path / "nowhere"):
        assert main(["tree", "--data", str(data)]) == 2
        assert capsys.readouterr().err == f"hubbub: no node is running on {data}\n"
