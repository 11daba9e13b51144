"""Conversations in the store of a node's HTTP side, for who takes them away."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from hubbub.actors.bodies import KINDS, Body, Text, encode_body
from hubbub.actors.commands import Grant
from hubbub.config.errors import StoreError
from hubbub.config.ids import ConvId, UserId, conversation_kind, shard_of
from hubbub.storage.records import Entry, Membership

from .http_node import HttpNode

TS = 1_790_000_000_000


async def write(
    node: HttpNode, conv: ConvId, sender: UserId | str, *said: Body | str, first: int = 1
) -> None:
    """Put entries into a log, texts as they are."""
    epoch = await node.store.claim(shard_of(conv))
    rows: list[Entry] = []
    for seq, each in enumerate(said, first):
        body = Text(each) if isinstance(each, str) else each
        kind, data = KINDS[type(body)], encode_body(body)
        rows.append(Entry(seq, epoch, "v_x", seq, sender, TS + seq, kind, data, seq))
    heard: asyncio.Future[StoreError | None] = asyncio.get_running_loop().create_future()
    node.store.append(conv, epoch, rows, heard.set_result)
    assert await heard is None


async def show(
    node: HttpNode,
    user: UserId,
    conv: ConvId,
    *spans: tuple[int, int],
    title: str = "Tea",
    peer: UserId | None = None,
    until: int | None = None,
) -> None:
    """Put a conversation on somebody's list, readable in these spans."""
    kind = conversation_kind(conv)
    row = Membership(user, conv, kind, 1, 1, title, "member", peer, 1, until)
    await node.store.put_membership(row)
    node.asker.answers[f"conv:{conv}"] = Grant(conv, tuple(spans))


def conv_ids(kind: str, letters: str) -> Sequence[ConvId]:
    """Ids in their order, one for each letter."""
    return [ConvId(f"{kind}_" + letter * 26) for letter in letters]


__all__ = ["TS", "conv_ids", "show", "write"]
