"""The two people of --demo, who exist only while it is said."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from hubbub.config.clock import LoopClock, SystemChance
from hubbub.storage.memory import MemoryStore
from hubbub.supervision.demo import DEMO_USERS, close_demo, open_demo
from hubbub.supervision.operator import StoreOperator
from hubbub.transport.edge.http.passwords import Passwords


@pytest.fixture
async def store() -> AsyncIterator[MemoryStore]:
    store = MemoryStore()
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    passwords = Passwords(memory_kib=64, passes=1)
    yield passwords
    passwords.close()


@pytest.fixture
def operator(store: MemoryStore, passwords: Passwords) -> StoreOperator:
    return StoreOperator(store, passwords, lambda _to, _what: None, LoopClock(), SystemChance())


async def test_demo_users_can_sign_in_with_the_printed_passwords(
    store: MemoryStore, passwords: Passwords, operator: StoreOperator
) -> None:
    await open_demo(operator)
    for user in DEMO_USERS:
        account = await store.account_by_name(user.name)
        assert account is not None
        assert await passwords.verify(account.password, user.password)


async def test_to_open_twice_changes_nothing(operator: StoreOperator) -> None:
    await open_demo(operator)
    once = await operator.list_users()
    await open_demo(operator)
    assert await operator.list_users() == once
    assert [line.name for line in once] == [user.name for user in DEMO_USERS]


async def test_a_node_without_demo_closes_them_and_one_with_demo_opens_them_again(
    operator: StoreOperator,
) -> None:
    await open_demo(operator)
    await close_demo(operator)
    assert all(line.disabled for line in await operator.list_users())
    await open_demo(operator)
    assert not any(line.disabled for line in await operator.list_users())


async def test_a_node_that_never_had_them_gets_none(operator: StoreOperator) -> None:
    await close_demo(operator)
    assert await operator.list_users() == []
