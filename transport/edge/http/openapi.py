"""The schema of the HTTP side: FastAPI's, with the wire's own structs put in."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import FastAPI

from ...wire import frames, out_frames
from . import views

_REF = "#/components/schemas/{name}"

#: The wire's structs that go by HTTP too.
_SHOWN = (views.Ack, views.Sheet, views.List, out_frames.Page, out_frames.Msg, frames.Send)

_WHAT = {200: "Done.", 201: "Done, and new.", 202: "Begun.", 204: "Done; nothing more to say."}


def shows(struct: type[msgspec.Struct], *statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route answers with, for its `responses`: this struct, with these statuses (200)."""
    content = {"application/json": {"schema": {"$ref": _REF.format(name=struct.__name__)}}}
    return {
        status: {"description": _WHAT[status], "content": content} for status in statuses or (200,)
    }


def takes_message() -> dict[str, Any]:
    """What sending takes, for the route's `openapi_extra`: see `_components`."""
    schema = {"$ref": _REF.format(name="PostMessage")}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def install(app: FastAPI) -> None:
    """Serve the completed schema at `/openapi.json`."""
    made = app.openapi

    def completed() -> dict[str, Any]:
        schema = made()
        schema["components"]["schemas"].update(_components())
        for item in schema["paths"].values():
            for operation in item.values():
                for status, response in operation["responses"].items():
                    if status != "default":
                        response["description"] = _WHAT[int(status)]
        return schema

    app.openapi = completed  # type: ignore[method-assign]  # FastAPI's documented way


def _components() -> dict[str, Any]:
    _, components = msgspec.json.schema_components(_SHOWN, ref_template=_REF)
    send = components.pop("Send")
    # By HTTP the path says where to, and an answer needs no number.
    kept = {k: v for k, v in send["properties"].items() if k in ("cid", "prev", "b")}
    components["PostMessage"] = {
        "title": "PostMessage",
        "description": "What to say or do, and its place in the device's order (protocol, item 4).",
        "type": "object",
        "properties": kept,
        "required": list(kept),
    }
    return components


__all__ = ["install", "shows", "takes_message"]
