"""The members as the nodes share them on Redis: `members.lua`, asked from here.

renew -> the script -> Standing
      -> it knows nothing (flushed, restarted, restored from a copy)
           -> who asked first raises the generation through the store, and founds it
           -> the others ask again with their next renewal
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgpack  # type: ignore[import-untyped]  # it has no types
import msgspec
from redis.asyncio import Redis

from ...config.clock import Chance
from ...config.errors import VersionGapError
from ...storage.generations import Generations
from .bus import Renewal, Standing
from .redis_keys import RedisKeys
from .views import NO_VIEW, Member, View, ViewId

SCRIPT: Final = Path(__file__).with_name("members.lua").read_text("utf-8")

# The library has no types.
_packb: Callable[..., bytes] = msgpack.packb  # pyright: ignore
_unpackb: Callable[..., Any] = msgpack.unpackb  # pyright: ignore

_decode_member = msgspec.msgpack.Decoder(Member).decode


class MembersScript:
    """See the module."""

    def __init__(
        self,
        link: Redis,
        keys: RedisKeys,
        lease_s: float,
        generations: Generations,
        chance: Chance,
    ) -> None:
        """Nothing is known yet.

        Args:
            generations: Numbers that outlive the server's memory.
        """
        self._script = link.register_script(SCRIPT)
        self._keys = [keys.state, keys.views, keys.founding, keys.counts]
        self._lease_ms = round(lease_s * 1000)
        self._generations = generations
        self._chance = chance
        #: The highest view that was ever seen: a lower one is of a copy from the past.
        self._seen = NO_VIEW

    def saw(self, view: ViewId) -> bool:
        """There was this view. Returns: whether there was no higher one."""
        self._seen = max(self._seen, view)
        return self._seen == view

    async def renew(self, renewal: Renewal) -> Standing | None:
        """See `Bus.renew`; None while somebody else founds a generation.

        Raises:
            RedisError, OSError: The server does not answer, or refuses.
            StoreError: The generation could not be raised.
        """
        member = renewal.member
        ask = {
            "step": "renew",
            "node": member.node,
            "incarnation": member.incarnation,
            "speaks": member.speaks,
            # What makes another view when it changes; the whole is told with the views.
            "place": _packb([member.state, member.weight, member.speaks]),
            "member": msgspec.msgpack.encode(member),
            "generation": renewal.generation,
            "sent": dict(renewal.sent),
            "raised": 0,
            # Another one each time: with an old one, a generation that was raised before another
            # was founded could be founded after it.
            "token": self._chance.token(16),
        }
        reply = await self._ask(ask)
        if reply == [True]:
            above = max(self._seen.generation, renewal.generation)
            ask["raised"] = await self._generations.raise_generation(above)
            reply = await self._ask(ask)
        return None if len(reply) == 1 else self._standing(member, reply)

    async def leave(self, incarnation: str) -> None:
        """See `Bus.leave`.

        Raises:
            RedisError, OSError: The server does not answer, or refuses.
        """
        await self._ask({"step": "leave", "incarnation": incarnation})

    async def _ask(self, ask: dict[str, Any]) -> list[Any]:
        known = {"generation_seen": self._seen.generation, "n_seen": self._seen.n}
        # The server's msgpack knows no binary: text and bytes are one to it.
        packed = _packb({**ask, **known, "lease": self._lease_ms}, use_bin_type=False)
        return list(_unpackb(await self._script(self._keys, [packed]), raw=True))

    def _standing(self, member: Member, reply: Sequence[Any]) -> Standing:
        generation, n, members, inside, closed_ms, sent, strangers, deaf = reply
        gap = None
        if deaf:
            other, speaks = deaf
            gap = VersionGapError(member.node, member.speaks, other.decode(), speaks)
        return Standing(
            _view(generation, n, members),
            inside,
            closed_ms / 1000,
            {name: int(count) for name, count in _pairs(sent)},
            gap,
            dict(_pairs(strangers)),
        )


def decode_view(packed: bytes) -> View:
    """The view in an entry of the stream of views.

    Raises:
        ValueError: It is none.
    """
    try:
        return _view(*_unpackb(packed, raw=True))
    except (TypeError, ValueError, msgpack.UnpackException, msgspec.DecodeError) as error:
        raise ValueError("no view") from error


def _view(generation: int, n: int, members: Sequence[bytes]) -> View:
    decoded = sorted(map(_decode_member, members), key=lambda member: member.node)
    return View(ViewId(generation, n), tuple(decoded))


def _pairs(flat: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    for name, value in zip(flat[::2], flat[1::2], strict=True):
        yield name.decode(), value


__all__ = ["SCRIPT", "MembersScript", "decode_view"]
