"""Whether one fence row a node incarnation keeps two owners apart, tried on a real ring of three.

    python -m tests.faults.fence_proof --rounds 12            the protocol: nothing may be lost
    python -m tests.faults.fence_proof --without read         no verifying read: must lose
    python -m tests.faults.fence_proof --without seal         taken over unsealed: must lose

An owner writes groups of 20 rows to 20 of 40 logs, reads its fence row once, and notes what it
acknowledged. In each round it is stopped (SIGSTOP) in the middle of whatever it does; in some, a
replica is killed too. Another incarnation seals it, claims all shards, adopts the tails, writes;
then the old one wakes (SIGCONT), and goes on where it was. In the end every note is held against
the logs. docs/decisions/0031 has the figures.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from cassandra import ConsistencyLevel, DriverException
from cassandra.cluster import (
    EXEC_PROFILE_DEFAULT,
    Cluster,
    ExecutionProfile,
    NoHostAvailable,
    ResponseFuture,
    Session,
)
from cassandra.policies import RoundRobinPolicy
from cassandra.protocol import ErrorMessage
from cassandra.query import PreparedStatement, tuple_factory
from tests.support.ring import Ring, running_ring

T = TypeVar("T")

LOGS = 40
GROUP = 20
KEYSPACE = "fence_proof"
NODES = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
FAILURES = (DriverException, NoHostAvailable, ErrorMessage)

SCHEMA = (
    "CREATE KEYSPACE fence_proof"
    " WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}",
    "CREATE TABLE fence_proof.log"
    " (log int, seq bigint, epoch bigint, body text, PRIMARY KEY (log, seq))",
    "CREATE TABLE fence_proof.tips (log int PRIMARY KEY, epoch bigint, tip bigint)",
    "CREATE TABLE fence_proof.shards (shard int PRIMARY KEY, epoch bigint, owner text)",
    "CREATE TABLE fence_proof.fences (owner text PRIMARY KEY, sealed boolean)",
)


@dataclass
class Tip:
    epoch: int
    seq: int


class Owner:
    """An incarnation: shard n holds log n alone, so that a group touches as many shards as logs."""

    def __init__(self, session: Session, name: str, notes: int, *, reads_fence: bool) -> None:
        self._session = session
        self._name = name
        self._notes = notes
        self._reads_fence = reads_fence
        self._prepared: dict[str, PreparedStatement] = {}
        self._stamps = 0
        self._tips: dict[int, Tip] = {}

    def prepared(self, cql: str, *, serial: bool = False) -> PreparedStatement:
        if cql not in self._prepared:
            statement = persist(lambda: self._session.prepare(cql))
            if serial:
                statement.consistency_level = ConsistencyLevel.LOCAL_SERIAL
            self._prepared[cql] = statement
        return self._prepared[cql]

    def start(
        self, cql: str, values: tuple[object, ...], *, serial: bool = False
    ) -> ResponseFuture:
        return self._session.execute_async(self.prepared(cql, serial=serial).bind(values))

    def seal(self, owner: str) -> None:
        cql = "INSERT INTO fences (owner, sealed) VALUES (?, true) IF NOT EXISTS"
        persist(lambda: self.start(cql, (owner,)).result())

    def claim(self) -> None:
        for shard in range(LOGS):
            persist(partial(self._claim, shard))
        for log in range(LOGS):
            persist(partial(self._adopt, log))
        if not persist(self.unsealed):
            sys.exit("sealed while it claimed")

    def _claim(self, shard: int) -> None:
        read = "SELECT epoch FROM shards WHERE shard = ?"
        row = self.start(read, (shard,), serial=True).result().one()
        if row is None:
            cql = "INSERT INTO shards (shard, epoch, owner) VALUES (?, 1, ?) IF NOT EXISTS"
            done = self.start(cql, (shard, self._name)).result().one()
        else:
            cql = "UPDATE shards SET epoch = ?, owner = ? WHERE shard = ? IF epoch = ?"
            done = self.start(cql, (row[0] + 1, self._name, shard, row[0])).result().one()
        if not done[0]:
            raise DriverException("somebody else claims")
        self._tips[shard] = Tip(row[0] + 1 if row else 1, 0)

    def _adopt(self, log: int) -> None:
        """Take up the tail: contiguous, of rising epochs, none below that of an earlier tip."""
        found = self.start("SELECT epoch, tip FROM tips WHERE log = ?", (log,)).result().one()
        epoch, tip = found or (0, 0)
        cql = "SELECT seq, epoch FROM log WHERE log = ? AND seq > ? ORDER BY seq"
        for seq, of in self.start(cql, (log, tip)).result():
            if seq != tip + 1 or of < epoch:
                break
            tip, epoch = seq, of
        mine = self._tips[log]
        mine.seq = tip
        cql = "INSERT INTO tips (log, epoch, tip) VALUES (?, ?, ?) USING TIMESTAMP ?"
        self.start(cql, (log, mine.epoch, tip, self._stamp(log))).result()

    def _stamp(self, log: int) -> int:
        self._stamps += 1
        return (self._tips[log].epoch << 40) + self._stamps

    def unsealed(self) -> bool:
        cql = "SELECT sealed FROM fences WHERE owner = ?"
        return self.start(cql, (self._name,)).result().one() is None

    def commit(self, chance: random.Random) -> bool:
        """One group; False when this owner is one no more."""
        cql = "INSERT INTO log (log, seq, epoch, body) VALUES (?, ?, ?, ?) USING TIMESTAMP ?"
        rows: list[tuple[int, int, int, str, int]] = []
        for log in chance.sample(range(LOGS), GROUP):
            tip = self._tips[log]
            tip.seq += 1
            body = f"{self._name} {secrets.token_hex(4)}"
            rows.append((log, tip.seq, tip.epoch, body, self._stamp(log)))
        while True:  # Of unknown outcome: the very same rows again, with the same stamps.
            try:
                for future in [self.start(cql, row) for row in rows]:
                    future.result()
                if self._reads_fence and not self.unsealed():
                    return False
                break
            except FAILURES:
                time.sleep(0.05)
        lines = "".join(f"{log} {seq} {body}\n" for log, seq, _, body, _ in rows)
        os.write(self._notes, lines.encode())
        return True


def say(line: str) -> None:
    """Tell whoever reads along."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def persist(what: Callable[[], T]) -> T:
    """The result of what may fail for a while."""
    for _ in range(200):
        try:
            return what()
        except FAILURES:
            time.sleep(0.1)
    sys.exit("the ring does not answer")


