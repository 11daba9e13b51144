"""Connections to one Redis: with TLS and users, and with no password in anything that shows."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
from redis.exceptions import RedisError
from tests.support.redis_server import running_redis

from hubbub.transport.cluster.redis_links import RedisLinks, place_of

SECRET = "s3cret"


@asynccontextmanager
async def links(url: str) -> AsyncGenerator[RedisLinks]:
    opened = RedisLinks.to(url, node="n1", timeout_s=5.0)
    try:
        yield opened
    finally:
        await opened.close()


async def says(url: str) -> object:
    """What a server answers, or why it does not."""
    async with links(url) as opened:
        try:
            return await opened.quick.execute_command("ACL", "WHOAMI")  # type: ignore[no-untyped-call] # pyright: ignore
        except (RedisError, OSError) as error:
            return error


def test_a_place_is_told_without_user_and_password() -> None:
    assert place_of(f"redis://u:{SECRET}@h:7000/2") == "h:7000/2"
    assert place_of("rediss://h?ssl_ca_certs=x") == "h:6379/0"


async def test_links_show_no_password() -> None:
    async with links(f"redis://u:{SECRET}@h") as opened:
        assert SECRET not in f"{opened!r} {opened.quick!r} {opened.patient.connection_pool!r}"


async def test_a_server_that_is_not_there_is_told_in_words_without_a_password() -> None:
    told = await says(f"redis://u:{SECRET}@127.0.0.1:1")
    assert isinstance(told, RedisError)
    assert "127.0.0.1:1" in str(told)
    assert SECRET not in f"{told} {told!r}"


async def test_a_user_of_the_server_gets_in_by_the_right_password_alone() -> None:
    user = ("--user", "hub", "on", f">{SECRET}", "~hubbub:*", "+@all")
    with running_redis(*user, "--requirepass", "another") as server:
        place = f"127.0.0.1:{server.port}"
        assert await says(f"redis://hub:{SECRET}@{place}") == b"hub"
        for wrong in (f"redis://hub:{SECRET}x@{place}", f"redis://{place}"):
            told = await says(wrong)
            assert isinstance(told, RedisError)
            assert SECRET not in f"{told} {told!r}"


async def test_with_tls_the_server_has_to_prove_who_it_is(tmp_path: Path) -> None:
    ca, other = trustme.CA(), trustme.CA()
    certificate = ca.issue_cert("127.0.0.1")
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    for pem in certificate.cert_chain_pems:
        pem.write_to_path(str(chain), append=True)
    certificate.private_key_pem.write_to_path(str(key))
    trusted, wrong = tmp_path / "ca.pem", tmp_path / "other.pem"
    ca.cert_pem.write_to_path(str(trusted))
    other.cert_pem.write_to_path(str(wrong))
    tls = ("--tls-cert-file", str(chain), "--tls-key-file", str(key), "--tls-auth-clients", "no")
    with running_redis(*tls, tls=True) as server:
        place = f"127.0.0.1:{server.port}"
        assert await says(f"rediss://{place}?ssl_ca_certs={trusted}") == b"default"
        assert isinstance(await says(f"rediss://{place}?ssl_ca_certs={wrong}"), RedisError)
        with pytest.raises(AssertionError):
            assert await says(f"redis://{place}") == b"default"
