"""How a node joins others, where the settings ask for it."""

from __future__ import annotations

import pytest
from tests.support.nobody import Nobody

from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.errors import StartError
from hubbub.config.metrics import Metrics
from hubbub.config.settings import Settings
from hubbub.storage.memory import MemoryStore
from hubbub.supervision.clusters import keep_apart, make_cluster


def test_a_node_without_a_redis_is_alone() -> None:
    assert make_cluster(Settings()) is None


def test_a_store_of_one_node_cannot_be_shared() -> None:
    with pytest.raises(StartError, match="a SQLite file is one node's alone"):
        make_cluster(Settings(redis=("redis://h",)))


async def test_a_node_with_a_redis_and_a_store_to_share_is_one_of_several() -> None:
    make = make_cluster(Settings(redis=("redis://h",), store="cassandra", node="n7"))
    assert make is not None
    async with ActorSystem() as system:
        cluster = make(system, MemoryStore(), Nobody(), "n7", "life", Metrics())
        assert (cluster.node, cluster.incarnation) == ("n7", "life")


async def test_a_store_is_that_of_the_first_cluster_and_of_no_other() -> None:
    store = MemoryStore()
    await store.open()
    await keep_apart(store, "chat")
    await keep_apart(store, "chat")
    with pytest.raises(StartError, match="is that of cluster chat, not of staging: give each"):
        await keep_apart(store, "staging")
    await store.close()
