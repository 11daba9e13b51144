"""How the nodes are: each is asked, whichever of them an operator came to.

hubbub status -> control socket -> statuses -> node:n1, node:n2, ..     each its StatusActor
                                           <- NodeStatus, or silence
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from prometheus_client import Histogram

from ..actors.answers import NodeStatus
from ..actors.commands import Reply
from ..actors.node_commands import AskStatus
from ..actors.runtime.actor import LoopActor
from ..config.errors import Refusal, StoreError
from ..config.ids import UserId
from ..config.units import SECONDS
from ..config.version import VERSION
from .control import Command

if TYPE_CHECKING:
    from .chat import Chat

#: How long a node has to answer, and its store within that.
ANSWER_S = 2 * SECONDS
STORE_S = 1 * SECONDS
#: Somebody who cannot be: to look for costs the store what any row does.
_NOBODY = UserId("u_nobody")


class StatusActor(LoopActor):
    """`node:NODE`: says how its node is, to whichever node asks."""

    def __init__(self, chat: Chat) -> None:
        super().__init__()
        self._chat = chat

    async def on_receive(self, message: AskStatus) -> None:
        """Look, and answer."""
        reply = message.reply
        self._chat.cluster.tell(reply.name, Reply(reply.key, await read_status(self._chat)))


async def read_status(chat: Chat) -> NodeStatus:
    """How this node is now."""
    clock, cluster, counts = chat.system.clock, chat.cluster, chat.system.counts
    return NodeStatus(
        node=chat.node,
        version=VERSION,
        state=_state(chat),
        uptime_s=round(clock.monotonic() - chat.started_at, 1),
        view=None if cluster.view is None else (cluster.view.id.generation, cluster.view.id.n),
        connections=len(chat.directory),
        load=chat.about().load,
        shards=len(cluster.owned),
        actors={kind: count() for kind, count in chat.living.items()},
        peaks=dict(counts.peaks),
        crashes=counts.crashes.total(),
        bus_ms=round(cluster.lag_s * 1000, 2),
        store_ms=await _store_ms(chat),
        commit_ms=_mean_ms(chat.metrics.commit_seconds),
    )


async def statuses(chat: Chat) -> dict[str, Any]:
    """How all nodes are that this one knows of.

    Returns: {"asked": node, "view": [generation, n] or None, "nodes": [each one's NodeStatus, in
        the order of their names]}; of one that does not answer {"node", "state": "silent"}.
    """
    view = chat.cluster.view
    names = [chat.node] if view is None else [member.node for member in view.members]
    return {
        "asked": chat.node,
        "view": None if view is None else list(view.id),
        "nodes": await asyncio.gather(*(_ask(chat, name) for name in names)),
    }


def status_command(chat: Chat) -> Command:
    """What the control socket offers as "status"."""

    async def status(_args: Mapping[str, str]) -> dict[str, Any]:
        return await statuses(chat)

    return status


async def _ask(chat: Chat, node: str) -> dict[str, Any]:
    if node == chat.node:
        return asdict(await read_status(chat))  # also while it is in no view
    try:
        answer = await chat.asker.request(f"node:{node}", AskStatus, ANSWER_S)
    except Refusal:
        return {"node": node, "state": "silent"}
    return asdict(answer)


def _state(chat: Chat) -> str:
    if chat.draining:
        return "draining"
    if not chat.open:
        return "starting"
    if chat.cluster.view is None:
        return "out"
    return "full" if chat.about().full else "ready"


async def _store_ms(chat: Chat) -> float | None:
    clock = chat.system.clock
    began = clock.monotonic()
    try:
        async with asyncio.timeout(STORE_S):
            await chat.store.account(_NOBODY)
    except (StoreError, TimeoutError):
        return None
    return round((clock.monotonic() - began) * 1000, 2)


def _mean_ms(seconds: Histogram) -> float | None:
    (family,) = seconds.collect()
    values = {sample.name.rpartition("_")[2]: sample.value for sample in family.samples}
    return round(values["sum"] / values["count"] * 1000, 2) if values["count"] else None


__all__ = ["ANSWER_S", "STORE_S", "StatusActor", "read_status", "status_command", "statuses"]
