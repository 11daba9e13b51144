"""What every store must do with the generations of a cluster's views."""

from __future__ import annotations

import asyncio

import pytest

from ...config.errors import StoreRefusedError
from ...storage.contract import Store


class GenerationsContract:
    """Mixed into a test class whose `store` fixture gives an open store that can be reopened."""

    async def test_each_generation_is_above_all_before(self, store: Store) -> None:
        assert await store.raise_generation(0) == 1
        assert await store.raise_generation(0) == 2
        assert await store.raise_generation(1) == 3

    async def test_a_generation_is_above_what_the_caller_has_seen(self, store: Store) -> None:
        assert await store.raise_generation(41) == 42
        assert await store.raise_generation(7) == 43

    async def test_two_who_raise_it_at_once_never_get_the_same(self, store: Store) -> None:
        given = await asyncio.gather(*(store.raise_generation(above % 3) for above in range(9)))
        assert len(set(given)) == 9
        assert await store.raise_generation(0) == max(given) + 1

    async def test_a_generation_outlives_closing(self, store: Store) -> None:
        before = await store.raise_generation(5)
        await store.close()
        with pytest.raises(StoreRefusedError):
            await store.raise_generation(0)
        await store.open()
        assert await store.raise_generation(0) == before + 1

    async def test_a_generation_that_cannot_be_stored_is_refused(self, store: Store) -> None:
        with pytest.raises(StoreRefusedError):
            await store.raise_generation((1 << 63) - 1)
        assert await store.raise_generation(0) == 1


__all__ = ["GenerationsContract"]
