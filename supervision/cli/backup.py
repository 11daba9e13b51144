"""`hubbub backup FILE`: a copy of the store, while the node goes on."""

from __future__ import annotations

from pathlib import Path

import click

from ...config.reading import read_settings
from .flags import flags_for
from .reach import operate


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@flags_for(("data", "config"))
def backup(file: Path, data: str | None, config: str | None) -> None:
    """Copy everything, consistently, to a new FILE."""
    settings = read_settings({"data": data, "config": config})
    operate(settings, lambda way: way.backup(file.absolute()), make=False)
    click.echo(f"wrote {file}")


__all__ = ["backup"]
