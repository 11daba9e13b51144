"""A log whose next append fails, while all others go well."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from hubbub.config.errors import StoreError, StoreRetryableError
from hubbub.config.ids import ConvId
from hubbub.storage.contract import Done
from hubbub.storage.records import Entry

from .chat import Chat


def refuse_once(chat: Chat, log: ConvId, error: StoreError | None = None) -> None:
    """The next append to this log does not happen; None stands for what may be tried again."""
    append = chat.store.append

    def picky(conv: ConvId, epoch: int, entries: Sequence[Entry], done: Done, **marks: Any) -> None:
        if conv != log:
            append(conv, epoch, entries, done, **marks)
            return
        chat.store.append = append  # type: ignore[method-assign]  # as it was
        asyncio.get_running_loop().call_soon(done, error or StoreRetryableError("not this time"))

    chat.store.append = picky  # type: ignore[method-assign]  # for one append


__all__ = ["refuse_once"]
