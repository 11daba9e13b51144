"""`hubbub migrate`: bring the ring's tables to what this program needs."""

from __future__ import annotations

from typing import Any

import click

from ...config.reading import read_settings
from ...config.store_settings import StoreSettings
from ..stores import cassandra_options
from .flags import flags_for

#: The settings that say which data is meant.
WHERE = ("config", *StoreSettings.model_fields)


@click.command("migrate")
@flags_for(WHERE)
def migrate(**flags: Any) -> None:
    """Make the keyspace and its tables, or bring them to this program's schema.

    Run it once before the first node, and before nodes of a newer version. It may be run again at
    any time. SQLite needs none of it: its file is brought up when it is opened.
    """
    settings = read_settings(flags)
    if settings.store != "cassandra":
        click.echo("nothing to do: SQLite's file is brought up when it is opened")
        return
    from ...storage.cassandra.schema import migrate as bring_up  # noqa: PLC0415 - the driver

    before, after = bring_up(cassandra_options(settings))
    change = f"schema {before} is now {after}" if before != after else f"has schema {after} already"
    click.echo(f"keyspace {settings.cassandra_keyspace}: {change}")


__all__ = ["WHERE", "migrate"]
