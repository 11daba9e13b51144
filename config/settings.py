"""What an operator can choose, from flags, HUBBUB_* variables and a TOML file, in that order.

Each field says its default, its effect (the description) and an example; `hubbub node --help` is
made from them. `config/sources.py` reads them and turns what is wrong into one clear line.
"""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from .cluster_settings import ClusterSettings
from .limit_settings import LimitSettings
from .limits import Limits
from .sources import Environment, TomlFile
from .store_settings import StoreSettings, Words
from .units import HOURS, SECONDS


class Settings(ClusterSettings, StoreSettings, LimitSettings):
    """One node's settings: frozen, read once.

    Arguments stand for flags: they win over the environment, and that over the file.

    Raises:
        pydantic.ValidationError: An argument is unknown, or a value is wrong.
        StartError: The environment or the file names an unknown setting, or cannot be read.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix="HUBBUB_",
        env_ignore_empty=True,
        hide_input_in_errors=True,
        validate_default=False,
    )

    config: Path | None = Field(
        default=None,
        description="A TOML file of settings, by the names used here; flags and variables win.",
        examples=["/etc/hubbub.toml"],
    )
    host: str = Field(
        default="127.0.0.1",
        description="The address to listen on.",
        examples=["0.0.0.0"],
        min_length=1,
    )
    port: int = Field(
        default=8800,
        ge=0,
        le=65535,
        description="The port to listen on; 0 takes a free one.",
        examples=[443],
    )
    data: Path = Field(
        default=Path(".data"),
        description="The folder that holds everything the node keeps; made if it is missing.",
        examples=["/var/lib/hubbub"],
    )
    workers: int = Field(
        default=1,
        ge=1,
        le=64,
        description=(
            "Nodes on this machine under one parent, a process each: NODE-1 at --port, NODE-2 at "
            "the next one, and so on. They share a store and a Redis."
        ),
        examples=[4],
    )
    tls_cert: Path | None = Field(
        default=None,
        description="A PEM file with the certificate chain; with tls_key, the node speaks TLS.",
        examples=["/etc/hubbub/chain.pem"],
    )
    tls_key: Path | None = Field(
        default=None,
        repr=False,
        description="The PEM file of the certificate's private key.",
        examples=["/etc/hubbub/key.pem"],
    )
    no_limits: bool = Field(
        default=False,
        description="Lift every rate (never a size); for benchmarks.",
        examples=[True],
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least that is logged.", examples=["warning"]
    )
    log_format: Literal["text", "json"] = Field(
        default="text",
        description="Log lines for people, or one JSON object a line.",
        examples=["json"],
    )
    demo: bool = Field(
        default=False,
        description="Make two demo users with well-known passwords; on a loopback address only.",
        examples=[True],
    )
    sign_up: Literal["open", "closed"] = Field(
        default="open",
        description="Whether people can sign up by themselves; else `hubbub user add` does it.",
        examples=["closed"],
    )
    origins: Words = Field(
        default=(),
        description="Web origins that may connect besides the node's own.",
        examples=["https://chat.example.org"],
    )
    trusted_proxies: Words = Field(
        default=(),
        description="Addresses or networks whose X-Forwarded-* headers are believed.",
        examples=["10.0.0.7,10.1.0.0/16"],
    )
    max_connections: int = Field(
        default=10_000,
        ge=1,
        description="Open WebSocket connections; one more gets 503.",
        examples=[2000],
    )
    public_url: str | None = Field(
        default=None,
        pattern=r"^wss?://[^\s/?#]+(/[^\s?#]*)?$",
        description=(
            "The WebSocket address of this very node that /v1/nodes tells clients; {worker} in it "
            "is the number of a worker."
        ),
        examples=["wss://n1.chat.example.org/ws"],
    )
    metrics_public: bool = Field(
        default=False, description="Answer /metrics to others than loopback too.", examples=[True]
    )
    node: str = Field(
        default="n1",
        pattern=r"^[a-z0-9][a-z0-9-]{0,31}$",
        description="This node's name: small letters, digits and hyphens.",
        examples=["berlin-2"],
    )
    heartbeat_s: float = Field(
        default=25 * SECONDS,
        gt=0,
        description="Seconds between two pings of a quiet connection; dead after two misses.",
        examples=[10],
    )
    drain_s: float = Field(
        default=30 * SECONDS,
        ge=0,
        le=1 * HOURS,
        description="Seconds over which a drained node sends its clients away; SIGTERM: 5 at most.",
        examples=[60],
    )
    operator_token_file: Path | None = Field(
        default=None,
        description="A file with a token that lets who has it drain the node by HTTP; else nobody.",
        examples=["/etc/hubbub/operator.token"],
    )

    @property
    def limits(self) -> Limits:
        """The limits of this node."""
        return self.chosen_limits(rates=not self.no_limits)

    @field_validator("origins", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part for part in map(str.strip, value.split(",")) if part)
        return value

    @model_validator(mode="after")
    def _fit_together(self) -> Settings:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key go together: one of them is missing")
        if self.redis and self.public_url is None and self.host in ("0.0.0.0", "::"):
            raise ValueError(f"public_url: clients cannot reach {self.host}; say where they can")
        if self.renew_s * 3 > self.lease_s:
            raise ValueError("renew_s is at most a third of lease_s: two lost signs are no end")
        if self.demo and not is_loopback(self.host):
            raise ValueError(
                f"demo makes users with well-known passwords, so not on {self.host}: "
                "leave demo out, or listen on 127.0.0.1"
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, then the environment, then the file: nothing else is read."""
        return init_settings, Environment(settings_cls), TomlFile(settings_cls)


def is_loopback(host: str) -> bool:
    """Whether what is sent to this host stays on this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


__all__ = ["Settings", "is_loopback"]
