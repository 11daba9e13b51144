"""`hubbub user ...` on the data itself; test_reach has the running node."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from hubbub.supervision.cli.main import main

PASSWORD = "correct horse battery"


class Console:
    """The command line on one data folder."""

    def __init__(
        self, data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.data = data
        self._capsys = capsys
        self._monkeypatch = monkeypatch
        self.out = ""
        self.err = ""

    def run(self, *words: str, typed: str = "") -> int:
        """Run `hubbub WORDS --data ...`; what it said is in `out` and `err`."""
        self._monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = main([*words, "--data", str(self.data)])
        self.out, self.err = self._capsys.readouterr()
        return code

    def add(self, name: str, password: str = PASSWORD) -> int:
        """Sign somebody up."""
        return self.run("user", "add", name, "--password-stdin", typed=password + "\n")


@pytest.fixture
def console(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Console:
    return Console(tmp_path / "data", capsys, monkeypatch)


def test_an_added_user_is_listed_and_gets_recovery_codes(console: Console) -> None:
    assert console.add("ada") == 0
    assert console.out.startswith("added ada (u_")
    assert len(console.out.splitlines()) == 9
    assert console.err == "hubbub: no node is running: working on the data itself\n"
    assert console.run("user", "list") == 0
    name, ident, created, seen, state = console.out.rstrip("\n").split("\t")
    assert (name, seen, state) == ("ada", "never", "-")
    assert ident.startswith("u_")
    assert created.startswith("20")


def test_the_folder_may_be_named_before_the_command(
    console: Console, capsys: pytest.CaptureFixture[str]
) -> None:
    console.add("ada")
    assert main(["user", "--data", str(console.data), "list"]) == 0
    assert capsys.readouterr().out.startswith("ada\t")


def test_the_folder_may_be_named_by_the_environment_or_a_file(
    console: Console, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    console.add("ada")
    file = console.data.with_name("hubbub.toml")
    file.write_text(f'data = "{console.data}"\n')
    assert main(["user", "list", "--config", str(file)]) == 0
    monkeypatch.setenv("HUBBUB_DATA", str(console.data))
    assert main(["user", "list"]) == 0
    assert capsys.readouterr().out.count("ada\t") == 2


def test_a_refusal_gets_one_line_and_1(console: Console) -> None:
    console.add("ada")
    assert console.add("ada") == 1
    assert console.err.splitlines()[-1] == "hubbub: The name ada is taken."
    assert console.run("user", "disable", "eve") == 1
    assert console.err.splitlines()[-1] == "hubbub: There is no user eve."


def test_a_disabled_user_is_shown_as_such_until_enabled(console: Console) -> None:
    console.add("ada")
    assert console.run("user", "disable", "ada") == 0
    console.run("user", "list")
    assert console.out.endswith("\tdisabled\n")
    assert console.run("user", "enable", "ada") == 0
    console.run("user", "list")
    assert console.out.endswith("\t-\n")


def test_a_new_password_is_taken_from_stdin_and_never_shown(console: Console) -> None:
    console.add("ada")
    code = console.run("user", "passwd", "ada", "--password-stdin", typed="another horse\n")
    assert code == 0
    assert "another horse" not in console.out + console.err


def test_without_a_terminal_the_password_has_to_be_piped_in(console: Console) -> None:
    assert console.run("user", "add", "ada", typed=PASSWORD) == 2
    assert "--password-stdin" in console.err


def test_a_terminal_is_asked_twice(
    console: Console, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[bool] = []

    def prompt(text: str, *, hide_input: bool, confirmation_prompt: bool, err: bool) -> str:
        asked.append(hide_input and confirmation_prompt and err)
        return PASSWORD

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("click.prompt", prompt)
    monkeypatch.setattr("sys.stdin", Terminal())
    assert main(["user", "add", "ada", "--data", str(console.data)]) == 0
    assert asked == [True]
    assert PASSWORD not in str(capsys.readouterr())


def test_a_password_as_an_argument_is_refused(console: Console) -> None:
    assert console.run("user", "add", "ada", PASSWORD) == 2


@pytest.mark.parametrize("words", [("user", "list"), ("user", "disable", "ada"), ("backup", "x")])
def test_a_folder_without_data_is_not_made_by_looking(
    console: Console, words: tuple[str, ...]
) -> None:
    assert console.run(*words) == 2
    assert "there is no node's data" in console.err
    assert not console.data.exists()
