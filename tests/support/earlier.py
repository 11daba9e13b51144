"""The program before this one, as it was recorded: so an upgrade is tried between real programs."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Final

from hubbub.storage.cassandra.options import CassandraOptions

from .node import ROOT
from .several import flags_of_ring

#: The first commit in which several nodes were one chat, whole. Its program speaks envelopes of
#: version 1, which are those before this program's: it is what an operator upgrades from. When the
#: version is raised again, another one is recorded, of the last commit before that.
EARLIER: Final = "a9b1d4c42a0fcc222939d07bc2b6f5d35f9f3052"

_MIGRATES_S = 120.0


class EarlierMissingError(Exception):
    """The recorded commit is not in this clone, so there is nothing to upgrade from.

    Attributes:
        commit: Which one.
    """

    def __init__(self, commit: str) -> None:
        super().__init__(f"commit {commit} is not in this clone: `git fetch --unshallow` brings it")
        self.commit = commit


def unpack_earlier(folder: Path, commit: str = EARLIER) -> Path:
    """Put the program into a folder. Returns: the folder.

    Raises:
        EarlierMissingError: This clone does not go so far back, or is none.
    """
    try:
        packed = subprocess.run(
            ["git", "-C", str(ROOT), "archive", "--format=tar", commit],
            check=True,
            capture_output=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise EarlierMissingError(commit) from error
    with tarfile.open(fileobj=io.BytesIO(packed)) as files:
        files.extractall(folder, filter="data")
    return folder


async def migrate_as(program: Path, ring: CassandraOptions) -> None:
    """Make the keyspace as a program does it: `hubbub migrate`, its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(program / "run_node.py"), "migrate", *flags_of_ring(ring)),
        *("--cassandra-replication", str(ring.replication)),
        cwd=program,
        stdout=asyncio.subprocess.DEVNULL,
    )
    async with asyncio.timeout(_MIGRATES_S):
        assert await process.wait() == 0


__all__ = ["EARLIER", "EarlierMissingError", "migrate_as", "unpack_earlier"]
