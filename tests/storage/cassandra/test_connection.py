"""How the ring's hosts are named, and what cannot be used."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
import trustme

from hubbub.config.errors import StartError
from hubbub.storage.cassandra import connection
from hubbub.storage.cassandra.connection import Link
from hubbub.storage.cassandra.options import CassandraOptions


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


async def test_it_speaks_tls_and_believes_its_own_authority_alone(tmp_path: Path) -> None:
    authority, stranger = trustme.CA(), trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)  # pyright: ignore[reportUnknownMemberType]
    heard: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(1))
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    for ca, speaks in ((authority, True), (stranger, False)):
        heard.clear()
        file = tmp_path / "ca.pem"
        ca.cert_pem.write_to_path(str(file))
        options = CassandraOptions(("127.0.0.1",), port, tls=True, tls_ca=file, timeout_s=1)
        with pytest.raises(StartError):
            await asyncio.to_thread(Link, options)
        assert any(heard) == speaks, "a request came through, encrypted"
    server.close()
    await server.wait_closed()
