"""How a Cassandra is reached, and how carefully it is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ...config.units import SECONDS

Consistency = Literal["local_quorum", "quorum"]


@dataclass(frozen=True, slots=True)
class CassandraOptions:
    """Where the ring is and what is asked of it.

    Attributes:
        contact_points: Hosts that know the others, each `host` or `host:port`.
        port: Of all that are written without one.
        datacentre: The one nearby; None takes whatever the first host is in.
        keyspace: Where the tables are; made by the first migration if it is missing.
        replication: Copies of each row in a keyspace that is made.
        consistency: Of every read and write. Nothing weaker keeps what was acknowledged, so
            nothing weaker can be chosen.
        timeout_s: How long one request may take.
        user, password: If the ring asks for them; never shown.
        tls: Speak TLS, and believe certificates that `tls_ca` vouches for (None: the system's).
        tls_cert, tls_key: What this node shows of itself, if the ring asks for it.
    """

    contact_points: tuple[str, ...] = ("127.0.0.1",)
    port: int = 9042
    datacentre: str | None = None
    keyspace: str = "hubbub"
    replication: int = 3
    consistency: Consistency = "local_quorum"
    timeout_s: float = 2 * SECONDS
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    tls_ca: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = field(default=None, repr=False)


__all__ = ["CassandraOptions", "Consistency"]
