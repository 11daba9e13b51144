"""The command line's face: commands, the default one, and one clear line for an error."""

from __future__ import annotations

import pytest

from hubbub.config.version import VERSION
from hubbub.supervision.cli.main import main


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"hubbub, version {VERSION}\n"


@pytest.mark.parametrize("args", [["--help"], ["node", "--help"], ["user", "--help"]])
def test_help_is_to_be_had(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(args) == 0
    assert "Usage: hubbub" in capsys.readouterr().out


def test_the_nodes_help_tells_default_effect_and_example(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["node", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert "--port N The port to listen on; 0 takes a free one. Default: 8800." in text
    assert "HUBBUB_PORT=443" in text


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["--prot", "1"], "there is no setting --prot; did you mean --port?"),
        (["node", "--demp"], "there is no setting --demp; did you mean --demo?"),
        (["nod"], "there is no command nod; did you mean node?"),
        (["usr", "list"], "there is no command usr; did you mean user?"),
        (["user", "lst"], "there is no command lst; did you mean list?"),
        (["user", "list", "--dta", "x"], "there is no setting --dta; did you mean --data?"),
        (["--port", "abc"], "--port: input should be a valid integer, "
            "unable to parse string as an integer, not 'abc'"),
        (["--port"], "Option '--port' requires an argument."),
        (["node", "extra"], "Got unexpected extra argument (extra)"),
        (["--host", "0.0.0.0", "--demo"], "demo makes users with well-known passwords, so not on "
            "0.0.0.0: leave demo out, or listen on 127.0.0.1"),
        (["--config", "nowhere.toml"], "nowhere.toml: No such file or directory"),
        (["--demo=perhaps"], "--demo: input should be a valid boolean, "
            "unable to interpret input, not 'perhaps'"),
    ],
)  # fmt: skip
def test_what_is_not_understood_gets_one_line_and_2(
    args: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(args) == 2
    seen = capsys.readouterr()
    assert seen.err == f"hubbub: {line}\n"
    assert seen.out == ""


def test_a_group_without_a_command_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["user"]) == 2
    assert "Commands:" in capsys.readouterr().err


def test_an_unknown_variable_gets_one_line_and_2(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBBUB_PROT", "1")
    assert main([]) == 2
    assert capsys.readouterr().err == (
        "hubbub: there is no variable HUBBUB_PROT; did you mean HUBBUB_PORT?\n"
    )
