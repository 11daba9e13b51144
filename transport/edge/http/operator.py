"""What an operator has a node do from afar; there only where a token was set."""

from __future__ import annotations

from fastapi import APIRouter

from ....config.errors import NotFoundError, UnauthenticatedError
from .caller import Address, Bearer
from .models import Draining, DrainNode
from .services import Node

router = APIRouter(tags=["operator"])


@router.post("/operator/drain", status_code=202)
async def drain_node(order: DrainNode, node: Node, address: Address, bearer: Bearer) -> Draining:
    """Have this node take leave of its clients, hand over what it owns, and end.

    It needs the operator's token as the bearer. A node that was told so before goes on as it was
    told.
    """
    door = node.operator
    if door is None:
        raise NotFoundError("There is nothing here.")
    node.limiter.take("operator address", address)
    if bearer is None or not door.lets_in(bearer.credentials):
        raise UnauthenticatedError("That is not the operator's token.")
    node.limiter.give_back("operator address", address)
    leaving = door.drain(order.node, order.over_s)
    return Draining(node=leaving.node, connections=leaving.connections, over_s=leaving.over_s)


__all__ = ["router"]
