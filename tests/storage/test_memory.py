"""The memory store passes the contract's suite."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hubbub.config.errors import StoreRefusedError
from hubbub.storage.contract import Store
from hubbub.storage.memory import MemoryStore
from hubbub.testkit.contracts.store import StoreContract


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    store = MemoryStore()
    await store.open()
    yield store
    await store.close()


class TestMemoryStore(StoreContract):
    """The suite, on dicts."""


async def test_there_is_nothing_to_back_up(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreRefusedError):
        await store.backup(tmp_path / "copy")