@contextlib.contextmanager
def connected(port: int, *, keyspace: str | None = KEYSPACE) -> Generator[Session]:
    profile = ExecutionProfile(
        RoundRobinPolicy(),
        consistency_level=ConsistencyLevel.LOCAL_QUORUM,
        serial_consistency_level=ConsistencyLevel.LOCAL_SERIAL,
        request_timeout=1.0,
        row_factory=tuple_factory,
    )
    cluster = Cluster(
        NODES, port, execution_profiles={EXEC_PROFILE_DEFAULT: profile}, sockopts=[(6, 1, 1)],
        metrics_enabled=False,
    )  # fmt: skip
    try:
        yield persist(lambda: cluster.connect(keyspace))
    finally:
        cluster.shutdown()


def own(arguments: argparse.Namespace) -> None:
    """An owner's life: seal who was before, claim, write until sealed or told to end."""
    notes = os.open(arguments.notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    with connected(arguments.port) as session:
        owner = Owner(session, arguments.own, notes, reads_fence=arguments.without != "read")
        if arguments.seal and arguments.without != "seal":
            owner.seal(arguments.seal)
        owner.claim()
        say("claimed")
        chance = random.Random(arguments.own)
        while owner.commit(chance):
            pass
        say("sealed")


def check(port: int, notes: Path) -> tuple[int, int]:
    """(acknowledged, lost): every note has to be in the logs, and no place may be noted twice."""
    lines = notes.read_text().splitlines()  # First: what is read later may hold more, never less.
    rows: dict[tuple[int, int], str] = {}
    with connected(port) as session:
        for log in range(LOGS):
            cql = f"SELECT seq, body FROM log WHERE log = {log}"
            for seq, body in persist(partial(session.execute, cql)):
                rows[log, seq] = body
    lost = 0
    seen: dict[tuple[int, int], str] = {}
    for line in lines:
        place, number, noted = line.split(" ", 2)
        key = (int(place), int(number))
        lost += rows.get(key) != noted or seen.setdefault(key, noted) != noted
    return len(lines), lost


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--without", choices=("read", "seal"))
    parser.add_argument("--own", help="(a process of the trial) be this owner")
    parser.add_argument("--port", type=int)
    parser.add_argument("--seal")
    parser.add_argument("--notes")
    arguments = parser.parse_args()
    if arguments.own:
        own(arguments)
    else:
        with running_ring(3) as ring:
            tried(ring, arguments)


def tried(ring: Ring, arguments: argparse.Namespace) -> None:
    """The trial: rounds of hand-overs, then the count."""
    with connected(ring.port, keyspace=None) as session:
        for cql in SCHEMA:
            session.execute(cql, timeout=60)
    notes = ring.folder / "notes"
    chance = random.Random(7)
    flags = ["--port", str(ring.port), "--notes", str(notes)]
    flags += ["--without", arguments.without] if arguments.without else []

    def owner(number: int) -> subprocess.Popen[str]:
        before = ["--seal", f"o{number - 1}"] if number else []
        command = [sys.executable, "-m", "tests.faults.fence_proof", "--own", f"o{number}"]
        process = subprocess.Popen([*command, *before, *flags], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "claimed\n"
        return process

    present = owner(0)
    for number in range(1, arguments.rounds + 1):
        time.sleep(chance.uniform(0.5, 2))
        present.send_signal(signal.SIGSTOP)
        victim = chance.randrange(1, 4) if number % 3 == 0 else None
        if victim:
            ring.signal(victim, signal.SIGKILL)
        successor = owner(number)
        time.sleep(chance.uniform(0, 1.5))
        present.send_signal(signal.SIGCONT)
        if arguments.without is None:
            present.wait(60)
        else:
            time.sleep(2)
            present.kill()
        present = successor
        if victim:
            ring.start()
        say(f"round {number}: {'replica killed, ' if victim else ''}{check(ring.port, notes)}")
    present.kill()
    present.wait()
    acknowledged, lost = check(ring.port, notes)
    say(f"{arguments.rounds} hand-overs, {acknowledged} acknowledged, {lost} lost")


if __name__ == "__main__":
    main()
