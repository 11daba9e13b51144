"""How a node reaches the others, as settings."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from .store_settings import Words
from .units import MIB, SECONDS

#: What may stand behind the question mark of a URL.
_OPTIONS = {"ssl_ca_certs", "ssl_certfile", "ssl_keyfile"}


class ClusterSettings(BaseSettings):
    """The part of the settings that makes a node one of several."""

    redis: Words = Field(
        default=(),
        repr=False,
        description=(
            "Redis servers that make the node one of several; each node names the same ones in the "
            "same order. rediss:// is TLS. A password in it belongs in the file or the variable: "
            "everybody on a machine can see flags."
        ),
        examples=["redis://10.0.0.4:6379/0"],
    )
    cluster: str = Field(
        default="hubbub",
        pattern=r"^[a-z0-9][a-z0-9-]{0,31}$",
        description="The nodes of this name are one chat, whoever else uses the same Redis.",
        examples=["staging"],
    )
    weight: float = Field(
        default=1.0,
        gt=0,
        le=1000,
        description=(
            "How much the node takes of what lives in the cluster, against the others: one with 2 "
            "has twice as many people and conversations as one with 1."
        ),
        examples=[2],
    )
    lease_s: float = Field(
        default=5 * SECONDS,
        gt=0,
        description="Seconds without a sign of a node after which the others take over.",
        examples=[10],
    )
    renew_s: float = Field(
        default=1 * SECONDS,
        gt=0,
        description="Seconds between two signs of a node; at most a third of lease_s.",
        examples=[0.5],
    )
    stream_bytes: int = Field(
        default=64 * MIB,
        ge=1 * MIB,
        description="What may wait at Redis for one node, in bytes of its memory; then it is full.",
        examples=[268435456],
    )
    bus_bytes: int = Field(
        default=16 * MIB,
        ge=1 * MIB,
        description="What may wait in a node for one Redis server, in bytes; more is dropped.",
        examples=[67108864],
    )

    @field_validator("redis", mode="before")
    @classmethod
    def _split_urls(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part for part in map(str.strip, value.split(",")) if part)
        return value

    @field_validator("redis")
    @classmethod
    def _are_urls(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for url in value:
            if not _is_server(url):
                raise ValueError("write redis://HOST:PORT/0, or rediss:// for TLS")
            others = parse_qs(urlsplit(url).query).keys() - _OPTIONS
            if others:
                raise ValueError(f"a URL of Redis has no option {min(others)}")
        return value


def _is_server(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    number = parts.path.strip("/")
    return (
        parts.scheme in ("redis", "rediss")
        and bool(parts.hostname)
        and port != 0
        and (number.isdecimal() or not number)
    )


__all__ = ["ClusterSettings"]
