"""`hubbub migrate`, on a real node."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.ring import Ring

from hubbub.storage.cassandra.connection import Link
from hubbub.supervision.cli.main import main


@pytest.fixture
def flags(one_node: Ring, tmp_path: Path) -> Iterator[list[str]]:
    """Where a keyspace of one's own is."""
    file = tmp_path / "hubbub.toml"
    file.write_text(
        f'store = "cassandra"\ncassandra_port = {one_node.port}\n'
        'cassandra_keyspace = "hubbub_by_command"\ncassandra_replication = 1\n'
        "cassandra_timeout_s = 5\n"
    )
    yield ["--config", str(file)]
    link = Link(one_node.options)
    link.session.execute("DROP KEYSPACE IF EXISTS hubbub_by_command", timeout=60)
    link.close()


def test_the_tables_are_made_and_then_everybody_can_work(
    flags: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data", str(tmp_path / "data")]
    assert main(["user", "list", *flags[:2], *data]) == 2
    assert "run `hubbub migrate` first" in capsys.readouterr().err
    assert main(["migrate", *flags]) == 0
    assert capsys.readouterr().out == "keyspace hubbub_by_command: schema 0 is now 4\n"
    assert main(["migrate", *flags]) == 0
    assert capsys.readouterr().out == "keyspace hubbub_by_command: has schema 4 already\n"
    assert main(["user", "list", *flags, *data]) == 0
    assert main(["verify", *flags, *data]) == 0
    assert capsys.readouterr().out.endswith("0 wait for their owner; no faults\n")


def test_sqlite_needs_none_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate"]) == 0
    assert capsys.readouterr().out.startswith("nothing to do")


def test_a_ring_that_does_not_answer_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--store", "cassandra", "--cassandra-contact-points", "127.0.0.1:9"]
    assert main(["migrate", *where]) == 2
    err = capsys.readouterr().err
    assert err.startswith("hubbub: no Cassandra answers at 127.0.0.1:9")
    assert err.count("\n") == 1
