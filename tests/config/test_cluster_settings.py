"""How a node reaches the others, as settings."""

from __future__ import annotations

from typing import Any

import pytest

from hubbub.config.errors import StartError
from hubbub.config.reading import read_settings
from hubbub.config.settings import Settings

SECRET = "s3cret"


def test_a_node_is_alone_unless_a_redis_is_named() -> None:
    settings = Settings()
    assert settings.redis == ()
    assert (settings.lease_s, settings.renew_s, settings.weight) == (5, 1, 1)


def test_servers_stand_with_commas_between() -> None:
    given: dict[str, Any] = {"redis": "redis://a, rediss://u:p@b:7000/2,"}
    assert Settings(**given).redis == ("redis://a", "rediss://u:p@b:7000/2")
    assert Settings(redis=("redis://[::1]:7000",)).redis == ("redis://[::1]:7000",)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"redis": f"http://u:{SECRET}@h"}, "write redis://HOST:PORT/0"),
        ({"redis": f"redis://u:{SECRET}@h:99999"}, "write redis://HOST:PORT/0"),
        ({"redis": f"redis://u:{SECRET}@h:0"}, "write redis://HOST:PORT/0"),
        ({"redis": f"redis://u:{SECRET}@"}, "write redis://HOST:PORT/0"),
        ({"redis": f"redis://u:{SECRET}@h/x"}, "write redis://HOST:PORT/0"),
        ({"redis": f"redis://u:{SECRET}@h?protocol=2"}, "has no option protocol"),
        ({"cluster": "Not {so}"}, "cluster"),
        ({"lease_s": "2"}, "at most a third"),
        ({"renew_s": "0"}, "greater than 0"),
        ({"weight": "0"}, "greater than 0"),
        ({"stream_bytes": "5"}, "1048576"),
        ({"redis": "redis://h", "host": "0.0.0.0"}, "public_url: clients cannot reach"),
        ({"public_url": "https://h/ws"}, "public-url"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line_without_a_password(
    wrong: dict[str, str], why: str
) -> None:
    with pytest.raises(StartError, match=why) as refused:
        read_settings(wrong)
    assert SECRET not in str(refused.value)


def test_a_password_does_not_show() -> None:
    settings = Settings(redis=(f"redis://u:{SECRET}@h",))
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings)
