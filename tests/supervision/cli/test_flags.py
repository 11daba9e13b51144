"""A flag for each setting."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from hubbub.config.reading import read_settings
from hubbub.config.settings import Settings
from hubbub.supervision.cli.flags import SETTING_NAMES, flags_for
from hubbub.supervision.cli.node import node


@click.command()
@flags_for(SETTING_NAMES)
def show(**flags: str | None) -> None:
    click.echo(repr({name: value for name, value in flags.items() if value is not None}))


def test_every_setting_has_its_flag_and_no_flag_is_without_a_setting() -> None:
    assert set(SETTING_NAMES) == set(Settings.model_fields)
    # What ends the process is nothing that a file or the environment could say for all.
    assert {param.name for param in node.params} - {"until_stdin_ends"} == set(SETTING_NAMES)


def test_flags_that_are_not_given_say_nothing() -> None:
    assert CliRunner().invoke(show, []).output == "{}\n"


def test_a_switch_needs_no_value_and_takes_one() -> None:
    result = CliRunner().invoke(show, ["--demo", "--no-limits=false", "--port", "0"])
    assert result.output == "{'demo': 'true', 'no_limits': 'false', 'port': '0'}\n"


@pytest.mark.parametrize("name", SETTING_NAMES)
def test_help_shows_an_example_that_reads_back(name: str) -> None:
    (param,) = [each for each in node.params if each.name == name]
    assert isinstance(param, click.Option)
    assert param.help is not None
    example = param.help.rsplit("=", 1)[1]
    flags = {name: example}
    if name in ("config", "tls_cert", "tls_key"):
        return  # These name files, or go in pairs: tests/config reads them.
    assert read_settings(flags) != Settings()
