"""Every limit as a setting of its own, by the name it has in `Limits`."""

from __future__ import annotations

from dataclasses import asdict, fields, replace

from pydantic import Field
from pydantic_settings import BaseSettings

from .limits import Limits

_USUAL = Limits()


class LimitSettings(BaseSettings):
    """The part of the settings that makes up `Limits`; a test holds the two against each other."""

    text_chars: int = Field(
        default=_USUAL.text_chars,
        ge=1,
        description="Longest text, in code points; a longer one is refused as too_large.",
        examples=[4000],
    )
    text_bytes: int = Field(
        default=_USUAL.text_bytes,
        ge=1,
        description="Longest text, in bytes of UTF-8.",
        examples=[16000],
    )
    title_chars: int = Field(
        default=_USUAL.title_chars,
        ge=1,
        description="Longest title of a group, in code points.",
        examples=[60],
    )
    members: int = Field(
        default=_USUAL.members,
        ge=2,
        description="People in one group; one more gets conversation_full.",
        examples=[50],
    )
    devices: int = Field(
        default=_USUAL.devices,
        ge=1,
        description="Signed-in devices of one user; the least recently seen makes room.",
        examples=[5],
    )
    page_items: int = Field(
        default=_USUAL.page_items,
        ge=1,
        description="Messages in one page of history.",
        examples=[50],
    )
    page_bytes: int = Field(
        default=_USUAL.page_bytes,
        ge=1024,
        description="Bytes of text in one page of history; always at least one message.",
        examples=[65536],
    )
    heads_page: int = Field(
        default=_USUAL.heads_page,
        ge=1,
        description="Conversations in one page of a user's list.",
        examples=[100],
    )
    watch_users: int = Field(
        default=_USUAL.watch_users,
        ge=1,
        description="People one device watches at once.",
        examples=[50],
    )
    watch_convs: int = Field(
        default=_USUAL.watch_convs,
        ge=1,
        description="Conversations one device watches at once.",
        examples=[4],
    )
    unacked: int = Field(
        default=_USUAL.unacked,
        ge=1,
        description="Sends of one device in one conversation that may wait for their commit.",
        examples=[8],
    )
    frame_bytes: int = Field(
        default=_USUAL.frame_bytes,
        ge=4096,
        description="Largest WebSocket message, and largest HTTP body; a larger one closes 1009.",
        examples=[65536],
    )
    out_frames: int = Field(
        default=_USUAL.out_frames,
        ge=8,
        description="Frames that wait for one socket before they collapse into `behind`.",
        examples=[64],
    )
    out_bytes: int = Field(
        default=_USUAL.out_bytes,
        ge=4096,
        description="Bytes that wait for one socket before they collapse into `behind`.",
        examples=[262144],
    )
    requests: int = Field(
        default=_USUAL.requests,
        ge=1,
        description="Unanswered requests of one connection before no more is read from it.",
        examples=[64],
    )
    rate_per_s: float = Field(
        default=_USUAL.rate_per_s,
        ge=0,
        description="Frames a second from one connection; 0 lifts the rate.",
        examples=[50],
    )
    rate_burst: int = Field(
        default=_USUAL.rate_burst,
        ge=1,
        description="Frames that one connection may send at once after a pause.",
        examples=[100],
    )
    snapshot_every: int = Field(
        default=_USUAL.snapshot_every,
        ge=1,
        description="Entries of an active conversation between two snapshots.",
        examples=[64],
    )
    mailbox: int = Field(
        default=_USUAL.mailbox,
        ge=16,
        description="Messages that wait for one actor; one more is refused as unavailable.",
        examples=[500],
    )
    presence_push_limit: int = Field(
        default=_USUAL.presence_push_limit,
        ge=0,
        description="Members of the largest group whose members are told of presence at once.",
        examples=[20],
    )
    presence_grace_s: float = Field(
        default=_USUAL.presence_grace_s,
        ge=0,
        description="Seconds from the end of a user's last connection to `offline`.",
        examples=[5],
    )
    request_timeout_s: float = Field(
        default=_USUAL.request_timeout_s,
        gt=0,
        description="Seconds that a request waits for its answer before it gets unavailable.",
        examples=[5],
    )
    idle_s: float = Field(
        default=_USUAL.idle_s,
        gt=0,
        description="Seconds that an actor without work stays in memory.",
        examples=[10],
    )
    receipts_every_s: float = Field(
        default=_USUAL.receipts_every_s,
        ge=0,
        description="Shortest time between two receipt maps of a conversation, in seconds.",
        examples=[0.5],
    )

    def chosen_limits(self, *, rates: bool) -> Limits:
        """The limits as set; without `rates` nothing is limited in time, and every size stays."""
        chosen = {field.name: getattr(self, field.name) for field in fields(Limits)}
        limits = Limits(**chosen)
        return limits if rates else replace(limits, rate_per_s=0)


#: The names of the limits, in the order of `Limits`.
LIMIT_NAMES = tuple(asdict(_USUAL))

__all__ = ["LIMIT_NAMES", "LimitSettings"]
