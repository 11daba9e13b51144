"""What a cluster's keys on Redis are called: two clusters on one server have none in common."""

from __future__ import annotations

from hashlib import blake2b


class RedisKeys:
    """The keys of one cluster.

    Attributes:
        state, views, founding, counts: The members', see members.lua.
    """

    def __init__(self, cluster: str) -> None:
        # In braces, so that a server that spreads keys by them keeps a cluster's together.
        self._prefix = f"hubbub:{{{cluster}}}:"
        self.state = self._prefix + "members"
        self.views = self._prefix + "views"
        self.founding = self._prefix + "founding"
        self.counts = self._prefix + "sent:"

    def stream(self, incarnation: str) -> str:
        """What is sent to an incarnation, which alone reads it."""
        return f"{self._prefix}to:{incarnation}"


def server_of(node: str, servers: int) -> int:
    """Which of several servers has a node's stream."""
    digest = blake2b(node.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % servers


__all__ = ["RedisKeys", "server_of"]
