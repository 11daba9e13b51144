"""Reads what the server shows of whole conversations, over HTTP, once everything is at rest."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from tests.support.ws_client import Person

from .record import Seen, log_of

#: Pages that are read at once.
_AT_ONCE = 8
#: A page that cannot be shown just now is asked for again, for so long.
_PATIENCE_S = 45.0
_AGAIN_S = 1.0


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
        page = await _page(reader, c, after)
        read += page["msgs"]
        after, more = page["to"], page["more"]
    return read


async def _page(reader: Person, c: str, after: int) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    until = loop.time() + _PATIENCE_S
    while True:
        answer = await reader.http.get(
            f"/v1/conversations/{c}/messages", params={"after": after, "limit": 200}
        )
        if answer.status_code == 200:
            page: dict[str, Any] = answer.json()
            return page
        just_now = answer.status_code == 503 and loop.time() < until
        assert just_now, f"{c} cannot be read: {answer.text}"
        await asyncio.sleep(_AGAIN_S)


__all__ = ["whole_logs"]
