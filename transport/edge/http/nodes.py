"""Where to connect: the nodes that take connections, the caller's home first."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from ....config.errors import UnavailableError
from ....config.ids import self_log, shard_of
from .caller import Address, MaybeCaller
from .models import NodeLine
from .services import Node

#: For how long a client may count on the list.
TTL_S = 60

router = APIRouter(tags=["nodes"])


@router.get("/nodes")
async def list_nodes(
    node: Node, me: MaybeCaller, address: Address, request: Request, response: Response
) -> list[NodeLine]:
    """Where to open the WebSocket: my home first, then whoever is my home when that one is gone.

    Full nodes and those that are going away are left out. The list is good for a minute. Who shows
    no token gets an order of its address, so that strangers spread over the nodes, too.
    """
    if me is None:
        node.limiter.take("nodes address", address)
    shard = shard_of(address if me is None else self_log(me.user))
    found = node.discovery.open_nodes(shard)
    if not found:
        raise UnavailableError("No node takes connections just now.", retry_ms=5000)
    response.headers["Cache-Control"] = f"private, max-age={TTL_S}"
    response.headers["Vary"] = "Authorization"
    return [
        NodeLine(url=each.address or _here(request), rank=rank, load=round(each.load, 2))
        for rank, each in enumerate(found)
    ]


def _here(request: Request) -> str:
    """This node, by the name that the caller has for it."""
    return str(request.url.replace(scheme=_SCHEMES[request.url.scheme], path="/ws", query=""))


_SCHEMES = {"http": "ws", "https": "wss"}

__all__ = ["TTL_S", "router"]
