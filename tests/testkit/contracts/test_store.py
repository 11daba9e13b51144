"""`check_store` holds a store to everything that ours are held to, and finds what is wrong."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from hubbub.config.ids import ConvId, UserId
from hubbub.storage.contract import NOBODY, Done, Store
from hubbub.storage.memory import MemoryStore
from hubbub.storage.records import Device, Entry
from hubbub.testkit.contracts.store import check_store


def opened(kind: type[MemoryStore]) -> Callable[[], AbstractAsyncContextManager[Store]]:
    """What makes an open store of this kind."""

    @asynccontextmanager
    async def fresh() -> AsyncGenerator[Store]:
        store = kind()
        await store.open()
        yield store
        await store.close()

    return fresh


class Forgetful(MemoryStore):
    """Knows no devices."""

    async def devices(self, user: UserId) -> list[Device]:
        """None."""
        return []


class Hasty(MemoryStore):
    """Says that something is durable before it is."""

    def append(
        self,
        conv: ConvId,
        epoch: int,
        entries: Sequence[Entry],
        done: Done,
        *,
        unfinished: bool = False,
        ended: Mapping[UserId, int] = NOBODY,
    ) -> None:
        """Done at once."""
        super().append(conv, epoch, entries, lambda _: None, unfinished=unfinished, ended=ended)
        done(None)


def test_a_store_that_keeps_the_contract_passes() -> None:
    assert check_store(opened(MemoryStore)) > 150


@pytest.mark.parametrize(
    ("kind", "noticed_by"),
    [
        (Forgetful, "test_everything_is_there_after_closing_and_opening"),
        (Hasty, "test_a_closed_store_refuses"),
    ],
)
def test_a_store_that_breaks_it_is_found_out(kind: type[MemoryStore], noticed_by: str) -> None:
    with pytest.raises(ExceptionGroup, match="cases of StoreContract fail") as failed:
        check_store(opened(kind))
    notes = [note for error in failed.value.exceptions for note in error.__notes__]
    assert f"in StoreContract.{noticed_by}, with {{}}" in notes
