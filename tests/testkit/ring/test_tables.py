"""The tables of the store, read from its own migrations."""

from __future__ import annotations

import pytest

from hubbub.storage.cassandra.schema import MIGRATIONS
from hubbub.testkit.ring.tables import Table, table_of, tables


def test_what_names_a_partition_and_a_row_is_read_from_the_key() -> None:
    found = tables()
    assert found["log"].partition == ("conv", "bucket")
    assert found["log"].clustering == ("seq",)
    assert {"body", "shown", "reactions"} <= found["log"].columns
    assert found["search"].clustering == ("key", "user")
    assert found["unfinished"] == Table(
        "unfinished", ("shard",), ("conv",), frozenset(("shard", "conv"))
    )
    assert found["snapshots"] == Table(
        "snapshots", ("conv",), (), frozenset(("conv", "seq", "state", "cids"))
    )


def test_every_table_of_the_migrations_is_there() -> None:
    assert len(tables()) == sum(len(migration) for migration in MIGRATIONS)


def test_what_makes_no_table_is_an_error() -> None:
    with pytest.raises(ValueError, match="no table is made by DROP"):
        table_of("DROP TABLE log")
