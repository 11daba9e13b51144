"""`hubbub status`: how every node is, asked at any of them."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...config.errors import StartError
from ...config.reading import read_settings
from ...config.units import SECONDS
from ..control import call
from ..data_dir import DataDir
from .afar import Far, from_afar
from .flags import flags_for

if TYPE_CHECKING:
    from rich.table import Table

#: Between two looks of --watch.
_EVERY_S = 2 * SECONDS
#: Where there is no terminal whose width counts.
_WIDTH = 200

_COLOURS = {"ready": "green", "starting": "cyan", "full": "yellow", "draining": "yellow"}
_COLUMNS = (
    "UP", "CONNECTIONS", "LOAD", "SHARDS", "CONVS", "USERS", "PEAK", "CRASHES", "BUS", "STORE",
    "COMMIT",
)  # fmt: skip


@click.command("status")
@click.option("--watch", is_flag=True, help="Look again every 2 seconds, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object a look.")
@from_afar
@flags_for(("data", "config"))
def status(
    watch: bool,
    as_json: bool,
    url: str | None,
    token_file: Path | None,
    data: str | None,
    config: str | None,
) -> None:
    """Show how all nodes are, by the one that runs on --data, or the one at --url.

    PEAK is the most messages that ever waited for one actor. BUS is what renewing the lease took,
    STORE what reading a row took just now, COMMIT a group commit in the mean.
    """
    far = Far.of(url, token_file)
    if far is None:
        look = partial(_ask, DataDir(read_settings({"data": data, "config": config}).data))
    else:
        look = partial(far.ask, "/v1/operator/status")
    if as_json:
        _print_json(look, watch=watch)
        return
    # Not at the top: a node needs none of it.
    from rich.console import Console  # noqa: PLC0415
    from rich.live import Live  # noqa: PLC0415

    console = Console() if sys.stdout.isatty() else Console(width=_WIDTH)
    if not watch:
        console.print(table(look()))
        return
    with Live(table(look()), console=console, auto_refresh=False) as live:
        try:
            while True:
                time.sleep(_EVERY_S)
                live.update(table(look()), refresh=True)
        except KeyboardInterrupt:
            return


def _print_json(look: Callable[[], dict[str, Any]], *, watch: bool) -> None:
    try:
        click.echo(json.dumps(look()))
        while watch:
            time.sleep(_EVERY_S)
            click.echo(json.dumps(look()))
    except KeyboardInterrupt:
        return


def _ask(where: DataDir) -> dict[str, Any]:
    try:
        told: dict[str, Any] = asyncio.run(call(where, "status"))
    except (FileNotFoundError, ConnectionError):
        raise StartError(f"no node is running on {where.folder}") from None
    return told


def table(told: dict[str, Any]) -> Table:
    """What a node told of all, for people."""
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    view = "in no view" if told["view"] is None else "view {}.{}".format(*told["view"])
    made = Table(box=None, title=f"{told['asked']}: {view}", title_justify="left", pad_edge=False)
    for heading in ("NODE", "STATE", "VERSION"):
        made.add_column(heading)
    for heading in _COLUMNS:
        made.add_column(heading, justify="right")
    for node in told["nodes"]:
        state = Text(node["state"], _COLOURS.get(node["state"], "red"))
        made.add_row(node["node"], state, *_cells(node))
    return made


def _cells(node: dict[str, Any]) -> list[str]:
    if "version" not in node:
        return []
    return [
        node["version"],
        _span(node["uptime_s"]),
        f"{node['connections']:,}",
        f"{node['load']:.0%}",
        f"{node['shards']:,}",
        f"{node['actors']['conversation']:,}",
        f"{node['actors']['user']:,}",
        f"{max(node['peaks'].values(), default=0):,}",
        f"{node['crashes']:,}",
        _ms(node["bus_ms"]),
        _ms(node["store_ms"]),
        _ms(node["commit_ms"]),
    ]


def _ms(ms: float | None) -> str:
    return "-" if ms is None else f"{ms:,.1f} ms"


def _span(seconds: float) -> str:
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if days:
        return f"{days:.0f}d {hours % 24:.0f}h"
    return f"{hours:.0f}h {minutes % 60:.0f}m" if hours else f"{minutes:.0f}m {seconds % 60:.0f}s"


__all__ = ["status", "table"]
