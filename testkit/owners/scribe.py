"""Writes one log, as the actor of a conversation does: it activates, appends, and may doubt.

Asked to end, it does; but some have not heard of it yet, and go on for a while. Those the store
refuses.
"""

from __future__ import annotations

from ...actors.waiting import pause
from ...config.clock import Clock
from ...config.errors import (
    HubbubError,
    OutcomeUnknownError,
    SeqMismatchError,
    StaleEpochError,
    StoreError,
)
from ...config.ids import ConvId, shard_of
from ...storage.cassandra.committer import Start
from ...storage.contract import Store
from ...storage.records import Entry, Snapshot
from ...transport.cluster.node_cluster import NodeCluster
from ..simulation.chance import SeededChance
from .record import Record

#: How many entries an append has; what does not come to a power of two is torn most easily.
SIZES = (1, 1, 1, 1, 2, 2, 3, 5, 9, 18)

_COMES_S = 0.5


class Scribe:
    """Implements `ports.Leaver`.

    Attributes:
        done: How many of its appends were acknowledged.
        epoch: Of the log, as it was taken up here last.
        flying: How many of its appends have no outcome yet.
    """

    def __init__(
        self,
        conv: ConvId,
        node: str,
        cluster: NodeCluster,
        store: Store,
        clock: Clock,
        chance: SeededChance,
        record: Record,
    ) -> None:
        self.conv = conv
        self.shard = shard_of(conv)
        self.done = 0
        self._leaves = self._lingers = False
        self._node = node
        self._cluster = cluster
        self._store = store
        self._clock = clock
        self._chance = chance
        self._record = record
        self.epoch = 0
        self._head = 0
        self._awake = False
        self._waking = False
        self.flying = 0
        self._shot = 0

    @property
    def awake(self) -> bool:
        """Whether it has taken the log up, and may write."""
        return self._awake and not self._leaves

    def is_alive(self) -> bool:
        """See `ports.Leaver`."""
        return self.flying > 0 or self._lingers

    def leave(self, start: Start, most_s: float) -> None:
        """End: its shard goes elsewhere, or the node stops.

        Args:
            start: Starts tasks.
            most_s: How long it may be before one that does not listen does.
        """
        self._leaves = True
        if self._awake and self._chance.happens(0.3):
            self._lingers = True
            start(self._linger(most_s), f"linger {self.conv}")
        else:
            self._awake = False

    async def _linger(self, most_s: float) -> None:
        for _ in range(4):
            await pause(self._clock, self._chance.uniform(0, most_s / 2))
            if self._awake:
                self.say(self._chance.among(SIZES))
        self._lingers = self._awake = False

    async def write(self, hushed: bool) -> None:
        """Hand in a few entries, if the log is this node's.

        Args:
            hushed: Nobody has anything to say; it is taken up all the same.
        """
        if self._leaves or self._waking:
            return
        if (not self._awake and not await self._wake()) or hushed:
            return
        for _ in range(self._chance.among((1, 1, 2, 4))):
            if self._awake:
                self.say(self._chance.among(SIZES))

    async def _wake(self) -> bool:
        self._waking = True
        try:
            self.epoch = epoch = await self._cluster.epoch(self.shard)
            if self._chance.happens(0.3):
                # An actor takes a while to come.
                await pause(self._clock, self._chance.uniform(0, _COMES_S))
            least = self._record.head(self.conv)
            found = await self._store.activate(self.conv, epoch)
        except StaleEpochError:
            self._cluster.disown(self.shard, self.epoch)
            return False
        except HubbubError as error:
            self._record.note(self._node, "asleep", self.conv, repr(error)[:80])
            return False
        finally:
            self._waking = False
        first = found.snapshot.seq if found.snapshot else 0
        if found.snapshot not in (None, _snapshot(first)):
            self._record.mixed(self.conv, f"{self._node} is shown {found.snapshot}")
        self._head = found.tail[-1].seq if found.tail else first
        self._record.note(self._node, "takes up", self.conv, epoch, self._head)
        if found.tail or first < least:
            self._record.read(self.conv, found.tail, least, self._node)
        self._record.took_up(self.conv, epoch, self._head)
        self._awake = not self._leaves
        return self._awake

    def say(self, size: int) -> None:
        """Hand in so many entries, in one append, whosever the log is by now."""
        entries: list[Entry] = []
        for _ in range(size):
            self._head += 1
            word = f"{self._node} {self.epoch} {self._head} {self._chance.rng.random()}".encode()
            entry = Entry(
                self._head, self.epoch, self._node, self._head, self._node, self._head, "text",
                word, self._head, 0,
            )  # fmt: skip
            entries.append(entry)
        self._record.says(entries)
        self.flying += 1
        epoch = self.epoch
        self._store.append(
            self.conv, epoch, entries, lambda error: self._hear(entries, epoch, error)
        )

    def _hear(self, entries: list[Entry], epoch: int, error: StoreError | None) -> None:
        self.flying -= 1
        note = f"{entries[0].seq}-{entries[-1].seq} of {epoch}"
        if error is None:
            self._record.note(self._node, "acked", self.conv, note)
            self._record.acked(self.conv, entries, self._node)
            self.done += 1
            if entries[-1].seq >= self._shot + 40 and epoch == self.epoch:
                self._shot = entries[-1].seq
                self._store.put_snapshot(self.conv, epoch, _snapshot(self._shot))
            return
        self._record.note(self._node, "not acked", self.conv, note, type(error).__name__)
        if epoch == self.epoch:
            self._awake = False
        match error:
            case OutcomeUnknownError():
                # Either way is right: the very same rows first, or an epoch of its own.
                if self._chance.happens(0.5):
                    self._cluster.disown(self.shard, epoch)
            case StaleEpochError():
                self._cluster.disown(self.shard, epoch)
            case SeqMismatchError():
                self._record.refused(entries)
            case _:
                self._record.refused(entries)


def _snapshot(seq: int) -> Snapshot:
    return Snapshot(seq, f"all up to {seq}".encode(), {"n1": seq})


__all__ = ["SIZES", "Scribe"]
