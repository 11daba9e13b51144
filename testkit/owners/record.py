"""What owners were told and readers were shown: what was once so has to stay so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ...config.ids import ConvId
from ...storage.records import Entry
from ..simulation.checker import Findings


@dataclass(slots=True)
class Record:
    """Of one life.

    Attributes:
        acks: How many entries were acknowledged.
        reads: How many answers of readers were held against what is known.
    """

    findings: Findings
    note: Callable[..., None]
    acks: int = 0
    reads: int = 0
    #: {log: {seq: what stands there, as somebody was told}}
    _known: dict[ConvId, dict[int, bytes]] = field(default_factory=dict[ConvId, dict[int, bytes]])
    #: {log: its head, as somebody was told}
    _heads: dict[ConvId, int] = field(default_factory=dict[ConvId, int])
    _acked: dict[ConvId, int] = field(default_factory=dict[ConvId, int])
    #: {log: (epoch, head) of each time that it was taken up}
    _taken: dict[ConvId, list[tuple[int, int]]] = field(
        default_factory=dict[ConvId, list[tuple[int, int]]]
    )
    #: {text: all that was handed in together with it}
    _said: dict[bytes, list[Entry]] = field(default_factory=dict[bytes, list[Entry]])
    #: Those that surely were not stored.
    _refused: set[bytes] = field(default_factory=set[bytes])

    def head(self, conv: ConvId) -> int:
        """How far a log is at least, as anybody was told: its next owner has to find that."""
        return self._heads.get(conv, 0)

    def acked_head(self, conv: ConvId) -> int:
        """How far it is at least for everybody who asks from now on: what is only on its way its
        owner need not show, though others may have seen it."""
        return self._acked.get(conv, 0)

    def says(self, entries: list[Entry]) -> None:
        """An owner hands this in, all or nothing."""
        self._said.update((entry.body, entries) for entry in entries)

    def took_up(self, conv: ConvId, epoch: int, head: int) -> None:
        """An owner was told that a log goes so far: beyond, no row of an earlier epoch counts."""
        self._taken.setdefault(conv, []).append((epoch, head))

    def acked(self, conv: ConvId, entries: Sequence[Entry], who: str) -> None:
        """It counts, its owner was told."""
        self.acks += len(entries)
        self._acked[conv] = max(entries[-1].seq, self._acked.get(conv, 0))
        for entry in entries:
            self._know(conv, entry, f"acknowledged to {who}")

    def refused(self, entries: Sequence[Entry]) -> None:
        """It did not happen, its owner was told."""
        self._refused.update(entry.body for entry in entries)

    def read(self, conv: ConvId, entries: Sequence[Entry], least: int, who: str) -> None:
        """All of a log, or its end, as somebody was shown it.

        Args:
            least: The head that it has to have.
        """
        self.reads += 1
        for entry in entries:
            self._know(conv, entry, f"shown to {who}")
            if entry.body in self._refused:
                self._break("refused", conv, f"{entry.seq} was refused, and is shown to {who}")
        head = entries[-1].seq if entries else 0
        if head < least:
            self._break("lost", conv, f"{who} is shown {head} entries, {least} were known")

    def mixed(self, conv: ConvId, says: str) -> None:
        """A snapshot is shown that nobody made."""
        self._break("mixed", conv, says)

    def whole(self, conv: ConvId, entries: Sequence[Entry]) -> None:
        """What stands in the end: everything known, in order, and nothing else."""
        epoch = 0
        bodies: set[bytes] = set()
        for n, entry in enumerate(entries, 1):
            if entry.seq != n:
                self._break("contiguous", conv, f"{entry.seq} stands at {n}")
                return
            if entry.epoch < epoch:
                self._break("epoch", conv, f"the epoch falls at {n}")
            if entry.body not in self._said:
                self._break("from nowhere", conv, f"nobody said {n}")
            if entry.body in bodies:
                self._break("doubled", conv, f"{n} stands twice")
            epoch = entry.epoch
            bodies.add(entry.body)
        for body in bodies:
            together = self._said.get(body, ())
            if together and body == together[0].body:
                missing = [e.seq for e in together if e.body not in bodies]
                if missing:
                    self._break("torn", conv, f"{together[0].seq} stands without {missing}")
        self.read(conv, entries, self.head(conv), "everybody")

    def _know(self, conv: ConvId, entry: Entry, how: str) -> None:
        seq, body = entry.seq, entry.body
        had = self._known.setdefault(conv, {}).setdefault(seq, body)
        if had != body:
            self._break("one content", conv, f"{seq} is {body!r}, {how}, and was {had!r}")
        for epoch, head in self._taken.get(conv, ()):
            if seq > head and entry.epoch < epoch:
                says = f"{seq} of epoch {entry.epoch} is {how}, beyond {head} of epoch {epoch}"
                self._break("came back", conv, says)
        self._heads[conv] = max(seq, self._heads.get(conv, 0))

    def _break(self, rule: str, conv: ConvId, says: str) -> None:
        self.note("record", f"broken: {rule}", conv, says)
        self.findings.add(rule, f"{conv}: {says}", conv)


__all__ = ["Record"]
