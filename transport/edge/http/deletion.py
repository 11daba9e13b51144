"""An account goes: at once for its owner, and from all conversations right after."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from ....actors.commands import DeviceRevoked
from ....actors.gate_commands import Erase
from . import cookies
from .caller import Caller
from .models import Proof
from .proof import require_password
from .services import Node

router = APIRouter(tags=["people"])


@router.delete("/me", status_code=204)
async def delete_me(proof: Proof, node: Node, me: Caller, request: Request) -> Response:
    """Delete my account, for ever. It takes the password again.

    Every device is signed out at once, I leave every conversation, and my profile, lists and
    recovery codes go. What I said stays where it was said, as from a deleted account. Nobody can
    have the name again.
    """
    await require_password(node, me, proof.password)
    await node.store.begin_deletion(me.user)
    # From here on it ends by itself, whatever happens: what is lost now, the next start takes up.
    node.cluster.tell(f"user:{me.user}", DeviceRevoked(None))
    node.cluster.tell(f"erase:{me.user}", Erase())
    answer = Response(status_code=204)
    if cookies.is_web(request):
        cookies.drop_refresh_cookie(request, answer)
    return answer


__all__ = ["router"]
