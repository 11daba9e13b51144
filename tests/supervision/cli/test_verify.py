"""`hubbub verify` on a file; test_migrate has a ring."""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from hubbub.supervision.cli.main import main


@pytest.fixture
def data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Path:
    """A folder with ada in it, and two entries of a log."""
    data = tmp_path / "data"
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
    assert main(["user", "add", "ada", "--password-stdin", "--data", str(data)]) == 0
    with closing(sqlite3.connect(data / "hubbub.db")) as db:
        db.execute("INSERT INTO names VALUES (1, 'g_tea'), (2, 'text'), (3, 'u_ada')")
        for seq in (1, 2):
            row = (1, seq, 1, seq, 0, 0, 3, 5, 2, 0, b"x")
            db.execute(f"INSERT INTO log VALUES ({', '.join('?' * len(row))})", row)
        db.commit()
    capsys.readouterr()
    return data


def test_what_is_whole_is_told_so(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--data", str(data)]) == 0
    assert capsys.readouterr().out == (
        "1 logs, 2 entries, 0 changed, 0 snapshots; 0 wait for their owner; no faults\n"
    )


def test_what_is_torn_is_told_and_fails(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(sqlite3.connect(data / "hubbub.db")) as db:
        db.execute("DELETE FROM log WHERE seq = 1")
        db.commit()
    assert main(["verify", "--data", str(data)]) == 1
    out = capsys.readouterr().out
    assert out.startswith("g_tea: entry 2 follows 0\n")
    assert out.endswith("faults\n")


def test_where_no_data_is_there_is_nothing_to_prove(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "--data", str(tmp_path / "none")]) == 2
    assert "there is no node's data" in capsys.readouterr().err
