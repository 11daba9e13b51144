"""Migrations run once each, whoever runs them, and what does not fit is refused in one line."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from tests.support.ring import Ring

from hubbub.actors.runtime.tasks import Tasks
from hubbub.config.errors import SchemaError, StartError
from hubbub.storage.cassandra.connection import Link
from hubbub.storage.cassandra.options import CassandraOptions
from hubbub.storage.cassandra.schema import MIGRATIONS, check, migrate, version
from hubbub.storage.cassandra.store import CassandraStore

FIRST = ("CREATE TABLE IF NOT EXISTS a (id int PRIMARY KEY)",)
SECOND = (
    "CREATE TABLE IF NOT EXISTS b (id int PRIMARY KEY)",
    "ALTER TABLE a ADD IF NOT EXISTS more text",
)


@pytest.fixture
def options(one_node: Ring) -> Iterator[CassandraOptions]:
    """A keyspace of one's own, that is not there yet."""
    options = one_node.in_keyspace("hubbub_migrated")
    yield options
    link = Link(options)
    link.session.execute("DROP KEYSPACE IF EXISTS hubbub_migrated", timeout=60)
    link.close()


def test_each_migration_is_done_once(options: CassandraOptions) -> None:
    assert migrate(options, (FIRST,)) == (0, 1)
    assert migrate(options, (FIRST,)) == (1, 1)
    assert migrate(options, (FIRST, SECOND)) == (1, 2)
    assert migrate(options, (FIRST, SECOND)) == (2, 2)
    link = Link(options)
    try:
        assert version(link.session, options.keyspace) == 2
        link.session.set_keyspace(options.keyspace)
        link.session.execute("INSERT INTO a (id, more) VALUES (1, 'x')")
        with pytest.raises(SchemaError, match="has schema 2, this program knows schemas up to 1"):
            check(link.session, options.keyspace, 1)
        with pytest.raises(StartError, match="run `hubbub migrate` first"):
            check(link.session, options.keyspace, 3)
    finally:
        link.close()
    with pytest.raises(SchemaError):
        migrate(options, (FIRST,))


def test_a_migration_adds_and_takes_nothing_from_nodes_that_run() -> None:
    adds = re.compile(r"CREATE TABLE IF NOT EXISTS |ALTER TABLE \w+ ADD IF NOT EXISTS ")
    assert all(adds.match(statement) for migration in MIGRATIONS for statement in migration)


def test_one_that_was_cut_short_is_done_again(options: CassandraOptions) -> None:
    with pytest.raises(StartError, match="run it again"):
        migrate(options, (FIRST, (*SECOND, "CREATE nonsense")))
    assert migrate(options, (FIRST, SECOND)) == (1, 2)


def test_of_two_at_once_the_second_is_sent_away(options: CassandraOptions) -> None:
    migrate(options, (FIRST,))
    link = Link(options)
    try:
        link.session.set_keyspace(options.keyspace)
        link.session.execute(
            "INSERT INTO migrations (part, holder) VALUES (1, 'x') IF NOT EXISTS USING TTL 60"
        )
    finally:
        link.close()
    with pytest.raises(StartError, match="somebody else migrates"):
        migrate(options, (FIRST, SECOND))


async def test_a_store_does_not_open_before_its_tables_are_there(
    options: CassandraOptions, tasks: Tasks
) -> None:
    store = CassandraStore(options, tasks.start)
    with pytest.raises(StartError, match="keyspace hubbub_migrated has schema 0 of"):
        await store.open()


async def test_a_ring_that_is_not_there_is_one_clear_line(tasks: Tasks) -> None:
    store = CassandraStore(CassandraOptions(("127.0.0.1:9",)), tasks.start)
    with pytest.raises(StartError, match=r"no Cassandra answers at 127\.0\.0\.1:9") as refused:
        await store.open()
    assert "\n" not in str(refused.value)
