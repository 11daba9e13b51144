"""How the ring's hosts are named, and what cannot be used."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from tests.support.ring import running_ring

from hubbub.actors.runtime.tasks import Tasks
from hubbub.config.errors import StartError
from hubbub.storage.cassandra import connection
from hubbub.storage.cassandra.connection import Link
from hubbub.storage.cassandra.options import CassandraOptions
from hubbub.storage.cassandra.schema import migrate
from hubbub.storage.cassandra.store import CassandraStore


@pytest.mark.parametrize(
    ("point", "address"),
    [
        ("ring.example.org", ("ring.example.org", 9042)),
        ("10.0.0.1:9142", ("10.0.0.1", 9142)),
        ("::1", ("::1", 9042)),
        ("[::1]", ("::1", 9042)),
        ("[::1]:9142", ("::1", 9142)),
    ],
)
def test_a_host_may_have_a_port_of_its_own(point: str, address: tuple[str, int]) -> None:
    assert connection._address(point, 9042) == address  # pyright: ignore[reportPrivateUsage]


def test_certificates_that_cannot_be_read_are_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"TLS with the ring, /no/ca\.pem: No such file"):
        Link(CassandraOptions(tls=True, tls_ca=Path("/no/ca.pem")))
    (tmp_path / "nonsense").write_text("nonsense")
    with pytest.raises(StartError, match="TLS with the ring"):
        Link(CassandraOptions(tls=True, tls_cert=tmp_path / "nonsense"))


def test_a_host_that_is_gone_is_one_line_of_the_log_and_a_mistake_shows_its_place(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(StartError, match="no Cassandra answers"):
        Link(CassandraOptions(contact_points=("127.0.0.1:1",)))
    caplog.clear()
    driver = logging.getLogger("cassandra.cluster")
    for error in (ConnectionRefusedError(111, "refused"), KeyError("a mistake")):
        driver.error("[%s] cannot connect:", "control", exc_info=error)
    gone, mistake = caplog.records
    assert gone.getMessage() == "[control] cannot connect: [Errno 111] refused"
    assert (gone.exc_info, bool(mistake.exc_info)) == (None, True)
    assert [record.levelname for record in (gone, mistake)] == ["WARNING", "ERROR"]


#: A node that knows its clients by certificate and password, and speaks nothing but TLS.
SECURED = """
authenticator: PasswordAuthenticator
client_encryption_options:
  enabled: true
  optional: false
  require_client_auth: true
  keystore: {folder}/node.pem
  truststore: {folder}/ca.pem
  ssl_context_factory:
    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory
"""


def as_superuser(options: CassandraOptions) -> Link:
    """By the role that a new ring makes by itself, soon after it began to listen."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return Link(replace(options, user="cassandra", password="cassandra"))
        except StartError:
            if time.monotonic() > deadline:
                raise
            threading.Event().wait(0.2)


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CassandraOptions]:
    """How such a ring is reached by the role `hubbub`, who may do everything."""
    folder = tmp_path_factory.mktemp("secured")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    trustme.CA().cert_pem.write_to_path(str(folder / "stranger.pem"))
    node, client = authority.issue_cert("127.0.0.1"), authority.issue_cert("hubbub.example")
    key = load_pem_private_key(node.private_key_pem.bytes(), None)
    own = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain = b"".join(part.bytes() for part in node.cert_chain_pems)
    (folder / "node.pem").write_bytes(own + chain)
    client.private_key_and_cert_chain_pem.write_to_path(str(folder / "client.pem"))
    with running_ring(1, SECURED.format(folder=folder)) as ring:
        options = replace(
            ring.options,
            tls=True,
            tls_ca=folder / "ca.pem",
            tls_cert=folder / "client.pem",
            user="hubbub",
            password="pa55word",
        )
        link = as_superuser(options)
        link.session.execute(
            "CREATE ROLE hubbub WITH PASSWORD = 'pa55word' AND LOGIN = true AND SUPERUSER = true"
        )
        link.close()
        yield options


async def test_a_store_works_by_certificate_and_password(
    secured: CassandraOptions, tasks: Tasks
) -> None:
    await asyncio.to_thread(migrate, secured)
    store = CassandraStore(secured, tasks.start)
    await store.open()
    try:
        assert await store.secret("tokens", b"secret") == b"secret"
    finally:
        await store.close()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"password": "wr0ng"}, "Bad credentials"),
        ({"user": ""}, "authentication"),
        ({"tls": False}, "no Cassandra answers"),
        ({"tls_cert": None}, "no Cassandra answers"),
        ({"tls_ca": "stranger.pem"}, "certificate"),
    ],
    ids=["wrong password", "no password", "no TLS", "no certificate", "another authority"],
)
def test_a_ring_that_does_not_let_us_in_is_one_clear_line(
    secured: CassandraOptions, change: dict[str, Any], why: str
) -> None:
    if "tls_ca" in change:
        assert secured.tls_ca is not None
        change = {"tls_ca": secured.tls_ca.with_name(change["tls_ca"])}
    with pytest.raises(StartError, match=why) as refused:
        Link(replace(secured, timeout_s=1, **change))
    text = f"{refused.value} {refused.value.__cause__!r}"
    assert "\n" not in str(refused.value)
    assert "pa55word" not in text and "wr0ng" not in text
