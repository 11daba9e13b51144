"""Where the data is, as settings."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from hubbub.config.settings import Settings


def test_the_embedded_store_is_the_default() -> None:
    assert Settings().store == "sqlite"


def test_hosts_stand_with_commas_between() -> None:
    given: dict[str, Any] = {"cassandra_contact_points": "a, b:9142,"}
    settings = Settings(**given)
    assert settings.cassandra_contact_points == ("a", "b:9142")
    assert Settings(cassandra_contact_points=("c",)).cassandra_contact_points == ("c",)


@pytest.mark.parametrize(
    "wrong",
    [
        {"cassandra_contact_points": ""},
        {"cassandra_keyspace": 'x"; DROP'},
        {"cassandra_consistency": "one"},
        {"cassandra_replication": 0},
        {"store": "redis"},
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings(**wrong)


def test_secrets_do_not_show() -> None:
    settings = Settings(cassandra_password="SECRET")
    assert "SECRET" not in repr(settings)
