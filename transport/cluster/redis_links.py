"""Connections to one Redis server, and what may be said of it: never a password.

Nothing is tried again by itself: an entry whose fate is unknown would be there twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig

#: A reader's question waits so long at the server for something new.
BLOCK_MS = 2000


@dataclass(frozen=True)
class RedisLinks:
    """See the module.

    Attributes:
        place: Where the server is, fit for a log.
        quick: For what is answered at once.
        patient: For questions that wait BLOCK_MS.
    """

    place: str
    quick: Redis
    patient: Redis

    @classmethod
    def to(cls, url: str, *, node: str, timeout_s: float) -> RedisLinks:
        """Links that connect when they are first used.

        Args:
            url: `redis://` or, with TLS, `rediss://`; user and password may stand in it.
            node: Shows in the server's list of clients.
            timeout_s: A server that says nothing for so long is out of reach.
        """

        def link(socket_timeout_s: float) -> Redis:
            return Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
                url,
                protocol=3,
                legacy_responses=False,
                retry=Retry(NoBackoff(), 0),
                socket_timeout=socket_timeout_s,
                socket_connect_timeout=timeout_s,
                client_name=f"hubbub-{node}",
                driver_info=None,
                maint_notifications_config=MaintNotificationsConfig(enabled=False),
            )

        return cls(place_of(url), link(timeout_s), link(timeout_s + BLOCK_MS / 1000))

    async def close(self) -> None:
        """Every connection ends."""
        await self.quick.aclose()
        await self.patient.aclose()


def place_of(url: str) -> str:
    """Host, port and number of the database: what of a URL may be shown."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or 6379}/{parts.path.strip('/') or 0}"


__all__ = ["BLOCK_MS", "RedisLinks", "place_of"]
