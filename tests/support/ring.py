"""A real Cassandra of one or three nodes for the tests, on free ports, in a folder of its own."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from cassandra import ConsistencyLevel, DriverException
from cassandra.cluster import NoHostAvailable
from cassandra.query import SimpleStatement

from hubbub.storage.cassandra.connection import Link
from hubbub.storage.cassandra.options import CassandraOptions
from hubbub.storage.cassandra.schema import migrate

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "cassandra"


class Ring:
    """Nodes 1 to `count` at 127.0.0.n.

    Attributes:
        options: How it is reached, with the keyspace `hubbub`, as many copies as nodes.
    """

    def __init__(self, count: int, port: int, folder: Path) -> None:
        self.count = count
        self.port = port
        self.folder = folder
        self.options = CassandraOptions(
            contact_points=tuple(f"127.0.0.{n}" for n in range(1, count + 1)),
            port=port,
            replication=count,
            timeout_s=5.0,
        )

    def start(self) -> None:
        """Start the nodes that do not run, and wait until all answer."""
        arguments = [str(self.count), str(self.port), str(self.folder)]
        subprocess.run(
            [str(SCRIPT), "start", *arguments], check=True, stdout=subprocess.DEVNULL, timeout=300
        )
        if self.count == 3:
            self._wait_for_each_other()

    def _wait_for_each_other(self) -> None:
        """Until whoever is asked knows that all are up; a node answers clients before that."""
        # A table of the server's own that has three copies.
        cql = "SELECT * FROM system_distributed.parent_repair_history LIMIT 1"
        all_three = SimpleStatement(cql, consistency_level=ConsistencyLevel.ALL)
        link = Link(self.options)
        try:
            in_a_row, deadline = 0, time.monotonic() + 120
            while in_a_row < 12:
                assert time.monotonic() < deadline, "the nodes do not see each other"
                try:
                    link.session.execute(all_three)
                    in_a_row += 1
                except (DriverException, NoHostAvailable):
                    in_a_row = 0
                    threading.Event().wait(0.2)
        finally:
            link.close()

    def stop(self) -> None:
        """End all."""
        subprocess.run([str(SCRIPT), "stop", str(self.folder)], check=True, timeout=120)

    def signal(self, node: int, what: signal.Signals) -> None:
        """Kill, stop or wake one."""
        os.kill(int((self.folder / f"{node}" / "pid").read_text()), what)

    def in_keyspace(self, keyspace: str) -> CassandraOptions:
        """Options for a keyspace of one's own."""
        return replace(self.options, keyspace=keyspace)

    def empty(self) -> None:
        """Remove all that is in the keyspace `hubbub`."""
        link = Link(self.options)
        try:
            session = link.session
            session.set_keyspace("hubbub")
            tables = session.execute(
                "SELECT table_name FROM system_schema.tables WHERE keyspace_name = 'hubbub'"
            )
            names = [name for (name,) in tables if name != "migrations"]
            some = {name: session.execute_async(f"SELECT * FROM {name} LIMIT 1") for name in names}
            # A table that looks empty may hold what was deleted with a stamp: it would still be so.
            full = {"search", "unfinished"} | {n for n in names if some[n].result().one()}
            if any(user == "" for (user,) in session.execute("SELECT user FROM names")):
                full = set(names)  # somebody was deleted, and for ever
            emptied = [session.execute_async(f"TRUNCATE {name}", timeout=60) for name in full]
            for each in emptied:
                each.result()
        finally:
            link.close()


@contextmanager
def running_ring(count: int) -> Generator[Ring]:
    """A ring with the newest schema; it is stopped, and its data removed, at the end."""
    folder = Path(tempfile.mkdtemp(prefix="hubbub-ring-"))
    ring = Ring(count, free_port(count), folder)
    try:
        ring.start()
        migrate(ring.options)
        yield ring
    finally:
        ring.stop()
        shutil.rmtree(folder, ignore_errors=True)


def ring_for_tests(count: int, variable: str) -> Iterator[Ring]:
    """A ring for a session; one that runs already is used where `PORT:FOLDER` names it."""
    named = os.environ.get(variable)
    if named:
        port, _, folder = named.partition(":")
        yield Ring(count, int(port), Path(folder))
        return
    with running_ring(count) as ring:
        yield ring


def free_port(count: int) -> int:
    """A port that is free on every node's address, and the one 1000 above it as well."""
    for port in range(21000 + os.getpid() % 10000, 64000, 7):
        with ExitStack() as stack:
            try:
                for node in range(1, count + 1):
                    for each in (port, port + 1000):
                        taken = stack.enter_context(socket.socket())
                        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                        taken.bind((f"127.0.0.{node}", each))
            except OSError:
                continue
            return port
    raise RuntimeError("no port is free")


async def emptied(ring: Ring) -> None:
    """Empty a ring, off the loop."""
    await asyncio.to_thread(ring.empty)


__all__ = ["SCRIPT", "Ring", "emptied", "free_port", "ring_for_tests", "running_ring"]
