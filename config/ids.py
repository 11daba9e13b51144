"""Identifiers: how they look, how they are made.

    user          u_ + 20 letters          made at registration
    device        v_ + 20 letters          made at login
    direct        d_ + 26 letters          from its two users, so it needs no look-up
    group         g_ + 26 letters          from the creating device and its cid, so a retry finds it
    self log      s_ + the user's letters  a user's private log

Letters are lower case base32 (RFC 4648) without padding.
"""

from __future__ import annotations

import re
from base64 import b32encode
from hashlib import blake2b
from typing import Literal, NewType

UserId = NewType("UserId", str)
DeviceId = NewType("DeviceId", str)
ConvId = NewType("ConvId", str)

#: How many shards the names are spread over: the unit of ownership (design, section 1).
SHARDS = 1024

_USER = re.compile(r"u_[a-z2-7]{20}\Z")
_CONV = re.compile(r"[dg]_[a-z2-7]{26}\Z")


def letters(data: bytes) -> str:
    """Lower case base32 of some bytes, unpadded."""
    return b32encode(data).decode("ascii").rstrip("=").lower()


def _digest(*parts: str) -> str:
    # The length of each part stands before it, so no two lists of parts read alike.
    h = blake2b(digest_size=16)
    for part in parts:
        raw = part.encode()
        h.update(len(raw).to_bytes(4, "big") + raw)
    return letters(h.digest())


def direct_id(one: UserId, other: UserId) -> ConvId:
    """The one direct conversation of two people, whoever asks."""
    return ConvId("d_" + _digest(*sorted((one, other))))


def group_id(device: DeviceId, cid: int) -> ConvId:
    """The group that this device creates by this request: a retry names the same one."""
    return ConvId("g_" + _digest(device, str(cid)))


def self_log(user: UserId) -> ConvId:
    """The private log of a user, which holds what changed in the user's own lists."""
    return ConvId("s_" + user[2:])


def owner_of(log: ConvId) -> str:
    """The name of the one actor that writes to a log: `user:ID` for a private one."""
    return f"user:u_{log[2:]}" if log.startswith("s_") else f"conv:{log}"


def conversation_kind(conv: ConvId) -> Literal["direct", "group"]:
    """What the first letter of a conversation's id says it is."""
    return "direct" if conv.startswith("d_") else "group"


def is_user_id(text: str) -> bool:
    """Whether this could be a user's id: its form, not its existence."""
    return _USER.match(text) is not None


def is_conv_id(text: str) -> bool:
    """Whether this could be a conversation's id: its form, not its existence."""
    return _CONV.match(text) is not None


def shard_of(name: str) -> int:
    """The shard, 0 to 1023, that a conversation's id or a user's id belongs to."""
    return int.from_bytes(blake2b(name.encode(), digest_size=4).digest(), "big") % SHARDS


def name_shard(name: str) -> int | None:
    """The shard of an actor's name; None for one that has a place of its own.

    A user is placed by the private log, whose one writer the user's actor is, and who erases the
    user with it.
    """
    kind, _, rest = name.partition(":")
    if kind == "conv":
        return shard_of(rest)
    if kind in ("user", "erase"):
        return shard_of(self_log(UserId(rest)))
    return None


__all__ = [
    "SHARDS",
    "ConvId",
    "DeviceId",
    "UserId",
    "conversation_kind",
    "direct_id",
    "group_id",
    "is_conv_id",
    "is_user_id",
    "letters",
    "name_shard",
    "owner_of",
    "self_log",
    "shard_of",
]
