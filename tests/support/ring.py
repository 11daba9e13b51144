"""A real Cassandra of one or three nodes for the tests, on free ports, in a folder of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
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
        self._admin: Link | None = None

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

    def signal(self, node: int, what: signal.Signals) -> None:
        """Kill, stop or wake one."""
        os.kill(int((self.folder / f"{node}" / "pid").read_text()), what)

    def in_keyspace(self, keyspace: str) -> CassandraOptions:
        """Options for a keyspace of one's own."""
        return replace(self.options, keyspace=keyspace)

    def empty(self) -> None:
        """Remove all that is in the keyspace `hubbub`."""
        # One connection for all the tests: to make one costs more than all that it is used for.
        if self._admin is None:
            self._admin = Link(self.options)
            self._admin.session.set_keyspace("hubbub")
        session = self._admin.session
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

    def close(self) -> None:
        """Let go of it; the nodes run on."""
        if self._admin is not None:
            self._admin.close()


@contextmanager
def running_ring(count: int, more: str = "") -> Generator[Ring]:
    """A ring, without a keyspace; at the end it is stopped, and its data removed.

    However this process ends: the script keeps the ring for as long as its input is open.

    Args:
        more: Lines for every node's configuration.
    """
    folder = Path(tempfile.mkdtemp(prefix="hubbub-ring-"))
    (folder / "more.yaml").write_text(more)
    with reserved_port(count) as port:
        keeper = subprocess.Popen(
            [str(SCRIPT), "keep", str(folder)], stdin=subprocess.PIPE, start_new_session=True
        )
        try:
            with closing(Ring(count, port, folder)) as ring:
                ring.start()
                yield ring
        finally:
            keeper.communicate(timeout=300)


def ring_for_tests(count: int, variable: str) -> Iterator[Ring]:
    """A ring for a session; one that runs already is used where `PORT:FOLDER` names it."""
    named = os.environ.get(variable)
    if named:
        port, _, folder = named.partition(":")
        with closing(Ring(count, int(port), Path(folder))) as ring:
            yield ring
        return
    with running_ring(count) as ring:
        migrate(ring.options)
        yield ring


@contextmanager
def reserved_port(count: int) -> Generator[int]:
    """A port of every node's address, with the one 1000 above it, that nobody else takes.

    Each stands bound, and reusable from then on: a server of the ring may listen there beside it,
    and who reserves, or asks the system for any port, may not.
    """
    for port in range(21000, 31000, 7):
        with ExitStack() as stack:
            try:
                for node in range(1, count + 1):
                    for each in (port, port + 1000):
                        taken = stack.enter_context(socket.socket())
                        taken.bind((f"127.0.0.{node}", each))
                        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            except OSError:
                continue
            yield port
            return
    raise RuntimeError("no port is free")


async def emptied(ring: Ring) -> None:
    """Empty a ring, off the loop."""
    await asyncio.to_thread(ring.empty)


__all__ = ["SCRIPT", "Ring", "emptied", "reserved_port", "ring_for_tests", "running_ring"]
