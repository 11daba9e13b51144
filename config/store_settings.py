"""Where the data is kept, as settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode

from .units import SECONDS

#: Written `one,two` in a flag or a variable, and as an array in TOML.
Words = Annotated[tuple[str, ...], NoDecode]


class StoreSettings(BaseSettings):
    """The part of the settings that says which store a node has, and how it is reached."""

    store: Literal["sqlite", "cassandra"] = Field(
        default="sqlite",
        description="Where everything is kept: a file in the data folder, or a Cassandra ring.",
        examples=["cassandra"],
    )
    cassandra_contact_points: Words = Field(
        default=("127.0.0.1",),
        min_length=1,
        description="Hosts of the ring that know the others, each as host or host:port.",
        examples=["10.0.0.1,10.0.0.2,10.0.0.3:9142"],
    )
    cassandra_port: int = Field(
        default=9042,
        ge=1,
        le=65535,
        description="The ring's port, for hosts that are named without one.",
        examples=[9142],
    )
    cassandra_datacentre: str = Field(
        default="",
        description="The ring's datacentre nearby; empty takes the first host's.",
        examples=["frankfurt"],
    )
    cassandra_keyspace: str = Field(
        default="hubbub",
        pattern=r"^[a-z][a-z0-9_]{0,47}$",
        description="The keyspace that holds the tables; `hubbub migrate` makes it.",
        examples=["chat"],
    )
    cassandra_replication: int = Field(
        default=3,
        ge=1,
        description="Copies of each row, in a keyspace that `hubbub migrate` makes.",
        examples=[1],
    )
    cassandra_consistency: Literal["local_quorum", "quorum"] = Field(
        default="local_quorum",
        description="How many copies have to answer; fewer would lose what was acknowledged.",
        examples=["quorum"],
    )
    cassandra_timeout_s: float = Field(
        default=2 * SECONDS,
        gt=0,
        description="Seconds that one request to the ring may take.",
        examples=[5],
    )
    cassandra_user: str = Field(
        default="", description="The role to sign in with, if the ring asks.", examples=["hubbub"]
    )
    cassandra_password: str = Field(
        default="",
        repr=False,
        description="Its password. Everybody on a machine can see flags: use the file or variable.",
        examples=["(in the file)"],
    )
    cassandra_tls: bool = Field(
        default=False, description="Speak TLS with the ring.", examples=[True]
    )
    cassandra_tls_ca: Path | None = Field(
        default=None,
        description="PEM file of the authorities believed; none takes the system's.",
        examples=["/etc/hubbub/ring-ca.pem"],
    )
    cassandra_tls_cert: Path | None = Field(
        default=None,
        description="PEM file with this node's certificate, if the ring asks for one.",
        examples=["/etc/hubbub/ring.pem"],
    )
    cassandra_tls_key: Path | None = Field(
        default=None,
        repr=False,
        description="PEM file with the key of that certificate.",
        examples=["/etc/hubbub/ring-key.pem"],
    )

    @field_validator("cassandra_contact_points", mode="before")
    @classmethod
    def _split_hosts(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part for part in map(str.strip, value.split(",")) if part)
        return value


__all__ = ["StoreSettings", "Words"]
