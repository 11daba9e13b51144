"""Three copies of everything, asked at quorums, on virtual time, with everything going wrong.

write         at one copy first, at two when it is acknowledged; the third now, or by a hint
  of unknown outcome: at any of them, and at the others late, or never
read          one copy now, another a little later; they are merged, and both repaired: what was
  read of the rows, and nothing else of them
conditional   decided at one moment for the partition; seen by whoever reads at a quorum once it
  was acknowledged, or once anything else was decided there after it
  of unknown outcome: nothing, decided, or proposed: the next decision there takes it up or ends it

Nothing is done at once: a request takes a while to its first copy, and a while back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ...config.clock import Chance, Clock
from ...config.errors import OutcomeUnknownError, StoreError, StoreRetryableError
from ...config.units import MILLISECONDS
from .cells import of_columns
from .replica import Key, Mutation, Part, PartitionKey, Replica, Wanted, mutation_of
from .selection import rows_of, wanted_by
from .statements import Batch, Condition, Select

Row = tuple[Any, ...]
#: Hears what came of a request: its rows, or why not.
Told = Callable[[list[Row], StoreError | None], None]

#: What becomes of a request. refused: nothing was begun, and it is said. lost: nothing happened,
#: and nobody knows. unknown: it is at a quorum, and nobody knows. torn: it is at some copies, may
#: come to others late, and nobody knows. late: it is at one copy or at none, comes to the others
#: when it is told to (`arrive`), and nobody knows.
Fate = Literal["done", "refused", "lost", "unknown", "torn", "late"]

REPLICAS = 3
QUORUM = 2


@dataclass(slots=True)
class RingFaults:
    """What goes wrong by itself, until it is told otherwise.

    Attributes:
        doubt: The share of writes that are torn, or otherwise of unknown outcome.
        strays: The share of writes that come to the third copy by a hint.
        hint_s: The longest way of a hint.
        forgotten: The share of hints that are lost.
        timeout_s: The longest that an outcome which nobody knows is waited for.
    """

    doubt: float = 0.0
    strays: float = 0.0
    hint_s: float = 0.0
    forgotten: float = 0.0
    timeout_s: float = 0.3

    def end(self) -> None:
        """Nothing goes wrong any more; what is under way stays so."""
        self.doubt = self.strays = self.hint_s = self.forgotten = 0.0


@dataclass(slots=True)
class _Decisions:
    """Of one partition.

    Attributes:
        decided: What was, and is not yet known to be at a quorum.
        proposed: What the next decision takes up, or ends.
    """

    decided: list[Mutation] = field(default_factory=list[Mutation])
    proposed: Mutation | None = None


class MemoryRing:
    """See the module.

    Args:
        latency_s: The longest way to a copy, or back.

    Attributes:
        faults: What goes wrong.
        down: Which copies are out of reach; what they know they keep.
    """

    def __init__(
        self, clock: Clock, chance: Chance, *, latency_s: float = 2 * MILLISECONDS
    ) -> None:
        self.faults = RingFaults()
        self.down: set[int] = set()
        self._clock = clock
        self._chance = chance
        self._latency_s = latency_s
        self._replicas = [Replica() for _ in range(REPLICAS)]
        #: {copy: what it missed while it was down}
        self._missed: dict[int, list[Mutation]] = {n: [] for n in range(REPLICAS)}
        #: (copy, what is late there)
        self._late: list[tuple[int, Mutation]] = []
        self._decisions: dict[PartitionKey, _Decisions] = {}
        self._stamps = 0

    # --- requests -------------------------------------------------------------------------------

    def write(
        self, batch: Batch, values: Sequence[Any], told: Told, fate: Fate | None, slow: float
    ) -> None:
        """Write at a quorum.

        Args:
            fate: What becomes of it; None leaves that to chance.
            slow: How many times as long as usual it takes.
        """
        mutation = mutation_of(batch, values)

        def arrive() -> None:
            up = self._up()
            become = self._fate(fate, up)
            if become != "done":
                self._doubtful(mutation, become, told, slow)
                return
            first, second, *others = up
            self._replicas[first].apply(mutation)
            for other in (n for n in range(REPLICAS) if n not in (first, second)):
                if other not in others or self._happens(self.faults.strays):
                    self._hint(other, mutation)
                else:
                    self._replicas[other].apply(mutation)

            def reply() -> None:
                self._replicas[second].apply(mutation)
                told([], None)

            self._later(slow, reply)

        self._later(slow, arrive)

    def read(self, select: Select, values: Sequence[Any], told: Told, slow: float) -> None:
        """Read at a quorum; what two copies know differently both know afterwards."""
        if select.partition is None:
            self._scan(select, values, told, slow)
            return
        at = select.table.name, tuple(term(values) for term in select.partition)
        wanted = wanted_by(select, values)

        def arrive() -> None:
            up = self._up()
            if len(up) < QUORUM:
                told([], StoreRetryableError("two copies cannot be reached"))
                return
            seen = self._replicas[up[0]].look(at, wanted)

            def reply() -> None:
                found = self._repaired(at, seen, up[0], up[1], wanted, select.fetched)
                told(rows_of(select, at[1], found, values), None)

            self._later(slow, reply)

        self._later(slow, arrive)

    def read_serial(self, select: Select, values: Sequence[Any], told: Told, slow: float) -> None:
        """Read what was decided last; whoever reads at a quorum afterwards finds it, too."""
        assert select.partition is not None
        at = select.table.name, tuple(term(values) for term in select.partition)
        wanted = wanted_by(select, values)

        def arrive() -> None:
            if len(self._up()) < QUORUM:
                told([], StoreRetryableError("two copies cannot be reached"))
                return
            self._conclude(at)
            rows = rows_of(select, at[1], self._known(at, wanted), values)
            self._later(slow, lambda: told(rows, None))

        self._later(slow, arrive)

    def decide(
        self, batch: Batch, values: Sequence[Any], told: Told, fate: Fate | None, slow: float
    ) -> None:
        """A conditional write; its row tells whether it was done."""
        (write,) = batch.writes
        condition = write.condition
        assert condition is not None

        def arrive() -> None:
            self._stamps += 1
            mutation = mutation_of(batch, values, self._stamps)
            up = self._up()
            become = self._fate(fate, up)
            if become in ("refused", "lost"):
                self._doubtful(mutation, become, told, slow)
                return
            at = mutation.at
            self._conclude(at)
            done = self._holds(condition, values, at, next(iter(mutation.rows)))
            decisions = self._decisions.setdefault(at, _Decisions())
            if done and become == "torn" and self._happens(0.5):
                decisions.proposed = mutation
            elif done:
                decisions.decided.append(mutation)
                if self._happens(0.5):
                    self._replicas[up[0]].apply(mutation)
            if become != "done":
                self._unknown(told, slow)
                return

            def reply() -> None:
                self._settle(at)
                told([(done,)], None)

            self._later(slow, reply)

        self._later(slow, arrive)

    # --- faults ---------------------------------------------------------------------------------

    def fall(self, replica: int) -> None:
        """A copy cannot be reached any more; it misses what is written meanwhile."""
        self.down.add(replica)

    def rise(self, replica: int) -> None:
        """It can be reached again, and is told what it missed, in a while; harmless if it could."""
        self.down.discard(replica)
        missed, self._missed[replica] = self._missed[replica], []
        for mutation in missed:
            self._hint(replica, mutation)

    def arrive(self) -> None:
        """What is late comes now."""
        late, self._late = self._late, []
        for replica, mutation in late:
            self._take(replica, mutation)

    # --- for those who look at it from outside --------------------------------------------------

    def partitions(self, table: str) -> list[Key]:
        """What names the partitions of a table, at any copy."""
        found = {key for replica in self._replicas for key in replica.partitions(table)}
        return sorted(found)

    # --- copies ---------------------------------------------------------------------------------

    def _up(self) -> list[int]:
        """The copies that can be reached, in any order."""
        up = [n for n in range(REPLICAS) if n not in self.down]
        for n in range(len(up) - 1):
            other = n + int(self._chance.uniform(0, len(up) - n))
            up[n], up[other] = up[other], up[n]
        return up

    def _hint(self, replica: int, mutation: Mutation) -> None:
        """It comes to a copy later, if it does."""
        if self._happens(self.faults.forgotten):
            return
        wait_s = self._chance.uniform(0, self.faults.hint_s)
        self._clock.call_later(wait_s, lambda: self._take(replica, mutation))

    def _take(self, replica: int, mutation: Mutation) -> None:
        """It is at a copy now, or once that can be reached."""
        if replica in self.down:
            self._missed[replica].append(mutation)
        else:
            self._replicas[replica].apply(mutation)

    def _repaired(
        self,
        at: PartitionKey,
        seen: Part,
        first: int,
        second: int,
        wanted: Wanted,
        columns: frozenset[str],
    ) -> Part:
        other = self._replicas[second].look(at, wanted)
        if seen.deleted == other.deleted and seen.rows == other.rows:
            return other
        seen.take(other.rows, other.deleted)
        rows = {key: of_columns(row, columns) for key, row in seen.rows.items()}
        repair = Mutation(at, rows, seen.deleted)
        self._replicas[first].apply(repair)
        self._replicas[second].apply(repair)
        return seen

    def _known(self, at: PartitionKey, wanted: Wanted) -> Part:
        """What any copy within reach knows."""
        known = Part()
        for n, replica in enumerate(self._replicas):
            if n not in self.down:
                part = replica.look(at, wanted)
                known.take(part.rows, part.deleted)
        return known

    def _scan(self, select: Select, values: Sequence[Any], told: Told, slow: float) -> None:
        def arrive() -> None:
            up = self._up()
            if len(up) < QUORUM:
                told([], StoreRetryableError("two copies cannot be reached"))
                return
            rows: list[Row] = []
            wanted = wanted_by(select, values)
            for key in self.partitions(select.table.name):
                at = select.table.name, key
                seen = self._replicas[up[0]].look(at, wanted)
                found = self._repaired(at, seen, up[0], up[1], wanted, select.fetched)
                rows += rows_of(select, key, found, values)
            self._later(slow, lambda: told(rows, None))

        self._later(slow, arrive)

    # --- outcomes -------------------------------------------------------------------------------

    def _fate(self, fate: Fate | None, up: list[int]) -> Fate:
        if len(up) < QUORUM:
            return "refused"
        if fate is not None:
            return fate
        if self._happens(self.faults.doubt):
            return "torn" if self._happens(0.6) else "unknown"
        return "done"

    def _doubtful(self, mutation: Mutation, fate: Fate, told: Told, slow: float) -> None:
        if fate == "refused":
            told([], StoreRetryableError("two copies cannot be reached"))
            return
        if fate == "late":
            first = self._up()[: int(self._chance.uniform(0, 2))]
            for n in range(REPLICAS):
                if n in first:
                    self._replicas[n].apply(mutation)
                else:
                    self._late.append((n, mutation))
        elif fate != "lost":
            up = self._up()
            least = QUORUM if fate == "unknown" else 0
            at_once = least + int(self._chance.uniform(0, len(up) - least + 1))
            for n in range(REPLICAS):
                if n in up[:at_once]:
                    self._replicas[n].apply(mutation)
                elif self._happens(0.7):
                    self._hint(n, mutation)
        self._unknown(told, slow)

    def _unknown(self, told: Told, slow: float) -> None:
        wait_s = self._chance.uniform(0, self.faults.timeout_s) * min(slow, 10.0)
        lost = OutcomeUnknownError("lost on the way")
        self._clock.call_later(wait_s, lambda: told([], lost))

    # --- decisions ------------------------------------------------------------------------------

    def _conclude(self, at: PartitionKey) -> None:
        """Before anything is decided in a partition, what was stands fast, or never will."""
        decisions = self._decisions.get(at)
        if decisions is None:
            return
        proposed, decisions.proposed = decisions.proposed, None
        if proposed is not None and self._happens(0.5):
            decisions.decided.append(proposed)
        self._settle(at)

    def _settle(self, at: PartitionKey) -> None:
        """What was decided is at a quorum."""
        decisions = self._decisions.get(at)
        if decisions is None:
            return
        decided, decisions.decided = decisions.decided, []
        for mutation in decided:
            up = self._up()
            for n in range(REPLICAS):
                if n in up[:QUORUM] or (n in up and not self._happens(self.faults.strays)):
                    self._replicas[n].apply(mutation)
                else:
                    self._hint(n, mutation)

    def _holds(
        self, condition: Condition, values: Sequence[Any], at: PartitionKey, row: Key
    ) -> bool:
        known = self._known(at, lambda keys: [key for key in keys if key == row])
        found = known.shown(row)
        match condition.kind:
            case "absent":
                return found is None
            case "present":
                return found is not None
            case "equal":
                cells = found or {}
                return all(cells.get(name) == term(values) for name, term in condition.cells)

    # --- time and chance ------------------------------------------------------------------------

    def _later(self, slow: float, call: Callable[[], object]) -> None:
        self._clock.call_later(self._chance.uniform(0, self._latency_s) * slow, call)

    def _happens(self, probability: float) -> bool:
        return probability > 0 and self._chance.uniform(0, 1) < probability


__all__ = ["QUORUM", "REPLICAS", "Fate", "MemoryRing", "RingFaults", "Told"]
