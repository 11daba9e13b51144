"""Reads what the server shows of whole conversations, over HTTP, once everything is at rest."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from tests.support.ws_client import Person

from .record import Seen, log_of

#: Pages that are read at once.
_AT_ONCE = 8


async def whole_logs(readers: Mapping[str, Person]) -> dict[str, list[tuple[int, Seen]]]:
    """Each conversation from its beginning.

    Args:
        readers: {conversation: a member}.
    """
    few = asyncio.Semaphore(_AT_ONCE)

    async def one(c: str, reader: Person) -> list[tuple[int, Seen]]:
        async with few:
            return log_of(await _whole_log(reader, c))

    logs = await asyncio.gather(*(one(c, reader) for c, reader in readers.items()))
    return dict(zip(readers, logs, strict=True))


async def _whole_log(reader: Person, c: str) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = []
    after, more = 0, True
    while more:
        answer = await reader.http.get(
            f"/v1/conversations/{c}/messages", params={"after": after, "limit": 200}
        )
        assert answer.status_code == 200, f"{c} cannot be read: {answer.text}"
        page = answer.json()
        read += page["msgs"]
        after, more = page["to"], page["more"]
    return read


__all__ = ["whole_logs"]
