"""What machines ask a node: does it turn, does it take traffic, what has it counted."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

from fastapi import APIRouter, Request, Response

from ....config.errors import NotFoundError, UnavailableError
from .services import Node

router = APIRouter(tags=["probes"])


@router.get("/healthz", response_class=Response)
async def healthz() -> Response:
    """The process turns."""
    return Response("ok\n", media_type="text/plain")


@router.get("/readyz", response_class=Response)
async def readyz(node: Node) -> Response:
    """This node takes more traffic; 503 while it starts, drains, is full or is cut off from the
    others, and which of these it is."""
    if why := node.not_ready():
        raise UnavailableError(why)
    return Response("ready\n", media_type="text/plain")


@router.get("/metrics", response_class=Response)
async def metrics(node: Node, request: Request) -> Response:
    """Prometheus metrics; for loopback only, unless the operator made them public."""
    if not (node.metrics_public or _from_here(request)):
        raise NotFoundError("There is nothing here.")
    return Response(node.metrics.render(), media_type="text/plain; version=0.0.4")


def _from_here(request: Request) -> bool:
    if any(name in request.headers for name in ("x-forwarded-for", "forwarded", "x-real-ip")):
        # A proxy on this machine brings somebody from elsewhere.
        return False
    if request.client is None:
        return False
    try:
        address = ip_address(request.client.host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


__all__ = ["router"]
