"""A store as a child of a supervisor."""

from __future__ import annotations

from ..config.errors import SchemaError, StartError
from ..storage.contract import Store


class StoreService:
    """The store's life, as a supervisor wants it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def start(self) -> None:
        """Open it; data that this program cannot use is no better at a second try."""
        try:
            await self._store.open()
        except SchemaError as error:
            raise StartError(str(error)) from error

    async def stop(self) -> None:
        """Close it, once everything handed in is done."""
        await self._store.close()


__all__ = ["StoreService"]
