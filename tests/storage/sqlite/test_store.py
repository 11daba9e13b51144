"""The SQLite store passes the contract's suite."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hubbub.storage.contract import Store
from hubbub.storage.sqlite.store import SqliteStore
from hubbub.testkit.contracts.store import StoreContract


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = SqliteStore(tmp_path / "data" / "hubbub.db")
    await store.open()
    yield store
    await store.close()


class TestSqliteStore(StoreContract):
    """The suite, on a file."""
