"""Where the caller is signed in, and signing a device out from afar."""

from __future__ import annotations

from fastapi import APIRouter

from ....config.errors import NotFoundError
from ....config.ids import DeviceId
from .caller import Caller
from .models import DeviceLine, LabelDevice
from .services import Node

router = APIRouter(tags=["devices"])


def visible_label(label: str) -> str:
    """A label as one line of visible characters; something where it would be nothing."""
    words = "".join(c for c in " ".join(label.split()) if c.isprintable())
    return words or "A device"


@router.get("/devices")
async def list_devices(node: Node, me: Caller) -> list[DeviceLine]:
    """My devices that are signed in, oldest first."""
    return [
        DeviceLine(
            id=device.id,
            label=device.label,
            created=device.created_ms,
            seen=device.seen_ms,
            current=device.id == me.device,
        )
        for device in await node.store.devices(me.user)
    ]


@router.patch("/devices/{device}", status_code=204)
async def label_device(device: str, new: LabelDevice, node: Node, me: Caller) -> None:
    """Call a device otherwise in the list."""
    if not await node.store.label_device(me.user, DeviceId(device), visible_label(new.label)):
        raise NotFoundError("There is no such device.")


@router.delete("/devices/{device}", status_code=204)
async def sign_device_out(device: str, node: Node, me: Caller) -> None:
    """Sign a device out: its tokens end, and its socket closes at once, on whatever node."""
    if not await node.tokens.sign_out(me.user, DeviceId(device)):
        raise NotFoundError("There is no such device.")


__all__ = ["router", "visible_label"]
