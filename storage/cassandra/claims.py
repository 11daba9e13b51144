"""What this process holds: which shards, under which epochs, and how far each of their logs is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ...config.errors import StaleEpochError
from ...config.ids import ConvId, shard_of

#: A stamp is (epoch << STAMP_BITS) + a count: a later epoch's always win, whatever the clocks say.
STAMP_BITS = 40

#: A statement with its values; sent again it does the same.
Statement = tuple[str, Sequence[object]]


@dataclass(slots=True)
class Tip:
    """How far a log is, as its owner knows.

    Attributes:
        seq, count: Of the newest entry that was committed.
        stored: The tip that readers find in the store; it trails `seq`.
        snapshot: The seq of the newest snapshot.
        doubt: Rows of unknown outcome, to be written again before anything else is: within an epoch
            a seq names one content for ever. Empty for none.
        doubted: (seq, count) of the last of them.
    """

    seq: int
    count: int
    stored: int
    snapshot: int
    doubt: list[Statement] = field(default_factory=list[Statement])
    doubted: tuple[int, int] = (0, 0)

    def settle(self) -> None:
        """What was doubtful is written, and the owner's fence was open after it."""
        if self.doubt:
            self.seq, self.count = self.doubted
            self.doubt = []


class Claim:
    """One epoch of a shard.

    Attributes:
        tips: {log: its tip}, of those that were adopted in this epoch, the longest unused first.
    """

    def __init__(self, shard: int, epoch: int, owner: str) -> None:
        self.shard = shard
        self.epoch = epoch
        self.owner = owner
        self.tips: dict[ConvId, Tip] = {}
        self._stamps = 0

    def stamp(self) -> int:
        """The next timestamp of a write; never the same twice, whatever becomes of the actors."""
        self._stamps += 1
        return (self.epoch << STAMP_BITS) + self._stamps


class Claims:
    """All and only the shards that this process believes to own."""

    def __init__(self) -> None:
        self._claims: dict[int, Claim] = {}
        #: {shard: the newest epoch known of one that is not held}
        self._past: dict[int, int] = {}

    def __iter__(self) -> Iterator[Claim]:
        return iter(list(self._claims.values()))

    def of(self, conv: ConvId) -> Claim | None:
        """The claim that a log falls under."""
        return self._claims.get(shard_of(conv))

    def on(self, shard: int) -> Claim | None:
        """The claim on a shard."""
        return self._claims.get(shard)

    def tip(self, conv: ConvId) -> Tip | None:
        """A log's tip, if it is held and adopted."""
        claim = self.of(conv)
        if claim is None:
            return None
        tip = claim.tips.pop(conv, None)
        if tip is not None:
            claim.tips[conv] = tip  # the most recently used is last
        return tip

    def owned(self, conv: ConvId, epoch: int) -> Claim:
        """The claim, if it is of this epoch.

        Raises:
            StaleEpochError: It is not.
        """
        shard = shard_of(conv)
        claim = self._claims.get(shard)
        if claim is None or claim.epoch != epoch:
            current = claim.epoch if claim else self._past.get(shard, 0)
            raise StaleEpochError(epoch, current)
        return claim

    def take(self, claim: Claim) -> None:
        """Hold a shard anew."""
        self._claims[claim.shard] = claim

    def drop(self, shard: int, current: int) -> None:
        """Hold a shard no more: another epoch is in force."""
        self._claims.pop(shard, None)
        self._past[shard] = max(current, self._past.get(shard, 0))

    def drop_owner(self, owner: str) -> None:
        """Nothing of an owner's is held any more: it was sealed."""
        for claim in self:
            if claim.owner == owner:
                self.drop(claim.shard, claim.epoch)


__all__ = ["STAMP_BITS", "Claim", "Claims", "Statement", "Tip"]
