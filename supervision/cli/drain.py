"""`hubbub drain NODE`: have a node take leave of everybody and end."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import click

from ...config.clock import Clock, LoopClock
from ...config.errors import Refusal, StartError
from ...config.reading import read_settings
from ...config.units import SECONDS
from ..control import call
from ..data_dir import DataDir
from .afar import Far, from_afar
from .flags import flags_for

#: Between two looks whether the node is still there, and how long it may take besides draining.
_LOOK_S = 0.2 * SECONDS
_STOPPING_S = 60 * SECONDS


@click.command("drain")
@click.argument("name", metavar="NODE")
@click.option("--over-s", type=float, help="Seconds to send the clients away over; else drain_s.")
@from_afar
@flags_for(("data", "config"))
def drain(
    name: str,
    over_s: float | None,
    url: str | None,
    token_file: Path | None,
    data: str | None,
    config: str | None,
) -> None:
    """Have NODE send its clients away and hand over what it owns; then it ends with 0.

    Nothing is lost: clients go on at other nodes. Without --url the node is the one that runs on
    --data, and the command returns once it has gone.
    """
    far = Far.of(url, token_file)
    if far is not None:
        _say(far.ask("/v1/operator/drain", {"node": name, "over_s": over_s}))
        return
    settings = read_settings({"data": data, "config": config})
    asyncio.run(_drain_here(DataDir(settings.data), name, over_s))


async def _drain_here(data: DataDir, name: str, over_s: float | None) -> None:
    args = {"node": name} if over_s is None else {"node": name, "over_s": str(over_s)}
    try:
        told: dict[str, Any] = await call(data, "drain", **args)
    except (FileNotFoundError, ConnectionError):
        raise StartError(f"no node is running on {data.folder}") from None
    _say(told)
    await _gone(data, LoopClock(), told["over_s"] + _STOPPING_S)
    click.echo(f"{name} has gone")


async def _gone(data: DataDir, clock: Clock, within_s: float) -> None:
    until = clock.monotonic() + within_s
    while clock.monotonic() < until:
        try:
            await call(data, "ping")
        except (Refusal, OSError):
            return
        await asyncio.sleep(_LOOK_S)
    raise StartError("the node does not end: see its log")


def _say(told: dict[str, Any]) -> None:
    click.echo(f"{told['node']} sends {told['connections']:,} away over {told['over_s']:g} s")


__all__ = ["drain"]
