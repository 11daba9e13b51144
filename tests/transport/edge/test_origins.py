"""Whose pages are ours."""

from __future__ import annotations

import pytest

from hubbub.transport.edge.origins import Origins


@pytest.mark.parametrize(
    ("origin", "host", "secure", "ours"),
    [
        ("http://chat.test", "chat.test", False, True),
        ("http://CHAT.test", "chat.TEST", False, True),
        ("http://chat.test", "chat.test:80", False, True),
        ("http://chat.test:80", "chat.test", False, True),
        ("http://chat.test:8800", "chat.test:8800", False, True),
        ("http://[::1]:8800", "[::1]:8800", False, True),
        ("https://chat.test", "chat.test", False, True),
        ("https://chat.test", "chat.test:443", True, True),
        ("http://chat.test", "chat.test", True, False),
        ("https://chat.test", "chat.test:80", True, False),
        ("http://chat.test:8801", "chat.test:8800", False, False),
        ("http://evil.test", "chat.test", False, False),
        ("http://chat.test.evil.test", "chat.test", False, False),
        ("ftp://chat.test", "chat.test", False, False),
        ("chat.test", "chat.test", False, False),
        ("null", "chat.test", False, False),
        ("http://", "", False, False),
        ("", "", False, False),
    ],
)
def test_a_page_is_ours_when_it_came_from_the_host_that_was_asked(
    origin: str, host: str, secure: bool, ours: bool
) -> None:
    assert Origins().is_ours(origin, host, secure=secure) == ours


def test_an_operator_trusts_further_origins_exactly() -> None:
    origins = Origins(["https://App.test/"])
    assert origins.is_ours("https://app.test", "chat.test", secure=True)
    assert not origins.is_ours("http://app.test", "chat.test", secure=False)
    assert not origins.is_ours("https://app.test:8443", "chat.test", secure=True)
    assert not origins.is_ours("https://evil.app.test", "chat.test", secure=True)
