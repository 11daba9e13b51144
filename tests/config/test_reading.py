"""One clear line for whatever is wrong with a setting, and where it came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubbub.config.errors import StartError
from hubbub.config.reading import read_settings


def line_for(flags: dict[str, str]) -> str:
    with pytest.raises(StartError) as caught:
        read_settings(flags)
    line = str(caught.value)
    assert "\n" not in line
    return line


def test_flags_that_were_not_given_are_left_to_the_other_sources(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HUBBUB_PORT", "81")
    assert read_settings({"port": None, "demo": "true"}).port == 81
    assert read_settings().port == 81


def test_a_wrong_value_names_its_flag() -> None:
    line = line_for({"port": "abc"})
    assert line.startswith("--port: ")
    assert line.endswith("not 'abc'")


def test_a_wrong_value_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBBUB_MAX_CONNECTIONS", "0")
    assert line_for({}).startswith("HUBBUB_MAX_CONNECTIONS: ")


@pytest.mark.parametrize("by_variable", [True, False])
def test_a_wrong_value_names_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by_variable: bool
) -> None:
    file = tmp_path / "x.toml"
    file.write_text('log_level = "loud"')
    flags: dict[str, str] = {}
    if by_variable:
        monkeypatch.setenv("HUBBUB_CONFIG", str(file))
    else:
        flags["config"] = str(file)
    assert line_for(flags).startswith(f"{file}: log_level: ")


def test_an_unknown_name_gets_the_nearest_one() -> None:
    assert line_for({"prot": "1"}) == "there is no setting prot; did you mean port?"


def test_settings_that_do_not_fit_together_are_said_in_their_own_words() -> None:
    assert line_for({"tls_cert": "c.pem"}).startswith("tls_cert and tls_key go together")


def test_unreadable_sources_are_passed_on() -> None:
    assert "nowhere.toml" in line_for({"config": "nowhere.toml"})
