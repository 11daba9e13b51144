"""Where settings come from: flags before the environment before the file before the defaults."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubbub.config.errors import StartError
from hubbub.config.settings import Settings
from hubbub.config.sources import flag_of, read_toml, unknown, variable_of


def file_with(folder: Path, text: str) -> Path:
    file = folder / "hubbub.toml"
    file.write_text(text, "utf-8")
    return file


def test_the_first_source_that_has_a_setting_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = file_with(tmp_path, "port = 1\nmembers = 11\ndevices = 4\n")
    monkeypatch.setenv("HUBBUB_CONFIG", str(file))
    monkeypatch.setenv("HUBBUB_PORT", "2")
    monkeypatch.setenv("HUBBUB_MEMBERS", "12")
    settings = Settings(port=3)
    assert (settings.port, settings.members, settings.devices) == (3, 12, 4)
    assert settings.unacked == 16


def test_an_argument_names_the_file_before_the_environment_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBBUB_CONFIG", str(tmp_path / "missing.toml"))
    assert Settings(config=file_with(tmp_path, "port = 1")).port == 1


def test_a_file_holds_lists_as_arrays(tmp_path: Path) -> None:
    file = file_with(tmp_path, 'origins = ["https://a.example"]\nsign_up = "closed"\n')
    settings = Settings(config=file)
    assert settings.origins == ("https://a.example",)
    assert settings.sign_up == "closed"


def test_a_variable_holds_lists_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBBUB_TRUSTED_PROXIES", "10.0.0.7,10.1.0.0/16")
    assert Settings().trusted_proxies == ("10.0.0.7", "10.1.0.0/16")


def test_an_empty_variable_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBBUB_PORT", "")
    assert Settings().port == 8800


def test_an_unknown_variable_is_refused_with_the_nearest_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HUBBUB_PROT", "1")
    with pytest.raises(StartError, match=r"no variable HUBBUB_PROT; did you mean HUBBUB_PORT\?"):
        Settings()


def test_an_unknown_key_is_refused_with_file_and_nearest_name(tmp_path: Path) -> None:
    file = file_with(tmp_path, "member = 3")
    with pytest.raises(StartError, match=r"hubbub.toml: .* member; did you mean members\?"):
        Settings(config=file)


def test_a_file_cannot_name_another_file(tmp_path: Path) -> None:
    file = file_with(tmp_path, 'config = "other.toml"')
    with pytest.raises(StartError, match="no setting config"):
        Settings(config=file)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"port = \n", r"not TOML: .*line 1"),
        (b"\xff\xfe", "not UTF-8 text"),
        (None, "No such file"),
    ],
)
def test_a_file_that_cannot_be_read_gets_one_clear_line(
    tmp_path: Path, content: bytes | None, says: str
) -> None:
    file = tmp_path / "bad.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(StartError, match=rf"bad.toml: {says}") as caught:
        read_toml(file)
    assert "\n" not in str(caught.value)


def test_a_name_like_no_other_gets_no_hint() -> None:
    assert unknown("setting", "zzzzzzzz", ["port"]) == "there is no setting zzzzzzzz"


def test_a_setting_has_one_flag_and_one_variable() -> None:
    assert flag_of("tls_cert") == "--tls-cert"
    assert variable_of("tls_cert") == "HUBBUB_TLS_CERT"
