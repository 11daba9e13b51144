"""What an account holds, to take away: as data, or as a page to read."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.responses import StreamingResponse

from ....config.errors import UnauthenticatedError
from .archive import archive
from .archive_html import as_html
from .archive_json import as_json
from .caller import Caller
from .services import Node

router = APIRouter(tags=["people"])

_SHOWN: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Done.",
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "text/html": {"schema": {"type": "string"}},
        },
    }
}


@router.get("/me/export", response_class=StreamingResponse, responses=_SHOWN)
async def export(
    node: Node,
    me: Caller,
    wanted: Annotated[
        Literal["json", "html"], Query(alias="format", description="As data, or to read.")
    ] = "json",
) -> StreamingResponse:
    """Everything of mine to take away: profile, devices, privacy, contacts, blocks, mutes, and
    every message that I may read.

    It comes as a file, bit by bit; a file that breaks off is not whole.
    """
    node.limiter.take("export", me.user)
    account = await node.store.account(me.user)
    if account is None:
        raise UnauthenticatedError("Sign in again.")
    parts = archive(node, account)
    return StreamingResponse(
        as_json(parts) if wanted == "json" else as_html(parts),
        media_type="application/json" if wanted == "json" else "text/html; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="hubbub.{wanted}"'},
    )


__all__ = ["router"]
