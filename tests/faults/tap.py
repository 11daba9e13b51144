"""Hears what nodes say to each other by Redis: who is in, and who is told what in which version."""

from __future__ import annotations

import asyncio
from itertools import permutations
from typing import Any

from redis.asyncio import Redis

from hubbub.transport.cluster.batches import unpack_batch
from hubbub.transport.cluster.members_script import decode_view
from hubbub.transport.cluster.redis_keys import RedisKeys
from hubbub.transport.cluster.stream_writer import BATCH
from hubbub.transport.cluster.views import View

#: How long it takes at most until all are in, and everybody has told everybody something.
PATIENCE_S = 60.0
_BLOCK_MS = 1000
_LOOK_S = 0.1


class Tap:
    """At one server, for one cluster. It takes nothing away from those who are meant."""

    def __init__(self, port: int, cluster: str) -> None:
        self._port = port
        self._keys = RedisKeys(cluster)

    async def members(self, speaks: dict[str, int]) -> None:
        """Wait until these are the members.

        Args:
            speaks: {node: the newest version of envelopes that it knows}
        """
        async with asyncio.timeout(PATIENCE_S), Redis(port=self._port) as link:
            while {m.node: m.speaks for m in (await self._view(link)).members} != speaks:  # noqa: ASYNC110 - they are processes
                await asyncio.sleep(_LOOK_S)

    async def heard(self) -> dict[tuple[str, str], set[int]]:
        """Listen until each member has told each other one something.

        Returns: {(who, whom): in which versions}
        """
        async with asyncio.timeout(PATIENCE_S), Redis(port=self._port) as link:
            nodes = {m.incarnation: m.node for m in (await self._view(link)).members}
            streams = {self._keys.stream(inc).encode(): node for inc, node in nodes.items()}
            after: dict[Any, Any] = dict.fromkeys(streams, b"$")
            heard: dict[tuple[str, str], set[int]] = {}
            while heard.keys() < set(permutations(nodes.values(), 2)):
                found: Any = await link.xread(after, block=_BLOCK_MS)
                for stream, entries in found:
                    after[stream] = entries[-1][0]
                    for _, fields in entries:
                        if BATCH.encode() in fields:
                            batch = unpack_batch(fields[BATCH.encode()])
                            told = heard.setdefault((nodes[batch.sender], streams[stream]), set())
                            # The second byte: see docs/envelopes.md.
                            told |= {envelope[1] for envelope in batch.envelopes}
        return heard

    async def _view(self, link: Redis) -> View:
        found: Any = await link.xrevrange(self._keys.views, count=1)
        ((_, fields),) = found
        return decode_view(fields[b"view"])


__all__ = ["PATIENCE_S", "Tap"]
