"""`hubbub tree`: who is supervised by whom on a running node, and how each is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import click

from ...config.errors import StartError
from ...config.reading import read_settings
from ..control import call
from ..data_dir import DataDir
from ..picture import MOST_LINES
from .flags import flags_for

_HEADINGS = ("NAME", "STATE", "RESTARTS", "MAILBOX", "KIND", "LAST ERROR")


@click.command("tree")
@click.option(
    "--limit",
    type=click.IntRange(0, MOST_LINES),
    default=0,
    help="Show so many children of each supervisor of many, those in trouble first.",
)
@click.option("--all", "everything", is_flag=True, help=f"Show all, up to {MOST_LINES:,} lines.")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
@flags_for(("data", "config"))
def tree(limit: int, everything: bool, as_json: bool, data: str | None, config: str | None) -> None:
    """Show the supervision tree of the running node."""
    settings = read_settings({"data": data, "config": config})
    told = asyncio.run(_ask(DataDir(settings.data), MOST_LINES if everything else limit))
    if as_json:
        click.echo(json.dumps(told))
        return
    rows = [_HEADINGS, *_rows(told, "", "")]
    widths = [max(len(row[n]) for row in rows) for n in range(len(_HEADINGS))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


async def _ask(data: DataDir, limit: int) -> dict[str, Any]:
    try:
        told: dict[str, Any] = await call(data, "tree", limit=str(limit))
    except (FileNotFoundError, ConnectionError):
        raise StartError(f"no node is running on {data.folder}") from None
    return told


def _rows(line: dict[str, Any], before: str, below: str) -> Iterator[tuple[str, ...]]:
    children: list[dict[str, Any]] = line["children"]
    left = line["count"] - len(children)
    many = f" ({line['count']:,})" if left else ""
    restarts = f"{line['restarts']:,}"
    if line["child_restarts"]:
        restarts += f" + {line['child_restarts']:,} below"
    yield (
        f"{before}{line['name']}{many}",
        line["state"],
        restarts,
        f"{line['mailbox']:,}",
        line["kind"],
        line["last_error"],
    )
    for n, child in enumerate(children):
        last = n + 1 == len(children) and not (left and children)
        yield from _rows(
            child, below + ("└─ " if last else "├─ "), below + ("   " if last else "│  ")
        )
    if left and children:
        yield (f"{below}└─ … {left:,} more", "", "", "", "", "")


__all__ = ["tree"]
