"""Names and secrets that are one of a kind, whatever becomes of an attempt."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.ring import Ring

from hubbub.actors.runtime.tasks import Tasks
from hubbub.config.errors import NameTakenError, OutcomeUnknownError, StoreRetryableError
from hubbub.storage.cassandra.store import CassandraStore
from hubbub.testkit.contracts.hands import ANN, account

from .ring_of_lies import Lies

LOST = OutcomeUnknownError("lost on the way")
EVER = 1 << 30


def names(cql: str) -> bool:
    return cql.startswith("INSERT INTO names")


def secrets(cql: str) -> bool:
    return cql.startswith("INSERT INTO secrets")


@pytest.mark.parametrize("happens", [True, False])
async def test_a_name_that_was_taken_by_an_unheard_attempt_is_the_takers(
    store: CassandraStore, lies: Lies, happens: bool
) -> None:
    lies.about(names, LOST, 1, happens=happens)
    await store.create_account(account("ann"), [])
    assert await store.account_by_name("ann") == account("ann")
    with pytest.raises(NameTakenError):
        await store.create_account(account("eve", folded="ann"), [])


async def test_an_account_whose_name_may_be_taken_does_not_count_and_can_be_tried_again(
    store: CassandraStore, lies: Lies
) -> None:
    lies.about(names, LOST, EVER, happens=False)
    with pytest.raises(StoreRetryableError):
        await store.create_account(account("ann"), [b"code"])
    assert await store.account(ANN) is None
    assert not await store.use_recovery(ANN, b"code")
    lies.no_more()
    await store.create_account(account("ann"), [b"code"])
    assert await store.use_recovery(ANN, b"code")


async def test_of_two_nodes_that_sign_up_one_name_at_once_one_hears_that_it_is_taken(
    store: CassandraStore, one_node: Ring, tasks: Tasks
) -> None:
    other = CassandraStore(one_node.options, tasks.start)
    await other.open()
    try:
        outcomes = await asyncio.gather(
            store.create_account(account("ann", folded="x"), []),
            other.create_account(account("eve", folded="x"), []),
            return_exceptions=True,
        )
        assert sorted(type(outcome).__name__ for outcome in outcomes) == [
            "NameTakenError",
            "NoneType",
        ]
        found = await store.account_by_name("x")
        assert found is not None
        assert [a.id for a in await other.list_accounts("", 10)] == [found.id]
    finally:
        await other.close()


@pytest.mark.parametrize("happens", [True, False])
async def test_a_secret_is_kept_once_though_nobody_heard(
    store: CassandraStore, lies: Lies, happens: bool
) -> None:
    lies.about(secrets, LOST, 1, happens=happens)
    assert await store.secret("tokens", b"one") == b"one"
    assert await store.secret("tokens", b"two") == b"one"
    lies.about(secrets, LOST, EVER, happens=False)
    with pytest.raises(StoreRetryableError):
        await store.secret("others", b"one")
