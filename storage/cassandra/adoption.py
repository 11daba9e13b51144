"""Taking up a log under a claim: its tail is adopted, and from then on leavings cannot return."""

from __future__ import annotations

from ...config.errors import StoreError, StoreRetryableError
from ...config.ids import ConvId
from .bridge import Bridge
from .claims import Claim, Statement, Tip
from .columns import SNAPSHOT_IS_THERE
from .sender import Parcel, Sender
from .tail import read_tail

_SNAPSHOT = f"SELECT {SNAPSHOT_IS_THERE} FROM snapshots WHERE conv = ?"
_PUT_TIP = "INSERT INTO tips (conv, epoch, seq, count) VALUES (?, ?, ?, ?) USING TIMESTAMP ?"


def put_tip(claim: Claim, conv: ConvId, seq: int, count: int) -> Statement:
    """Let readers know how far a log is."""
    return _PUT_TIP, (conv, claim.epoch, seq, count, claim.stamp())


class Adoption:
    """Finds tips, and settles doubts. Nothing of it is told before the owner's fence was read."""

    def __init__(self, bridge: Bridge, sender: Sender) -> None:
        self._bridge = bridge
        self._sender = sender

    async def take_up(self, claim: Claim, conv: ConvId) -> StoreError | None:
        """Know a log's tip, or see its doubtful rows written; why not, if not."""
        try:
            tip = claim.tips.get(conv)
            if tip is None:
                claim.tips[conv] = await self._adopt(claim, conv)
            elif tip.doubt:
                await self._repeat(tip)
        except StoreError as error:
            return error
        return None

    async def _adopt(self, claim: Claim, conv: ConvId) -> Tip:
        asked = self._bridge.start(_SNAPSHOT, (conv,))
        tail = await read_tail(self._bridge, conv)
        snapshot = await asked
        seq, count = tail.end
        if tail.epoch < claim.epoch:
            # From here on no row of a lower epoch counts above this, however late it arrives.
            await self._bridge.run(*put_tip(claim, conv, seq, count))
            stored = seq
        else:
            stored = tail.seq
        return Tip(seq, count, stored, snapshot[0][0] if snapshot else 0)

    async def _repeat(self, tip: Tip) -> None:
        parcel = Parcel(tip.doubt)
        await self._sender.send([parcel])
        if parcel.error is not None:
            raise StoreRetryableError(f"rows of unknown outcome cannot be repeated: {parcel.error}")


__all__ = ["Adoption", "put_tip"]
