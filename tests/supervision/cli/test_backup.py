"""`hubbub backup FILE` on the data itself; test_reach has the running node."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import pytest
from tests.support.ring import Ring

from hubbub.supervision.cli.main import main


@pytest.fixture
def data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Path:
    """A folder with ada in it."""
    data = tmp_path / "data"
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
    assert main(["user", "add", "ada", "--password-stdin", "--data", str(data)]) == 0
    capsys.readouterr()
    return data


def test_a_backup_put_in_the_datas_place_has_everybody(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["backup", "copy.db", "--data", str(data)]) == 0
    assert capsys.readouterr().out == "wrote copy.db\n"
    copy = tmp_path / "copy.db"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    restored = tmp_path / "restored"
    restored.mkdir()
    copy.rename(restored / "hubbub.db")
    assert main(["user", "list", "--data", str(restored)]) == 0
    assert capsys.readouterr().out.startswith("ada\t")


def test_a_backup_never_overwrites(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    assert main(["backup", str(taken), "--data", str(data)]) == 1
    assert capsys.readouterr().err.endswith(f"hubbub: {taken} exists already\n")
    assert taken.read_text() == "mine"


def test_a_backup_into_no_folder_gets_one_line(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backup", str(tmp_path / "no" / "copy"), "--data", str(data)]) == 1
    assert capsys.readouterr().err.count("\n") == 2


def test_a_ring_is_not_copied_into_a_file_and_the_line_says_what_does_it(
    one_node: Ring, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "hubbub.toml"
    config.write_text(f'store = "cassandra"\ncassandra_port = {one_node.port}\n')
    where = ["--config", str(config), "--data", str(tmp_path / "data")]
    assert main(["backup", str(tmp_path / "copy"), *where]) == 1
    assert "nodetool snapshot hubbub" in capsys.readouterr().err
    assert not (tmp_path / "copy").exists()
