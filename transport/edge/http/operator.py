"""What an operator asks a node from afar, and has it do; there only where a token was set."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from ....config.errors import NotFoundError, UnauthenticatedError
from .caller import Address, Bearer
from .models import Draining, DrainNode, NodesStatus
from .operator_door import OperatorDoor
from .services import Node

router = APIRouter(tags=["operator"])


async def open_door(node: Node, address: Address, bearer: Bearer) -> OperatorDoor:
    """The door, for who has its token; before anything that was sent is looked at.

    Raises:
        NotFoundError: There is none.
        UnauthenticatedError: It is another token, or none.
        RateLimitedError: The address tried too many.
    """
    door = node.operator
    if door is None:
        raise NotFoundError("There is nothing here.")
    node.limiter.take("operator address", address)
    if bearer is None or not door.lets_in(bearer.credentials):
        raise UnauthenticatedError("That is not the operator's token.")
    node.limiter.give_back("operator address", address)
    return door


Door = Annotated[OperatorDoor, Depends(open_door)]


@router.get("/operator/status")
async def nodes_status(door: Door) -> NodesStatus:
    """How all nodes are that this one knows of; each was asked just now.

    It needs the operator's token as the bearer. A node that does not answer is there with its name
    and the state `silent`.
    """
    return NodesStatus.model_validate(await door.status())


@router.post("/operator/drain", status_code=202)
async def drain_node(order: DrainNode, door: Door) -> Draining:
    """Have this node take leave of its clients, hand over what it owns, and end.

    It needs the operator's token as the bearer. A node that was told so before goes on as it was
    told.
    """
    leaving = door.drain(order.node, order.over_s)
    return Draining(node=leaving.node, connections=leaving.connections, over_s=leaving.over_s)


__all__ = ["router"]
