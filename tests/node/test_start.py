"""A node that cannot start says why in one line, and ends with 2."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from tests.support.node import Node, running


async def refused(node: Node, *flags: str, env: dict[str, str] | None = None) -> str:
    """The one line that this start ends with."""
    process = await asyncio.create_subprocess_exec(
        *node.command("node", "--port", "0", *flags),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **(env or {})},
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert out == b""
    assert process.returncode == 2, err.decode()
    (line,) = err.decode().splitlines()
    assert line.startswith("hubbub: ")
    return line.removeprefix("hubbub: ")


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path / "data")


async def test_a_port_in_use_is_named(node: Node) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = await refused(node, "--port", str(port))
    assert str(port) in line
    assert "in use" in line


async def test_an_address_that_is_not_ours_is_named(node: Node) -> None:
    assert "192.0.2.1" in await refused(node, "--host", "192.0.2.1")


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A folder that nobody can write to, root included."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(tmp_path)], check=True)
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


async def test_a_read_only_folder_is_named(read_only: Path) -> None:
    data = read_only / "data"
    assert await refused(Node(data)) == (
        f"cannot use {data} for data: it is on a read-only file system"
    )


async def test_a_file_that_is_no_store_is_named(node: Node) -> None:
    node.data.mkdir()
    (node.data / "hubbub.db").write_text("not a database, but long enough to look like one" * 100)
    assert "hubbub.db" in await refused(node)


async def test_a_bad_settings_file_is_named(node: Node, tmp_path: Path) -> None:
    bad = tmp_path / "hubbub.toml"
    bad.write_text("port = = 1")
    assert (await refused(node, "--config", str(bad))).startswith(f"{bad}: not TOML: ")


async def test_an_unknown_setting_gets_the_nearest_name(node: Node) -> None:
    assert await refused(node, "--drain", "1") == (
        "there is no setting --drain; did you mean --drain-s?"
    )
    assert await refused(node, env={"HUBBUB_DRAINS": "1"}) == (
        "there is no variable HUBBUB_DRAINS; did you mean HUBBUB_DRAIN_S?"
    )


@pytest.mark.parametrize("fault", ["missing", "no certificate", "another key"])
async def test_a_bad_certificate_is_named(node: Node, tmp_path: Path, fault: str) -> None:
    authority = trustme.CA()
    one, other = authority.issue_cert("localhost"), authority.issue_cert("localhost")
    cert, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    one.cert_chain_pems[0].write_to_path(cert)
    (other if fault == "another key" else one).private_key_pem.write_to_path(key)
    if fault == "missing":
        cert.unlink()
    elif fault == "no certificate":
        cert.write_text("hello")
    line = await refused(node, "--tls-cert", str(cert), "--tls-key", str(key))
    assert "chain.pem" in line


async def test_a_second_node_on_the_same_data_is_told_who_has_it(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as first:
        line = await refused(first)
        assert line == (
            f"{first.data} is in use by process {first.process.pid}: one node at a time"
        )


async def test_demo_users_are_not_shown_to_strangers(node: Node) -> None:
    assert "well-known passwords" in await refused(node, "--demo", "--host", "0.0.0.0")
    assert not node.data.exists()
