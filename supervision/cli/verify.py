"""`hubbub verify`: walk every log, and prove that all of it is there."""

from __future__ import annotations

import asyncio
from typing import Any

import click

from ...actors.runtime.tasks import Tasks
from ...config.errors import StartError
from ...config.reading import read_settings
from ...config.settings import Settings
from ...storage.sqlite.evidence import SqliteEvidence
from ...storage.verify import Report, verify
from ..data_dir import DataDir
from ..stores import cassandra_options
from .flags import flags_for
from .migrate import WHERE


@click.command("verify")
@flags_for(("data", *WHERE))
def verify_data(**flags: Any) -> int:
    """Walk every log: contiguity, counts, snapshots, what became of changed messages.

    It only reads, and nodes may run meanwhile. Exits with 1 when something is wrong.
    """
    report = asyncio.run(_verified(read_settings(flags)))
    for fault in report.faults:
        click.echo(fault)
    click.echo(
        f"{report.logs} logs, {report.entries} entries, {report.projections} changed, "
        f"{report.snapshots} snapshots; {report.waiting} wait for their owner; "
        f"{len(report.faults) or 'no'} faults"
    )
    return 1 if report.faults else 0


async def _verified(settings: Settings) -> Report:
    if settings.store == "sqlite":
        data = DataDir(settings.data)
        if not data.is_made():
            raise StartError(f"there is no node's data in {data.folder}: name it with --data")
        evidence = SqliteEvidence(data.database)
        try:
            return await verify(evidence)
        finally:
            evidence.close()
    # Not at the top: the driver takes a while to import.
    from ...storage.cassandra.evidence import CassandraEvidence  # noqa: PLC0415
    from ...storage.cassandra.store import CassandraStore  # noqa: PLC0415

    tasks = Tasks()
    store = CassandraStore(cassandra_options(settings), tasks.start)
    await store.open()
    try:
        return await verify(CassandraEvidence(store))
    finally:
        await store.close()
        await tasks.stop()


__all__ = ["verify_data"]
