"""Finds nodes as clients do: any of them tells how they rank for somebody, for a minute."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

import httpx
from tests.support.ws_client import http_client

from hubbub.testkit.simulation.client import Client

from .device import Addresses

#: For how long a list is good, and how long a node may take to tell it: it may be stopped.
TTL_S = 60.0
_ANSWER_S = 5.0


class _Told(NamedTuple):
    bases: list[str]
    until: float


class Discovery(Addresses):
    """See the module. A device goes to its home, and to the next in its list after two failures.

    Attributes:
        bases: Of the nodes that are asked; a node that is added is told of by the others.
    """

    def __init__(self, *bases: str, http: httpx.AsyncClient | None = None) -> None:
        """Nobody was asked yet.

        Args:
            http: It asks with this one, and closes it in the end.
        """
        super().__init__(*bases)
        self._http = http or http_client(bases[0])
        #: {user: what was told}
        self._told: dict[str, _Told] = {}

    async def find(self, client: Client) -> str:
        """See `Addresses`; after a failure the list is asked for again."""
        now = asyncio.get_running_loop().time()
        told = self._told.get(client.user)
        if told is None or client.failures or now > told.until:
            bases = await self._ask(self.of(client.user, client.failures), client.token())
            told = self._told[client.user] = _Told(bases, now + TTL_S)
        return told.bases[client.failures // 2 % len(told.bases)]

    async def _ask(self, base: str, token: str) -> list[str]:
        try:
            answer = await self._http.get(
                f"{base}/v1/nodes",
                headers={"Authorization": f"Bearer {token}"},
                timeout=_ANSWER_S,
            )
        except httpx.HTTPError as error:
            raise ConnectionError(f"{base} does not answer") from error
        if answer.status_code != 200:
            raise ConnectionError(f"{base} answers {answer.status_code}")
        lines = sorted(answer.json(), key=lambda line: int(line["rank"]))
        return [line["url"].replace("ws", "http", 1).removesuffix("/ws") for line in lines]

    async def gone(self) -> None:
        """See `Addresses`."""
        await super().gone()
        await self._http.aclose()


__all__ = ["TTL_S", "Discovery"]
