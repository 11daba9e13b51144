"""argon2id, off the loop and bounded."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from hubbub.config.errors import UnavailableError
from hubbub.transport.edge.http.passwords import Passwords


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    opened = Passwords(memory_kib=8, passes=1)
    yield opened
    opened.close()


async def test_a_password_verifies_against_its_own_hash_alone(passwords: Passwords) -> None:
    hashed = await passwords.hash("correct horse")
    assert hashed.startswith("$argon2id$")
    assert await passwords.verify(hashed, "correct horse")
    assert not await passwords.verify(hashed, "correct horsf")
    assert hashed != await passwords.hash("correct horse")


async def test_nobodys_hash_never_verifies(passwords: Passwords) -> None:
    assert not await passwords.verify(None, "correct horse")
    assert not await passwords.verify(None, "\0")
    # Who has no password at all, a bot's account: not by what nobody's hash is made of either.
    assert not await passwords.verify("", "\0")
    assert not await passwords.verify("", "")


async def test_a_hash_that_is_none_does_not_verify(passwords: Passwords) -> None:
    assert not await passwords.verify("not a hash", "correct horse")


async def test_how_a_letter_was_composed_makes_no_difference(passwords: Passwords) -> None:
    hashed = await passwords.hash("caf\u00e9 caf\u00e9")
    assert await passwords.verify(hashed, "cafe\u0301 cafe\u0301")


async def test_too_many_at_once_are_unavailable_and_the_others_are_served() -> None:
    passwords = Passwords(memory_kib=8, passes=1, threads=1, waiting=2)
    hashed = await passwords.hash("correct horse")
    tried = await asyncio.gather(
        *(passwords.verify(hashed, "correct horse") for _ in range(5)), return_exceptions=True
    )
    assert [t for t in tried if t is True] == [True] * 3
    refused = [t for t in tried if isinstance(t, UnavailableError)]
    assert len(refused) == 2
    assert all(r.retry_ms for r in refused)
    assert await passwords.verify(hashed, "correct horse")
    passwords.close()


async def test_closing_leaves_no_thread() -> None:
    passwords = Passwords(memory_kib=8, passes=1)
    await passwords.hash("correct horse")
    passwords.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("argon2")]
