"""What the settings are, by default and in themselves."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from pydantic import ValidationError

from hubbub.config.limit_settings import LIMIT_NAMES
from hubbub.config.limits import Limits
from hubbub.config.settings import Settings


def test_the_limits_of_an_untouched_node_are_the_usual_ones() -> None:
    assert Settings().limits == Limits()


def test_no_limits_lifts_the_rate_and_keeps_every_size() -> None:
    free = Settings(no_limits=True).limits
    assert free.rate_per_s == 0
    for field in fields(Limits):
        if field.name != "rate_per_s":
            assert getattr(free, field.name) == getattr(Limits(), field.name)


def test_every_limit_is_a_setting_with_the_same_default() -> None:
    usual = Limits()
    assert {field.name for field in fields(Limits)} == set(LIMIT_NAMES)
    for name in LIMIT_NAMES:
        assert Settings.model_fields[name].default == getattr(usual, name)


def test_a_chosen_limit_reaches_the_limits() -> None:
    assert Settings(members=7, presence_grace_s=0.5).limits == Limits(
        members=7, presence_grace_s=0.5
    )


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_says_its_effect_and_a_valid_example(name: str) -> None:
    field = Settings.model_fields[name]
    assert field.description is not None
    assert field.description.endswith(".")
    assert field.examples is not None
    example: object = field.examples[0]
    values: dict[str, object] = {name: example}
    if name.startswith("tls_"):
        values = {"tls_cert": example, "tls_key": example}
    if name == "config":
        return  # The file of the example is not here; test_sources reads a real one.
    assert getattr(Settings.model_validate(values), name) is not None


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Settings().__setattr__("port", 1)


def test_the_private_keys_path_is_left_out_of_repr() -> None:
    settings = Settings(tls_cert=Path("chain.pem"), tls_key=Path("private.pem"))
    assert "private.pem" not in repr(settings)
    assert "chain.pem" in repr(settings)


def test_a_certificate_without_a_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="go together"):
        Settings(tls_cert=Path("chain.pem"))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "chat.example.org"])
def test_demo_users_are_refused_on_an_address_that_strangers_reach(host: str) -> None:
    with pytest.raises(ValidationError, match="well-known passwords"):
        Settings(demo=True, host=host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_demo_users_are_fine_on_a_loopback_address(host: str) -> None:
    assert Settings(demo=True, host=host).demo


def test_lists_are_written_with_commas() -> None:
    settings = Settings.model_validate({"origins": "https://a.example, https://b.example,"})
    assert settings.origins == ("https://a.example", "https://b.example")
    assert Settings(origins=("https://a.example",)).origins == ("https://a.example",)


@pytest.mark.parametrize("node", ["", "Upper", "-x", "a" * 33, "a/b"])
def test_a_nodes_name_fits_into_other_names(node: str) -> None:
    with pytest.raises(ValidationError):
        Settings(node=node)
