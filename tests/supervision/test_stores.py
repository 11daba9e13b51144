"""Which store the settings make."""

from __future__ import annotations

from pathlib import Path

from hubbub.actors.runtime.tasks import Tasks
from hubbub.config.settings import Settings
from hubbub.storage.cassandra.options import CassandraOptions
from hubbub.storage.cassandra.store import CassandraStore
from hubbub.storage.sqlite.store import SqliteStore
from hubbub.supervision.data_dir import DataDir
from hubbub.supervision.stores import cassandra_options, make_store


def test_a_file_by_default_and_a_ring_if_asked_for(tmp_path: Path) -> None:
    start, data = Tasks().start, DataDir(tmp_path)
    assert isinstance(make_store(Settings(), data, start), SqliteStore)
    assert isinstance(make_store(Settings(store="cassandra"), data, start), CassandraStore)


def test_every_setting_of_the_ring_arrives() -> None:
    settings = Settings(
        cassandra_contact_points=("a", "b"),
        cassandra_port=1,
        cassandra_datacentre="dc",
        cassandra_keyspace="k",
        cassandra_replication=2,
        cassandra_consistency="quorum",
        cassandra_timeout_s=3,
        cassandra_user="u",
        cassandra_password="p",
        cassandra_tls=True,
        cassandra_tls_ca=Path("ca"),
        cassandra_tls_cert=Path("cert"),
        cassandra_tls_key=Path("key"),
    )
    assert cassandra_options(settings) == CassandraOptions(
        ("a", "b"), 1, "dc", "k", 2, "quorum", 3, "u", "p", True,
        Path("ca"), Path("cert"), Path("key"),
    )  # fmt: skip
    assert cassandra_options(Settings()).datacentre is None
