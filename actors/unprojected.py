"""What an owner that takes a log up finds committed, and perhaps not shown by the store yet."""

from __future__ import annotations

from ..config.ids import ConvId
from ..config.limits import Limits
from ..storage.contract import Logs
from ..storage.records import Activation, Entry, Message, Projection
from . import snapshot_codec
from .conversation_state import ConversationState
from .projections import fold

#: Entries read at once, and the most bytes of them.
_PAGE = 200
_PAGE_BYTES = 1 << 20


async def taken_up(
    logs: Logs, conv: ConvId, epoch: int, limits: Limits
) -> tuple[ConversationState, int]:
    """(a conversation's state as its owner finds it, the first seq that no snapshot has)

    0 for a log that was closed in order.

    Raises:
        StoreError: Not readable just now, or the epoch is over.
    """
    found = await logs.activate(conv, epoch)
    state = snapshot_codec.restore(conv, epoch, limits, found)
    state.revisions.adopt(await unprojected(logs, conv, state.revisions.written, found))
    return state, found.tail[0].seq if found.tail else 0


async def unprojected(
    logs: Logs, conv: ConvId, written: int, found: Activation
) -> list[Projection]:  # fmt: skip
    """The projections that the store may lack: one a text, with every change in it.

    A tombstone is among them even when the store shows it, for its erasure may have been cut short.

    Args:
        written: The store is known to show every change up to this seq.

    Raises:
        StoreError: Not readable just now.
    """
    texts: dict[int, Message] = {}
    missing: dict[int, Projection] = {}
    for change in await _changes(logs, conv, written, found):
        text = texts.get(change.target)
        if text is None:
            (text,) = await logs.page(conv, change.target, change.target, limit=1, max_bytes=0)
        folded = fold(text, change)
        if folded != text.projection or folded.deleted:
            missing[change.target] = folded
        texts[change.target] = Message(text.entry, folded)
    return list(missing.values())


async def _changes(logs: Logs, conv: ConvId, written: int, found: Activation) -> list[Entry]:
    """The changes after a seq: those that the snapshot includes, then those of the tail."""
    changes: list[Entry] = []
    last = 0 if found.snapshot is None else found.snapshot.seq
    while written < last:
        page = await logs.page(conv, written + 1, last, limit=_PAGE, max_bytes=_PAGE_BYTES)
        changes += [message.entry for message in page if message.entry.target]
        written = page[-1].entry.seq
    return changes + [entry for entry in found.tail if entry.target]


__all__ = ["taken_up", "unprojected"]
